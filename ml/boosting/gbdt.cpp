// ml/boosting/gbdt.cpp: fitting and predicting; the rounds are in second_order.cpp and first_order.cpp.
// Method     1 check the table   2 the loss, and F_0   3 rows to watch   4 rounds   5 predict: F_0 and every tree's answer
// Departures from the paper: see objective.h, boost_tree.h, second_order.cpp, first_order.cpp
#include "assay/ml/boosting/gbdt.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/ml/boosting/rounds.h"
#include "assay/ml/selection/split.h"
#include "assay/ml/tree/compiled.h"

namespace assay {
namespace {

constexpr double kKeptAside = 0.1;  ///< share of the rows that early stopping watches where no others are given
constexpr Index kRows = 1024;       ///< rows predicted together

BoostLoss loss_for(const Target& target, BoostLoss wanted) {
  const bool classes = target.task() == Task::classification;
  const bool for_classes = wanted == BoostLoss::logistic || wanted == BoostLoss::multinomial;
  if (wanted == BoostLoss::automatic)
    return !classes ? BoostLoss::squared : target.K() == 2 ? BoostLoss::logistic : BoostLoss::multinomial;
  if (classes != for_classes)
    throw ParameterError(std::string("parameter 'objective' must be ") +
                         (classes ? "logistic or multinomial for a target of classes"
                                  : "squared, absolute, huber, quantile or poisson for a target of numbers"));
  if (wanted == BoostLoss::logistic && target.K() != 2)
    throw ParameterError("parameter 'objective' logistic is for two classes, got " + std::to_string(target.K()) +
                         "; multinomial is for more");
  return wanted;
}

std::vector<double> start_of(const GbdtParams& params, const boosting::Objective& objective) {
  if (!params.base_score) return objective.start();
  const double s = *params.base_score;
  if (objective.loss() == BoostLoss::multinomial) return std::vector<double>(static_cast<size_t>(objective.K()), s);
  if ((objective.loss() == BoostLoss::logistic && !(s > 0 && s < 1)) ||
      (objective.loss() == BoostLoss::poisson && !(s > 0)))
    throw ParameterError(objective.loss() == BoostLoss::poisson
                             ? "parameter 'base-score' must be > 0 for objective poisson"
                             : "parameter 'base-score' must be in (0, 1) for objective logistic: it is a probability");
  return {objective.margin_of(s)};
}

GbdtModel fit_rounds(const GbdtParams& params, const Samples& samples, const Target& target, const Context& ctx,
                     const Validation* valid) {
  GbdtModel model;
  model.task = target.task();
  model.loss = loss_for(target, params.objective);
  for (const Column& column : samples.columns) model.categorical.push_back(column.categorical());
  const double share = model.loss == BoostLoss::quantile ? params.quantile : params.huber_share;
  boosting::Training training{params, samples, {model.loss, share, target, samples.weight}, {}, {}};
  model.base = start_of(params, training.objective);
  training.F.reserve(static_cast<size_t>(samples.n()) * model.base.size());
  for (Index i = 0; i < samples.n(); ++i) {
    for (const double f : model.base) training.F.push_back(static_cast<float>(f));
    if (samples.weight_of(i) > 0) training.rows.push_back(static_cast<int>(i));
  }
  boosting::Watch watch(model, params, valid, ctx);
  if (params.order == BoostOrder::first)
    boosting::boost_first_order(training, model, watch, ctx);
  else
    boosting::boost_second_order(training, model, watch, ctx);
  watch.finish(training);
  return model;
}

}  // namespace

std::optional<std::string> GbdtParams::check(const GbdtParams& p) {
  if (p.goss_top && *p.goss_top + p.goss_other > 1 && *p.goss_top < 1)
    return "parameters 'goss-top' and 'goss-other' must add up to at most 1";
  if (p.goss_top && p.subsample < 1) return "parameters 'goss-top' and 'subsample' both choose rows: give one of them";
  if (p.order == BoostOrder::first &&
      (p.goss_top || p.max_leaves || p.columns < 1 || p.columns_by_level < 1 || p.columns_by_node < 1))
    return "parameters 'goss-top', 'max-leaves' and 'columns-by-...' are for order second";
  return std::nullopt;
}

GbdtModel Gbdt::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx,
                    const Validation* valid) {
  check_fit_input(samples, target, target.task() == Task::classification ? info.traits.min_classes : 1);
  tree::check_cells(samples, "gbdt");
  if (valid) tree::check_cells(valid->samples, "gbdt");
  if (!params.early_stopping || valid || samples.n() < 2) return fit_rounds(params, samples, target, ctx, valid);
  const Fold fold = hold_out(samples, target, kKeptAside, ctx.child("early-stopping", 0));
  const Samples kept = gather(samples, fold.test), rest = gather(samples, fold.train);
  const Target kept_target = gather(target, fold.test), rest_target = gather(target, fold.train);
  const Validation aside{kept, kept_target};
  return fit_rounds(params, rest, rest_target, ctx, &aside);
}

Matrix GbdtModel::margins(const Samples& samples, const Context& ctx) const {
  const Columns& X = samples.cols();
  Matrix F(X.rows(), K());
  for (Index k = 0; k < K(); ++k) F.col(k).setConstant(base[static_cast<size_t>(k)]);
  std::vector<const TreeNodes*> all;
  for (const boosting::BoostTree& t : trees) all.push_back(&t.nodes);
  const tree::CompiledTrees compiled(all, static_cast<int>(samples.d()));
  parallel_for(ctx.threads, X.rows(), kRows, [&](Index begin, Index end) {
    if (compiled.fits()) return compiled.add(X, begin, end, K(), F.data());
    for (Index i = begin; i < end; ++i)
      for (size_t t = 0; t < all.size(); ++t)
        F(i, static_cast<Index>(t) % K()) += all[t]->value[static_cast<size_t>(all[t]->leaf_of(X, i, categorical))];
  });
  return F;
}

Vector GbdtModel::predict(const Samples& samples, const Context& ctx) const {
  const Matrix F = margins(samples, ctx);
  if (task == Task::regression) return boosting::values(loss, F);
  Vector code(F.rows());
  for (Index i = 0; i < F.rows(); ++i) {
    Index best = F(i, 0) > 0 ? 1 : 0;
    if (K() > 1) F.row(i).maxCoeff(&best);
    code[i] = static_cast<double>(best);
  }
  return code;
}

Matrix GbdtModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return boosting::class_shares(loss, margins(samples, ctx));
}

std::vector<double> GbdtModel::importance() const {
  std::vector<double> gained(categorical.size(), 0.0);
  double total = 0;
  for (const boosting::BoostTree& t : trees)
    for (size_t i = 0; i < t.gain.size(); ++i)
      if (t.nodes.feature[i] >= 0) {
        gained[static_cast<size_t>(t.nodes.feature[i])] += t.gain[i];
        total += t.gain[i];
      }
  if (total > 0)
    for (double& g : gained) g /= total;
  return gained;
}

}  // namespace assay
