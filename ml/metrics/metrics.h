// ml/metrics/metrics.h: how good was a prediction? Every metric, as data and as a function.
//
// Notation  n rows, K classes, w_i the weight of row i (1 where none are given), W = sum w_i; a row of weight 0 is
//           absent. "positive" is one of two classes, named by the caller; by default the last in the target's order.
// Undefined A metric that its definition does not cover (the area under the ROC curve of one class, R2 of a constant
//           truth) has no value and a reason; a NaN never comes out. By convention, as in scikit-learn, precision of a
//           class that is never predicted, recall of a class that never occurs, and their F1 are 0.
// Cost      O(n K); O(n log n) a class where scores are ranked.
// See       [Hanley1982] area = Mann-Whitney U; [Brier1950]; [Wilson1927] intervals of calibration bins.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/ml/data/samples.h"

namespace assay {

/// What a model said about n rows.
struct Predictions {
  Vector value;     ///< value, or class code as a double
  Matrix proba;     ///< n x K; no columns: the model has no probabilities
  Matrix decision;  ///< n x 1 (two classes: larger means the last class) or n x K; no columns: none
};

/// The truth beside the prediction: everything a metric looks at. Only references: valid while they live.
struct Judged {
  const Target& truth;
  const Predictions& said;
  const Vector& weight;  ///< empty: all 1
  int positive = -1;     ///< code of the positive class of two; -1: the last
};

/// A value, or the reason why there is none.
struct Score {
  std::optional<double> value;
  std::string reason;  ///< "no row of class 'yes'"
};

/// One line of the metric catalogue.
struct Metric {
  const char* name;  ///< as in JSON: "roc_auc"; "roc-auc" is understood too
  Task task;
  bool higher_is_better;
  bool needs_scores;      ///< probabilities or, for roc_auc, decision values
  const char* text;       ///< one sentence with its formula
  const char* reference;  ///< key of REFERENCES.bib, or ""
  Score (*compute)(const Judged&);
};

/// Classification: accuracy, balanced_accuracy, macro_precision, macro_recall, macro_f1, precision, recall, f1 (of the
/// positive one of two classes), log_loss, brier, roc_auc. Regression: rmse, mae, r2.
std::span<const Metric> metrics();
/// By name ('-' reads as '_', "auc" and other usual names are aliases); UsageError with a did-you-mean, or where the
/// metric is for the other task.
const Metric& find_metric(std::string_view name, Task task);
/// What ranks where nobody says otherwise: accuracy, or rmse.
const Metric& default_metric(Task task);
/// The code of a class; empty: the last of two, -1 where there are not two. UsageError with a did-you-mean.
int positive_code(const Target& target, const std::string& label);

/// Every metric of the task that has a value, in catalogue order, and why the others have none.
struct Scores {
  std::vector<std::pair<std::string, double>> values;
  std::vector<std::pair<std::string, std::string>> undefined;
  std::optional<double> find(std::string_view name) const;
};
Scores score(const Judged& judged);

// ---- classification
// ---------------------------------------------------------------------------------------------------

/// C(i, j) = sum of the weights of rows of true class i predicted as j; K x K.
Matrix confusion_matrix(const Judged& judged);

struct ClassScore {
  std::string name;
  double precision = 0, recall = 0, f1 = 0;
  double support = 0;  ///< sum of the weights of its rows
};
/// One a class, in the target's order.
std::vector<ClassScore> class_scores(const Judged& judged);

/// - sum w_i ln max(p_i, 2^-52) / W, with p_i the probability of the true class: a sure error costs 36 nats, not
/// infinity.
Score log_loss(const Judged& judged);

/// Area under the ROC curve of `score` for the rows where `is_positive` holds:
/// sum over pairs (positive i, negative j) of w_i w_j ([s_i > s_j] + [s_i = s_j] / 2), divided by W+ W-.
Score roc_auc(const std::vector<char>& is_positive, const Vector& score, const Vector& weight);

/// A curve, point by point; threshold t means "positive where score >= t", and is +infinity at a first point where
/// nobody is.
struct Curve {
  std::vector<double> x, y, threshold;
};
/// x: false positive rate, y: true positive rate; from (0, 0) to (1, 1), a point a distinct score; its trapezoids sum
/// to roc_auc. Requires rows of both kinds.
Curve roc_curve(const std::vector<char>& is_positive, const Vector& score, const Vector& weight);
/// x: recall, y: precision; a point a distinct score, highest threshold first. Requires a positive row.
Curve pr_curve(const std::vector<char>& is_positive, const Vector& score, const Vector& weight);
/// At most `points` of a curve's points, first and last among them, spread evenly along it: what a picture can show.
Curve thinned(const Curve& curve, int points);
/// The rows of class k, and the scores by which class k is ranked: probabilities, else decision values; nullopt:
/// neither.
std::vector<char> rows_of_class(const Target& truth, int k);
std::optional<Vector> scores_of_class(const Predictions& said, int K, int k);

/// Rows whose probability of a class lies in [lo, hi) (the last bin is closed).
struct CalibrationBin {
  double lo = 0, hi = 0;
  double mean_probability = 0;        ///< weighted mean of the probabilities
  double share = 0;                   ///< weighted share of rows that are of the class
  double share_lo = 0, share_hi = 0;  ///< Wilson's 95 % interval of that share, with the rows as trials
  long rows = 0;
};
/// Equal widths over [0, 1]; empty bins are left out.
std::vector<CalibrationBin> calibration_bins(const std::vector<char>& is_positive, const Vector& probability,
                                             const Vector& weight, int bins = 10);

// ---- both tasks
// -------------------------------------------------------------------------------------------------------

struct WorstRow {
  int row = 0;
  double loss = 0;  ///< -ln p of the true class (clipped as in log_loss); 1 for an error without probabilities; |error|
};
/// The `count` rows with the largest loss, worst first, equal ones in row order; rows without loss are left out.
std::vector<WorstRow> worst_rows(const Judged& judged, int count = 10);

}  // namespace assay
