// ml/learner.h: the one idea: a learner is one name, one struct of parameters, one pure function.
//
//   struct Logistic {
//     using Params = LogisticParams;
//     using Model = LogisticModel;
//     static constexpr LearnerInfo info{...};
//     static Model fit(const Params&, const Samples&, const Target&, const Context&);
//   };
//
// The catalogue forgets these types (AnyModel, Learner below); the cli, the docs and the contract tests see only that.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "assay/core/archive.h"
#include "assay/core/context.h"
#include "assay/core/params.h"
#include "assay/ml/data/samples.h"

namespace assay {

enum class Layout { rows, columns };
enum class Weights { none, exact, approximate };

/// What an algorithm is and asks for, as data: the pipeline, `compare` and the contract tests read nothing else. Clusterers
/// and reducers have no task and never `needs_scaling`: nothing of theirs is scaled unless asked.
struct Traits {
  bool classification = false, regression = false;
  Layout layout = Layout::rows;
  bool needs_scaling = false;
  bool accepts_missing = false;
  bool accepts_categories = false;
  bool accepts_sparse = false;
  Weights weights = Weights::none;
  bool rowwise_exact = true;  ///< predicting a subset equals the subset of the prediction, bit for bit
  bool non_negative = false;
  int min_classes = 1;
  bool baseline = true;       ///< in `compare` by default
  bool quadratic = false;     ///< cost class: time or memory grows as n^2, left out of `compare` above 20 000 rows
  bool transductive = false;  ///< clusterers: answers for the training rows alone, there is no `predict`
  bool labels_predicted =
      true;                    ///< clusterers that predict: on the training rows `predict` gives `labels`, bit for bit
  const char* objective = "";  ///< what `report.objective` is, as a key of the JSON: "inertia"
};

struct LearnerInfo {
  const char* name;
  const char* title;                           ///< one line for `list`
  const char* reference;                       ///< key of REFERENCES.bib with section or equation
  std::initializer_list<const char*> aliases;  ///< names of other libraries
  Traits traits;
};

/// Every model has one: did the method reach what it promises?
struct FitReport {
  bool converged = true;
  long iterations = 0;
  double objective = 0;
  std::string note;                                  ///< what to do where it did not converge; which method was chosen
  std::string warning;                               ///< what is odd about the data although it converged
  std::vector<std::pair<std::string, double>> more;  ///< further keys of the JSON report: "gradient_norm", "leaves"
};

/// What a model says about itself: sentences, tables, rules, and one importance a feature where it has them.
struct Explanation {
  struct Table {
    std::string title;
    std::vector<std::string> header;
    std::vector<std::vector<std::variant<std::string, double>>> rows;
  };
  std::vector<std::string> sentences;
  std::vector<Table> tables;
  std::vector<std::string> rules;
  std::string importance_name;  ///< what the numbers are: "mean decrease of impurity"
  std::vector<double> importance;
  /// Lines over a common x, for a picture; `cursor` marks the x of the model itself.
  struct Curve {
    std::string name;
    std::vector<std::pair<double, double>> points;
    std::vector<double> spread{};  ///< half the height of a bar at each point; empty: none
  };
  struct Curves {
    std::string title, says, x_name;
    std::vector<Curve> curves;
    double cursor = 0;
  };
  std::vector<Curves> curves;
  Matrix coefficients;  ///< of a linear model: 1 x d or K x d in the pipeline's units; empty otherwise
  Vector intercepts;
  Matrix standard_errors;  ///< of coefficients, then intercepts: K x (d + 1); empty: not known
  bool odds = false;       ///< coefficients are log odds: exp of one is a ratio of odds
};

/// Rows that are not trained on: a learner that adds to its model round after round watches its loss on them and stops.
struct Validation {
  const Samples& samples;
  const Target& target;
};

template <class L>
concept Supervised = requires(const typename L::Params& p, const Samples& x, const Target& y, const Context& ctx) {
  { L::fit(p, x, y, ctx) } -> std::same_as<typename L::Model>;
};

/// A learner that uses a Validation where one is given.
template <class L>
concept Watching = requires(const typename L::Params& p, const Samples& x, const Target& y, const Context& ctx,
                            const Validation* valid) {
  { L::fit(p, x, y, ctx, valid) } -> std::same_as<typename L::Model>;
};

/// A model whose type is forgotten.
class AnyModel {
 public:
  virtual ~AnyModel() = default;
  /// Value, or class code as a double; one a sample.
  virtual Vector predict(const Samples& samples, const Context& ctx) const = 0;
  virtual bool has_proba() const = 0;
  virtual Matrix predict_proba(const Samples& samples, const Context& ctx) const = 0;  ///< n x K, rows sum to 1
  virtual bool has_decision() const = 0;
  virtual Matrix decision_function(const Samples& samples,
                                   const Context& ctx) const = 0;  ///< n x 1 (two classes) or n x K
  virtual bool has_evidence() const = 0;
  /// For one row: row 0 is what each class's score begins with, row 1 + f what column f adds to it, in logarithms of
  /// probability ((1 + d) x K).
  virtual Matrix evidence(const Samples& samples, Index row) const = 0;
  virtual const FitReport& report() const = 0;
  virtual void set_report(FitReport report) = 0;  ///< when a model is read from its file
  virtual void save(ArchiveWriter& out) const = 0;
  virtual Explanation explain(const std::vector<Column>& columns, const Target& target) const = 0;
};

/// One line of the catalogue.
struct Learner {
  const LearnerInfo* info;
  std::unique_ptr<AnyParams> (*params)();
  /// Parameters of the learner's own type (as `params` made them); `valid` may be null, and only a Watching learner looks at
  /// it; throws ParameterError, DataError.
  std::unique_ptr<AnyModel> (*fit)(const AnyParams&, const Samples&, const Target&, const Context&,
                                   const Validation* valid);
  /// `d` features and the target's classes are known from the file's head; ModelError.
  std::unique_ptr<AnyModel> (*load)(const ArchiveReader&, const std::vector<Column>& columns, const Target& target);
  std::string_view name() const { return info->name; }
  const Traits& traits() const { return info->traits; }
};

namespace detail {

template <class M>
class ModelOf final : public AnyModel {
 public:
  explicit ModelOf(M m) : model_(std::move(m)) {}
  const M& inner() const { return model_; }  ///< for what knows the type: export
  Vector predict(const Samples& x, const Context& ctx) const override { return model_.predict(x, ctx); }
  bool has_proba() const override {
    if constexpr (requires { model_.has_proba(); }) return model_.has_proba();
    return kProba;
  }
  Matrix predict_proba(const Samples& x, const Context& ctx) const override {
    if constexpr (kProba) return model_.predict_proba(x, ctx);
    throw UsageError("this model has no probabilities");
  }
  bool has_decision() const override {
    if constexpr (requires { model_.has_decision(); }) return model_.has_decision();
    return kDecision;
  }
  Matrix decision_function(const Samples& x, const Context& ctx) const override {
    if constexpr (kDecision) return model_.decision_function(x, ctx);
    throw UsageError("this model has no decision function");
  }
  bool has_evidence() const override { return kEvidence; }
  Matrix evidence(const Samples& x, Index row) const override {
    if constexpr (kEvidence) return model_.evidence(x, row);
    throw UsageError("this model does not weigh single columns");
  }
  const FitReport& report() const override { return model_.report; }
  void set_report(FitReport report) override { model_.report = std::move(report); }
  void save(ArchiveWriter& out) const override { model_.save(out); }
  Explanation explain(const std::vector<Column>& columns, const Target& target) const override {
    if constexpr (requires { model_.explain(columns, target); }) return model_.explain(columns, target);
    return {};
  }

