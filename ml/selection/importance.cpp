// Method     1 score the rows as they are   2 shuffle one column, score again, `repeats` times   3 put the column back
// Departures from the paper: rows of the caller's choice instead of out-of-bag rows, and any metric instead of the error.
#include "assay/ml/selection/importance.h"

#include <cmath>

#include "assay/ml/selection/cross_validate.h"

namespace assay {
namespace {

double score_of(const Model& model, const Samples& raw, const Target& target, const Metric& metric,
                const Context& ctx) {
  const Predictions said = predict_everything(model, raw, ctx);
  const int positive = target.K() == 2 ? positive_code(target, model.positive) : -1;
  const Score s = metric.compute({target, said, raw.weight, positive});
  if (!s.value) throw DataError("metric '" + std::string(metric.name) + "' has no value on these rows: " + s.reason);
  return *s.value;
}

}  // namespace

PermutationImportance permutation_importance(const Model& model, const Samples& raw, const Target& target,
                                             const std::string& metric_name, int repeats, const Context& ctx) {
  if (!std::holds_alternative<Columns>(raw.X)) throw UsageError("columns of a sparse table cannot be shuffled");
  const Metric& metric = metric_name.empty() ? default_metric(target.task()) : find_metric(metric_name, target.task());
  const double sign = metric.higher_is_better ? 1 : -1;
  PermutationImportance result;
  result.metric = metric.name;
  result.score = score_of(model, raw, target, metric, ctx);
  Samples shuffled = raw;
  for (Index f = 0; f < raw.d(); ++f) {
    ctx.progress.report(static_cast<double>(f), static_cast<double>(raw.d()), "shuffling columns");
    double total = 0, squares = 0;
    for (int r = 0; r < repeats; ++r) {
      ctx.check_cancelled();
      const Context here = ctx.child("column", static_cast<uint64_t>(f)).child("repeat", static_cast<uint64_t>(r));
      const std::vector<int> order = here.rng().permutation(static_cast<int>(raw.n()));
      for (Index i = 0; i < raw.n(); ++i)
        std::get<Columns>(shuffled.X)(i, f) = raw.cols()(order[static_cast<size_t>(i)], f);
      const double loss = sign * (result.score - score_of(model, shuffled, target, metric, ctx));
      total += loss;
      squares += loss * loss;
    }
    std::get<Columns>(shuffled.X).col(f) = raw.cols().col(f);
    const double mean = total / repeats;
    const double variance = repeats > 1 ? std::max(0.0, (squares - repeats * mean * mean) / (repeats - 1)) : 0;
    result.columns.push_back({raw.columns[static_cast<size_t>(f)].name, mean, std::sqrt(variance)});
  }
  return result;
}

}  // namespace assay
