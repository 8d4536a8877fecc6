// ml/metrics/ranking.cpp: what depends on the order of scores (ROC, precision-recall) and on bins of them
// (calibration). Method     1 sort rows by score, highest first   2 lower the threshold from one distinct score to the
//            next; the rows in between turn positive together, so that ties make a slanted piece of the curve   3 the
//            trapezoids under it are the rank sum with ties counted half [Hanley1982; Fawcett2006, algorithm 2]
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/ml/metrics/formulas.h"

namespace assay {
namespace {

/// Calls at_threshold(score, true positives, false positives) for each distinct score, highest first; sums of weights.
template <class F>
void lower_threshold(const std::vector<char>& is_positive, const Vector& score, const Vector& weight,
                     F&& at_threshold) {
  std::vector<int> order(is_positive.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return score[a] > score[b] || (score[a] == score[b] && a < b); });
  double tp = 0, fp = 0;
  for (size_t r = 0; r < order.size(); ++r) {
    const int i = order[r];
    (is_positive[static_cast<size_t>(i)] ? tp : fp) += weight_at(weight, i);
    if (r + 1 == order.size() || score[order[r + 1]] != score[i]) at_threshold(score[i], tp, fp);
  }
}

struct Totals {
  double positive = 0, negative = 0;
};

Totals totals(const std::vector<char>& is_positive, const Vector& weight) {
  Totals total;
  for (size_t i = 0; i < is_positive.size(); ++i)
    (is_positive[i] ? total.positive : total.negative) += weight_at(weight, static_cast<Index>(i));
  return total;
}

/// Wilson's score interval of a share of n trials at z = 1.96. [Wilson1927]
void wilson_interval(double share, double n, double* lo, double* hi) {
  constexpr double z = 1.959963984540054;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  *lo = std::max(0.0, middle - half);
  *hi = std::min(1.0, middle + half);
}

}  // namespace

std::vector<char> rows_of_class(const Target& truth, int k) {
  std::vector<char> is(truth.code.size());
  for (size_t i = 0; i < is.size(); ++i) is[i] = truth.code[i] == k;
  return is;
}

std::optional<Vector> scores_of_class(const Predictions& said, int K, int k) {
  if (said.proba.cols() > 0) return Vector(said.proba.col(k));
  if (said.decision.cols() == 0) return std::nullopt;
  if (said.decision.cols() == 1 && K == 2) return Vector((k == 1 ? 1.0 : -1.0) * said.decision.col(0));
  return Vector(said.decision.col(k));
}

Score roc_auc(const std::vector<char>& is_positive, const Vector& score, const Vector& weight) {
  if (!score.allFinite()) return {{}, "a score is not a finite number"};
  const Totals total = totals(is_positive, weight);
  if (total.positive == 0) return {{}, "no positive row"};
  if (total.negative == 0) return {{}, "no negative row"};
  double area = 0, tp_before = 0, fp_before = 0;
  lower_threshold(is_positive, score, weight, [&](double, double tp, double fp) {
    area += (fp - fp_before) * (tp + tp_before) / 2;
    tp_before = tp;
    fp_before = fp;
  });
  return finite_score(area / (total.positive * total.negative));
}

Score roc_auc_of_task(const Judged& judged) {
  const Target& truth = judged.truth;
  const int K = truth.K();
  if (K < 2) return {{}, "the target has one class"};
  const int positive = judged.positive < 0 ? K - 1 : judged.positive;
  double total = 0;
  for (int k = 0; k < K; ++k) {
    if (K == 2 && k != positive) continue;
    const std::string name = "'" + truth.classes[static_cast<size_t>(k)] + "'";
    const std::optional<Vector> ranked = scores_of_class(judged.said, K, k);
    if (!ranked) return {{}, "the model has neither probabilities nor decision values"};
    const std::vector<char> is_positive = rows_of_class(truth, k);
    const Totals rows = totals(is_positive, judged.weight);
    if (rows.positive == 0) return {{}, "no row of class " + name};
    if (rows.negative == 0) return {{}, "every row is of class " + name};
    const Score area = roc_auc(is_positive, *ranked, judged.weight);
    if (!area.value) return area;
    total += *area.value;
  }
  return finite_score(K == 2 ? total : total / K);
}

Curve roc_curve(const std::vector<char>& is_positive, const Vector& score, const Vector& weight) {
  const Totals total = totals(is_positive, weight);
  Curve curve{{0}, {0}, {std::numeric_limits<double>::infinity()}};
  lower_threshold(is_positive, score, weight, [&](double threshold, double tp, double fp) {
    curve.x.push_back(fp / total.negative);
    curve.y.push_back(tp / total.positive);
    curve.threshold.push_back(threshold);
  });
  return curve;
}

Curve pr_curve(const std::vector<char>& is_positive, const Vector& score, const Vector& weight) {
  const Totals total = totals(is_positive, weight);
  Curve curve;
  lower_threshold(is_positive, score, weight, [&](double threshold, double tp, double fp) {
    if (tp + fp == 0) return;  // rows of weight 0
    curve.x.push_back(tp / total.positive);
    curve.y.push_back(tp / (tp + fp));
    curve.threshold.push_back(threshold);
  });
  return curve;
}

Curve thinned(const Curve& curve, int points) {
  const size_t n = curve.x.size();
  if (points < 3 || n <= static_cast<size_t>(points)) return curve;
  auto length = [&](size_t i) { return std::hypot(curve.x[i] - curve.x[i - 1], curve.y[i] - curve.y[i - 1]); };
  double whole = 0;
  for (size_t i = 1; i < n; ++i) whole += length(i);
  Curve kept;
  auto keep = [&](size_t i) {
    kept.x.push_back(curve.x[i]);
    kept.y.push_back(curve.y[i]);
    kept.threshold.push_back(curve.threshold[i]);
  };
  keep(0);
  double since = 0;
  for (size_t i = 1; i + 1 < n; ++i) {
    since += length(i);
    if (since < whole / (points - 2) || kept.x.size() + 1 >= static_cast<size_t>(points)) continue;
    keep(i);
    since = 0;
  }
  keep(n - 1);
  return kept;
}

std::vector<CalibrationBin> calibration_bins(const std::vector<char>& is_positive, const Vector& probability,
                                             const Vector& weight, int bins) {
  std::vector<CalibrationBin> all(static_cast<size_t>(bins));
  std::vector<double> weights(all.size());
  for (size_t i = 0; i < is_positive.size(); ++i) {
    const Index row = static_cast<Index>(i);
    const double w = weight_at(weight, row), p = std::clamp(probability[row], 0.0, 1.0);
    if (w == 0) continue;
    const size_t b = std::min(static_cast<size_t>(p * bins), all.size() - 1);
    all[b].rows += 1;
    all[b].mean_probability += w * p;
    all[b].share += is_positive[i] ? w : 0;
    weights[b] += w;
  }
  std::vector<CalibrationBin> filled;
  for (size_t b = 0; b < all.size(); ++b) {
    CalibrationBin& bin = all[b];
    if (bin.rows == 0) continue;
    bin.lo = static_cast<double>(b) / bins;
    bin.hi = static_cast<double>(b + 1) / bins;
    bin.mean_probability /= weights[b];
    bin.share = std::min(1.0, bin.share / weights[b]);
    wilson_interval(bin.share, static_cast<double>(bin.rows), &bin.share_lo, &bin.share_hi);
    filled.push_back(bin);
  }
  return filled;
}

}  // namespace assay
