// ml/metrics/formulas.cpp: what is computed from the predicted classes, values and probabilities row by row.
// Notation   C: confusion matrix, true class down, predicted across;  W = sum of weights
#include "assay/ml/metrics/formulas.h"

#include <cmath>

#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kLeastProbability = 0x1p-52;

/// sum of w_i f(i) / W over the rows with weight.
template <class F>
Score weighted_mean(const Judged& judged, F&& f) {
  double total = 0, weights = 0;
  for (Index i = 0; i < judged.truth.n(); ++i) {
    const double w = weight_at(judged.weight, i);
    if (w == 0) continue;
    total += w * f(i);
    weights += w;
  }
  if (weights == 0) return {{}, "no rows with weight"};
  return finite_score(total / weights);
}

int code_at(const Judged& judged, Index i) { return judged.truth.code[static_cast<size_t>(i)]; }
int predicted_at(const Judged& judged, Index i) { return static_cast<int>(judged.said.value[i]); }

double ratio_or_zero(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Mean of one number over the classes that occur in truth or prediction.
Score mean_over_classes(const Judged& judged, double ClassScore::*number) {
  const Matrix C = confusion_matrix(judged);
  const std::vector<ClassScore> classes = class_scores(judged);
  double total = 0;
  int count = 0;
  for (int k = 0; k < judged.truth.K(); ++k) {
    if (C.row(k).sum() + C.col(k).sum() == 0) continue;
    total += classes[static_cast<size_t>(k)].*number;
    ++count;
  }
  if (count == 0) return {{}, "no rows with weight"};
  return finite_score(total / count);
}

Score of_positive_class(const Judged& judged, double ClassScore::*number, const char* several) {
  const int K = judged.truth.K();
  if (K != 2) return {{}, "for two classes, not " + std::to_string(K) + "; see " + several};
  const int positive = judged.positive < 0 ? 1 : judged.positive;
  return finite_score(class_scores(judged)[static_cast<size_t>(positive)].*number);
}

std::optional<Score> without_probabilities(const Judged& judged) {
  if (judged.said.proba.cols() > 0) return std::nullopt;
  return Score{{}, "the model has no probabilities"};
}

}  // namespace

Score finite_score(double value) {
  if (std::isfinite(value)) return {value, ""};
  return {{}, "not a finite number"};
}

Matrix confusion_matrix(const Judged& judged) {
  const int K = judged.truth.K();
  Matrix C = Matrix::Zero(K, K);
  for (Index i = 0; i < judged.truth.n(); ++i)
    C(code_at(judged, i), predicted_at(judged, i)) += weight_at(judged.weight, i);
  return C;
}

std::vector<ClassScore> class_scores(const Judged& judged) {
  const Matrix C = confusion_matrix(judged);
  std::vector<ClassScore> scores;
  for (int k = 0; k < judged.truth.K(); ++k) {
    const double found = C(k, k), are = C.row(k).sum(), said = C.col(k).sum();
    scores.push_back({judged.truth.classes[static_cast<size_t>(k)], ratio_or_zero(found, said),
                      ratio_or_zero(found, are), ratio_or_zero(2 * found, said + are), are});
  }
  return scores;
}

Score accuracy(const Judged& judged) {
  return weighted_mean(judged, [&](Index i) { return predicted_at(judged, i) == code_at(judged, i) ? 1.0 : 0.0; });
}

Score balanced_accuracy(const Judged& judged) {
  double total = 0;
  int count = 0;
  for (const ClassScore& k : class_scores(judged)) {
    if (k.support == 0) continue;
    total += k.recall;
    ++count;
  }
  if (count == 0) return {{}, "no rows with weight"};
  return finite_score(total / count);
}

Score macro_precision(const Judged& judged) { return mean_over_classes(judged, &ClassScore::precision); }
Score macro_recall(const Judged& judged) { return mean_over_classes(judged, &ClassScore::recall); }
Score macro_f1(const Judged& judged) { return mean_over_classes(judged, &ClassScore::f1); }
Score positive_precision(const Judged& judged) {
  return of_positive_class(judged, &ClassScore::precision, "macro_precision");
}
Score positive_recall(const Judged& judged) { return of_positive_class(judged, &ClassScore::recall, "macro_recall"); }
Score positive_f1(const Judged& judged) { return of_positive_class(judged, &ClassScore::f1, "macro_f1"); }

Score log_loss(const Judged& judged) {
  if (const auto none = without_probabilities(judged)) return *none;
  return weighted_mean(judged, [&](Index i) { return row_loss(judged, i); });
}

Score brier(const Judged& judged) {
  if (const auto none = without_probabilities(judged)) return *none;
  const Matrix& P = judged.said.proba;
  if (judged.truth.K() == 2) {
    const int positive = judged.positive < 0 ? 1 : judged.positive;
    return weighted_mean(judged, [&](Index i) {
      const double error = P(i, positive) - (code_at(judged, i) == positive ? 1 : 0);
      return error * error;
    });
  }
  return weighted_mean(judged, [&](Index i) {
    double total = 0;
    for (Index k = 0; k < P.cols(); ++k) {
      const double error = P(i, k) - (code_at(judged, i) == k ? 1 : 0);
      total += error * error;
    }
    return total;
  });
}

double row_loss(const Judged& judged, Index i) {
  if (judged.truth.task() == Task::regression) return std::abs(judged.truth.value[i] - judged.said.value[i]);
  if (judged.said.proba.cols() == 0) return predicted_at(judged, i) == code_at(judged, i) ? 0 : 1;
  const double p = judged.said.proba(i, code_at(judged, i));
  return p >= 1 ? 0 : -std::log(std::max(p, kLeastProbability));
}

Score rmse(const Judged& judged) {
  const Score mse = weighted_mean(judged, [&](Index i) {
    const double error = judged.truth.value[i] - judged.said.value[i];
    return error * error;
  });
  return mse.value ? finite_score(std::sqrt(*mse.value)) : mse;
}

Score mae(const Judged& judged) {
  return weighted_mean(judged, [&](Index i) { return std::abs(judged.truth.value[i] - judged.said.value[i]); });
}

Score r2(const Judged& judged) {
  const Vector& y = judged.truth.value;
  const Score mean = weighted_mean(judged, [&](Index i) { return y[i]; });
  if (!mean.value) return mean;
  const Score variance = weighted_mean(judged, [&](Index i) { return (y[i] - *mean.value) * (y[i] - *mean.value); });
  const Score error = rmse(judged);
  if (!variance.value || !error.value) return {{}, "not a finite number"};
  if (*variance.value == 0) return {{}, "the true values are all the same"};
  return finite_score(1 - *error.value * *error.value / *variance.value);
}

}  // namespace assay
