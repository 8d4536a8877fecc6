// ml/clusterer.h: an algorithm that groups rows, as a learner is one: a struct of parameters and one pure function.
//
//   struct KMeans {
//     using Params = KMeansParams;
//     using Model = KMeansModel;          // report, labels, clusters, save, load; predict unless it is transductive
//     static constexpr LearnerInfo info{...};
//     static Model fit(const Params&, const Samples&, const Context&);
//   };
//
// Labels   0..clusters-1, noise -1
// See      ml/learner.h for traits, reports and explanations; the catalogue, the cli and the contract tests see only
//          AnyClustering and Clusterer.
#pragma once
#include "assay/ml/learner.h"

namespace assay {

/// The label of rows that belong to no cluster.
inline constexpr int kNoise = -1;

template <class L>
concept Unsupervised = requires(const typename L::Params& p, const Samples& x, const Context& ctx) {
  { L::fit(p, x, ctx) } -> std::same_as<typename L::Model>;
};

/// A clustering of rows. Where `info.traits.transductive` is not set, the model also predicts.
template <class L>
concept Clusters = Unsupervised<L> && requires(const typename L::Model& m, const Samples& x, const Context& ctx) {
  { m.labels } -> std::convertible_to<const std::vector<int>&>;
  { m.clusters } -> std::convertible_to<int>;
  requires L::info.traits.transductive || requires {
    { m.predict(x, ctx) } -> std::same_as<std::vector<int>>;
  };
};

/// Of a tree of clusters 0..n-1 (the rows) and n + t (what merge t made): a < b become cluster n + t, of so many rows.
struct Merge {
  int a, b;
  double height;
  int rows;
};

/// A clustering whose type is forgotten.
class AnyClustering {
 public:
  virtual ~AnyClustering() = default;
  /// Of the training rows; empty where the model comes from a file that does not keep them.
  virtual const std::vector<int>& labels() const = 0;
  virtual int clusters() const = 0;
  virtual bool has_predict() const = 0;
  virtual std::vector<int> predict(const Samples& samples, const Context& ctx) const = 0;  ///< UsageError without one
  virtual bool has_proba() const = 0;
  virtual Matrix predict_proba(const Samples& samples, const Context& ctx) const = 0;  ///< n x clusters, rows sum to 1
  /// clusters x d in the pipeline's units; empty where the method has none.
  virtual const Matrix& centers() const = 0;
  /// The tree, n - 1 merges whose heights never fall; empty where the method makes none.
  virtual const std::vector<Merge>& merges() const = 0;
  virtual const FitReport& report() const = 0;
  virtual void set_report(FitReport report) = 0;  ///< when a model is read from its file
  virtual void save(ArchiveWriter& out) const = 0;
  virtual Explanation explain(const std::vector<Column>& columns) const = 0;
};

/// One line of the catalogue.
struct Clusterer {
  const LearnerInfo* info;
  std::unique_ptr<AnyParams> (*params)();
  /// Parameters of the clusterer's own type (as `params` made them); throws ParameterError, DataError.
  std::unique_ptr<AnyClustering> (*fit)(const AnyParams&, const Samples&, const Context&);
  /// The columns are known from the file's head; ModelError.
  std::unique_ptr<AnyClustering> (*load)(const ArchiveReader&, const std::vector<Column>& columns);
  std::string_view name() const { return info->name; }
  const Traits& traits() const { return info->traits; }
};

namespace detail {

// Only declared: a member of another type under that name is none of ours.
void is_matrix(const Matrix&);
void is_vector(const Vector&);

template <class M>
class ClusteringOf final : public AnyClustering {
 public:
  explicit ClusteringOf(M m) : model_(std::move(m)) {}
  const std::vector<int>& labels() const override { return model_.labels; }
  int clusters() const override { return model_.clusters; }
  bool has_predict() const override { return kPredicts; }
  std::vector<int> predict(const Samples& x, const Context& ctx) const override {
    if constexpr (kPredicts) return model_.predict(x, ctx);
    throw UsageError("this method groups the rows it was given and cannot place new ones");
  }
  bool has_proba() const override { return kProba; }
  Matrix predict_proba(const Samples& x, const Context& ctx) const override {
    if constexpr (kProba) return model_.predict_proba(x, ctx);
    throw UsageError("this model has no probabilities");
  }
  const Matrix& centers() const override {
    if constexpr (requires { is_matrix(model_.centers); }) return model_.centers;
    static const Matrix none;
    return none;
  }
  const std::vector<Merge>& merges() const override {
    if constexpr (requires { model_.merges; }) return model_.merges;
    static const std::vector<Merge> none;
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
  static constexpr bool kPredicts = requires(const M& m, const Samples& x, const Context& c) { m.predict(x, c); };
  static constexpr bool kProba = requires(const M& m, const Samples& x, const Context& c) { m.predict_proba(x, c); };
  M model_;
};

}  // namespace detail

/// The catalogue's line for clusterer type L.
template <Clusters L>
constexpr Clusterer clusterer() {
  using P = typename L::Params;
  using M = typename L::Model;
  return {&L::info, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& p, const Samples& x, const Context& ctx) -> std::unique_ptr<AnyClustering> {
            const P& params = dynamic_cast<const ParamsOf<P>&>(p).value;
            check_params(params);
            return std::make_unique<detail::ClusteringOf<M>>(L::fit(params, x, ctx));
          },
          [](const ArchiveReader& in, const std::vector<Column>& columns) -> std::unique_ptr<AnyClustering> {
            return std::make_unique<detail::ClusteringOf<M>>(M::load(in, columns));
          }};
}

}  // namespace assay
