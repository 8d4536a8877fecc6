// ml/reducer.h: an algorithm that describes rows by fewer numbers, as a learner is one: a struct of parameters and one pure
// function.
//
//   struct Pca {
//     using Params = PcaParams;
//     using Model = PcaModel;             // report, transform, save, load
//     static constexpr LearnerInfo info{...};
//     static Model fit(const Params&, const Samples&, const Context&);
//   };
//
// Optional members of a model   explained_variance, explained_variance_ratio, singular_values (Vector, one a component),
//                               components (Matrix, k x d: a direction a row), inverse_transform (n x k -> n x d)
// See      ml/learner.h for traits, reports and explanations; the catalogue, the cli and the contract tests see only
//          AnyReduction and Reducer.
#pragma once
#include "assay/ml/clusterer.h"

namespace assay {

template <class L>
concept Reduces = Unsupervised<L> && requires(const typename L::Model& m, const Samples& x, const Context& ctx) {
  { m.transform(x, ctx) } -> std::same_as<Matrix>;
};

/// A reduction whose type is forgotten.
class AnyReduction {
 public:
  virtual ~AnyReduction() = default;
  virtual Matrix transform(const Samples& samples, const Context& ctx) const = 0;  ///< n x k
  virtual bool has_inverse() const = 0;
  virtual Matrix inverse_transform(const Matrix& scores) const = 0;  ///< UsageError without one
  // Empty where the method has none.
  virtual const Vector& explained_variance() const = 0;
  virtual const Vector& explained_variance_ratio() const = 0;
  virtual const Vector& singular_values() const = 0;
  virtual const Matrix& components() const = 0;
  virtual const FitReport& report() const = 0;
  virtual void set_report(FitReport report) = 0;  ///< when a model is read from its file
  virtual void save(ArchiveWriter& out) const = 0;
  virtual Explanation explain(const std::vector<Column>& columns) const = 0;
};

/// One line of the catalogue.
struct Reducer {
  const LearnerInfo* info;
  std::unique_ptr<AnyParams> (*params)();
  /// Parameters of the reducer's own type (as `params` made them); throws ParameterError, DataError.
  std::unique_ptr<AnyReduction> (*fit)(const AnyParams&, const Samples&, const Context&);
  /// The columns are known from the file's head; ModelError.
  std::unique_ptr<AnyReduction> (*load)(const ArchiveReader&, const std::vector<Column>& columns);
  std::string_view name() const { return info->name; }
  const Traits& traits() const { return info->traits; }
};

namespace detail {

template <class M>
class ReductionOf final : public AnyReduction {
 public:
  explicit ReductionOf(M m) : model_(std::move(m)) {}
  Matrix transform(const Samples& x, const Context& ctx) const override { return model_.transform(x, ctx); }
  bool has_inverse() const override { return kInverts; }
  Matrix inverse_transform(const Matrix& scores) const override {
    if constexpr (kInverts) return model_.inverse_transform(scores);
    throw UsageError("this reduction has no way back");
  }
  const Vector& explained_variance() const override {
    if constexpr (requires { is_vector(model_.explained_variance); }) return model_.explained_variance;
    return no_values();
  }
  const Vector& explained_variance_ratio() const override {
    if constexpr (requires { is_vector(model_.explained_variance_ratio); }) return model_.explained_variance_ratio;
    return no_values();
  }
  const Vector& singular_values() const override {
    if constexpr (requires { is_vector(model_.singular_values); }) return model_.singular_values;
    return no_values();
  }
  const Matrix& components() const override {
    if constexpr (requires { is_matrix(model_.components); }) return model_.components;
    static const Matrix none;
    return none;
  }
  const FitReport& report() const override { return model_.report; }
  void set_report(FitReport report) override { model_.report = std::move(report); }
  void save(ArchiveWriter& out) const override { model_.save(out); }
  Explanation explain(const std::vector<Column>& columns) const override {
    if constexpr (requires { model_.explain(columns); }) return model_.explain(columns);
    return {};
  }

 private:
  static const Vector& no_values() {
    static const Vector none;
    return none;
  }
  static constexpr bool kInverts = requires(const M& m, const Matrix& scores) { m.inverse_transform(scores); };
  M model_;
};

}  // namespace detail

/// The catalogue's line for reducer type L.
template <Reduces L>
constexpr Reducer reducer() {
  using P = typename L::Params;
  using M = typename L::Model;
  return {&L::info, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& p, const Samples& x, const Context& ctx) -> std::unique_ptr<AnyReduction> {
            const P& params = dynamic_cast<const ParamsOf<P>&>(p).value;
            check_params(params);
            return std::make_unique<detail::ReductionOf<M>>(L::fit(params, x, ctx));
          },
          [](const ArchiveReader& in, const std::vector<Column>& columns) -> std::unique_ptr<AnyReduction> {
            return std::make_unique<detail::ReductionOf<M>>(M::load(in, columns));
          }};
}

}  // namespace assay
