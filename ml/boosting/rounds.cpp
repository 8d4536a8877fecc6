// ml/boosting/rounds.cpp
#include "assay/ml/boosting/rounds.h"

#include <cmath>
#include <numeric>

namespace assay::boosting {
namespace {

constexpr Index kGrain = 4096;
constexpr Index kDots = 400;  ///< rows whose residuals the trace shows

struct RoundStep {
  static constexpr const char* kind = "round";
  static constexpr const char* title = "the loss after each tree";
  static constexpr const char* source = "ml/boosting/rounds.cpp:enough";
  int t;
  double train, valid;
  bool watched;
  int leaves;
  static void fields(const RoundStep& s, auto&& field) {
    field("t", s.t, "round");
    field("loss", s.train, "mean loss on the training rows");
    if (s.watched) field("validation loss", s.valid, "mean loss on the rows kept aside");
    field("leaves", s.leaves, "of the round's tree (the first class's)");
  }
};

struct ResidualStep {
  static constexpr const char* kind = "residuals";
  static constexpr const char* title = "margins and negative gradients, which the next tree fits";
  static constexpr const char* source = "ml/boosting/objective.cpp:gradients";
  int t;
  std::vector<double> F, residual;
  static void fields(const ResidualStep& s, auto&& field) {
    field("t", s.t, "round");
    field("F", s.F, "margin of the first rows");
    field("-g", s.residual, "their negative gradients");
  }
};

}  // namespace

void add_answers(const TreeNodes& nodes, const std::vector<bool>& categorical, const Columns& X,
                 const std::vector<int>& rows, int k, int K, std::vector<float>& F, int threads) {
  parallel_for(threads, static_cast<Index>(rows.size()), kGrain, [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const int i = rows[static_cast<size_t>(r)];
      const int node = nodes.leaf_of(X, i, categorical);
      F[static_cast<size_t>(i) * static_cast<size_t>(K) + static_cast<size_t>(k)] +=
          static_cast<float>(nodes.value[static_cast<size_t>(node)]);
    }
  });
}

Watch::Watch(GbdtModel& model, const GbdtParams& params, const Validation* valid, const Context& ctx)
    : model_(model), params_(params), valid_(valid), ctx_(ctx) {
  if (!valid_) return;
  const double share = model.loss == BoostLoss::quantile ? params.quantile : params.huber_share;
  objective_.emplace(model.loss, share, valid->target, valid->samples.weight);
  for (Index i = 0; i < valid->target.n(); ++i)
    for (const double f : model.base) F_.push_back(static_cast<float>(f));
}

bool Watch::enough(const Training& training, int round) {
  rounds_ = round + 1;
  ctx_.progress.report(rounds_, params_.trees, "trees");
  const int K = model_.K();
  if (valid_) {
    std::vector<int> all(static_cast<size_t>(objective_->n()));
    std::iota(all.begin(), all.end(), 0);
    for (int k = 0; k < K; ++k)
      add_answers(model_.trees[model_.trees.size() - static_cast<size_t>(K - k)].nodes, model_.categorical,
                  valid_->samples.cols(), all, k, K, F_, ctx_.threads);
    objective_->begin_round(F_, ctx_.threads);
    model_.valid_loss.push_back(objective_->mean_loss(F_, ctx_.threads));
    if (round == 0 || model_.valid_loss.back() < best_loss_) {
      best_loss_ = model_.valid_loss.back();
      best_round_ = round;
    }
  }
  if (valid_ || ctx_.trace) model_.train_loss.push_back(training.objective.mean_loss(training.F, ctx_.threads));
  ctx_.trace.step([&] {
    return RoundStep{round, model_.train_loss.back(), valid_ ? model_.valid_loss.back() : 0, valid_ != nullptr,
                     model_.trees[model_.trees.size() - static_cast<size_t>(K)].nodes.leaves()};
  });
  ctx_.trace.step([&] {
    ResidualStep step{round, {}, {}};
    std::vector<Gradient> gradients;
    Objective objective = training.objective;
    objective.begin_round(training.F, 1);
    objective.gradients(training.F, 0, gradients, 1);
    for (Index i = 0; i < std::min(kDots, objective.n()); ++i) {
      step.F.push_back(static_cast<double>(training.F[static_cast<size_t>(i * K)]));
      step.residual.push_back(-static_cast<double>(gradients[static_cast<size_t>(i)].g));
    }
    return step;
  });
  if (ctx_.out_of_time()) {
    model_.report.converged = rounds_ == params_.trees;
    model_.report.note = "the time was up after " + std::to_string(rounds_) + " rounds";
    return true;
  }
  return params_.early_stopping && valid_ && round - best_round_ >= *params_.early_stopping;
}

void Watch::finish(const Training& training) {
  const size_t K = static_cast<size_t>(model_.K());
  FitReport& report = model_.report;
  report.objective = training.objective.mean_loss(training.F, ctx_.threads);
  report.iterations = rounds_;
  if (params_.early_stopping && valid_) {
    model_.trees.resize(static_cast<size_t>(best_round_ + 1) * K);
    report.iterations = best_round_ + 1;
    report.objective = model_.train_loss[static_cast<size_t>(best_round_)];
    report.note = "the loss on the rows kept aside was least after round " + std::to_string(best_round_ + 1) + " of " +
                  std::to_string(rounds_);
    report.more.emplace_back("validation_loss", best_loss_);
  }
  report.more.emplace_back("trees", static_cast<double>(model_.trees.size()));
}

}  // namespace assay::boosting