 private:
  static constexpr bool kProba = requires(const M& m, const Samples& x, const Context& c) { m.predict_proba(x, c); };
  static constexpr bool kEvidence = requires(const M& m, const Samples& x) { m.evidence(x, Index(0)); };
  static constexpr bool kDecision = requires(const M& m, const Samples& x, const Context& c) {
    m.decision_function(x, c);
  };
  M model_;
};

}  // namespace detail

/// The catalogue's line for learner type L.
template <Supervised L>
constexpr Learner learner() {
  using P = typename L::Params;
  using M = typename L::Model;
  return {&L::info, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& p, const Samples& x, const Target& y, const Context& ctx,
             [[maybe_unused]] const Validation* valid) -> std::unique_ptr<AnyModel> {
            const P& params = dynamic_cast<const ParamsOf<P>&>(p).value;
            check_params(params);
            if constexpr (Watching<L>)
              return std::make_unique<detail::ModelOf<M>>(L::fit(params, x, y, ctx, valid));
            else
              return std::make_unique<detail::ModelOf<M>>(L::fit(params, x, y, ctx));
          },
          [](const ArchiveReader& in, const std::vector<Column>& columns,
             const Target& target) -> std::unique_ptr<AnyModel> {
            return std::make_unique<detail::ModelOf<M>>(M::load(in, columns, target));
          }};
}

}  // namespace assay
