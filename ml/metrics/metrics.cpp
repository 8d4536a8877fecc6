// ml/metrics/metrics.cpp: the catalogue of metrics, looking one up, and the scores of a prediction.
#include "assay/ml/metrics/metrics.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/metrics/formulas.h"

namespace assay {
namespace {

constexpr Task kClasses = Task::classification, kValues = Task::regression;

constexpr Metric kMetrics[] = {
    {"accuracy", kClasses, true, false, "share of rows whose class is right", "", accuracy},
    {"balanced_accuracy", kClasses, true, false, "mean over the classes that occur of the share of their rows found",
     "", balanced_accuracy},
    {"macro_precision", kClasses, true, false, "mean over classes of precision = TP / (TP + FP)", "", macro_precision},
    {"macro_recall", kClasses, true, false, "mean over classes of recall = TP / (TP + FN)", "", macro_recall},
    {"macro_f1", kClasses, true, false, "mean over classes of F1 = 2 TP / (2 TP + FP + FN)", "", macro_f1},
    {"precision", kClasses, true, false, "TP / (TP + FP) of the positive class of two", "", positive_precision},
    {"recall", kClasses, true, false, "TP / (TP + FN) of the positive class of two", "", positive_recall},
    {"f1", kClasses, true, false, "2 TP / (2 TP + FP + FN) of the positive class of two", "", positive_f1},
    {"log_loss", kClasses, false, true, "mean of -ln(probability of the true class), the probability at least 2^-52",
     "", log_loss},
    {"brier", kClasses, false, true,
     "mean squared error of the positive class's probability (two classes), of all probabilities summed (several)",
     "Brier1950", brier},
    {"roc_auc", kClasses, true, true,
     "probability that a positive row is ranked above a negative one, ties one half; several classes: mean of each "
     "against "
     "the rest",
     "Hanley1982", roc_auc_of_task},
    {"rmse", kValues, false, false, "sqrt(mean (y - p)^2), in the target's units", "", rmse},
    {"mae", kValues, false, false, "mean |y - p|, in the target's units", "", mae},
    {"r2", kValues, true, false, "1 - sum (y - p)^2 / sum (y - mean y)^2: the share of variance explained", "", r2},
};

struct Alias {
  const char *alias, *name;
};
constexpr Alias kAliases[] = {
    {"acc", "accuracy"},
    {"auc", "roc_auc"},
    {"roc_auc_ovr", "roc_auc"},
    {"logloss", "log_loss"},
    {"cross_entropy", "log_loss"},
    {"brier_score", "brier"},
    {"f1_macro", "macro_f1"},
    {"precision_macro", "macro_precision"},
    {"recall_macro", "macro_recall"},
    {"r_squared", "r2"},
};

/// "ROC-AUC" and "auc" as the catalogue writes it.
std::string canonical_name(std::string_view name) {
  std::string text = lower(name);
  std::replace(text.begin(), text.end(), '-', '_');
  for (const Alias& a : kAliases)
    if (text == a.alias) return a.name;
  return text;
}

std::vector<std::string> names_of(Task task) {
  std::vector<std::string> names;
  for (const Metric& m : kMetrics)
    if (m.task == task) names.emplace_back(m.name);
  return names;
}

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

const Metric& find_metric(std::string_view name, Task task) {
  const std::string wanted = canonical_name(name);
  const std::vector<std::string> candidates = names_of(task);
  for (const Metric& m : kMetrics) {
    if (wanted != m.name) continue;
    if (m.task == task) return m;
    throw UsageError("metric '" + wanted + "' is for " + task_name(m.task) + "; for " + task_name(task) +
                     " there are " + join(candidates, ", "));
  }
  const std::string hint = did_you_mean(wanted, candidates);
  throw UsageError("unknown metric " + quoted(name) + (hint.empty() ? "; there are " + join(candidates, ", ") : hint));
}

const Metric& default_metric(Task task) { return find_metric(task == kClasses ? "accuracy" : "rmse", task); }

int positive_code(const Target& target, const std::string& label) {
  if (label.empty()) return target.K() == 2 ? 1 : -1;
  const auto found = std::find(target.classes.begin(), target.classes.end(), label);
  if (found == target.classes.end())
    throw UsageError("no class " + quoted(label) + " in '" + escaped(target.name) + "'" +
                     did_you_mean(label, target.classes));
  if (target.K() != 2)
    throw UsageError("a positive class needs two classes; '" + escaped(target.name) + "' has " +
                     std::to_string(target.K()));
  return static_cast<int>(found - target.classes.begin());
}

std::optional<double> Scores::find(std::string_view name) const {
  for (const auto& item : values)
    if (item.first == name) return item.second;
  return std::nullopt;
}

Scores score(const Judged& judged) {
  Scores scores;
  for (const Metric& m : kMetrics) {
    if (m.task != judged.truth.task()) continue;
    const Score s = m.compute(judged);
    if (s.value)
      scores.values.emplace_back(m.name, *s.value);
    else
      scores.undefined.emplace_back(m.name, s.reason);
  }
  return scores;
}

std::vector<WorstRow> worst_rows(const Judged& judged, int count) {
  std::vector<WorstRow> rows;
  for (Index i = 0; i < judged.truth.n(); ++i) {
    const double loss = weight_at(judged.weight, i) == 0 ? 0 : row_loss(judged, i);
    if (loss > 0) rows.push_back({static_cast<int>(i), loss});
  }
  const size_t kept = std::min(rows.size(), static_cast<size_t>(std::max(count, 0)));
  std::partial_sort(
      rows.begin(), rows.begin() + static_cast<Index>(kept), rows.end(),
      [](const WorstRow& a, const WorstRow& b) { return a.loss > b.loss || (a.loss == b.loss && a.row < b.row); });
  rows.resize(kept);
  return rows;
}

}  // namespace assay
