// ml/metrics/formulas.h: the functions behind the metric catalogue, one a metric; definitions stand in metrics.h.
#pragma once
#include "assay/ml/metrics/metrics.h"

namespace assay {

Score accuracy(const Judged& judged);
Score balanced_accuracy(const Judged& judged);
Score macro_precision(const Judged& judged);
Score macro_recall(const Judged& judged);
Score macro_f1(const Judged& judged);
Score positive_precision(const Judged& judged);
Score positive_recall(const Judged& judged);
Score positive_f1(const Judged& judged);
Score brier(const Judged& judged);
Score roc_auc_of_task(const Judged& judged);
Score rmse(const Judged& judged);
Score mae(const Judged& judged);
Score r2(const Judged& judged);

/// What row i cost: WorstRow::loss.
double row_loss(const Judged& judged, Index i);

/// A finite value, or a reason: no NaN or infinity leaves a metric.
Score finite_score(double value);
inline double weight_at(const Vector& weight, Index i) { return weight.size() ? weight[i] : 1.0; }

}  // namespace assay
