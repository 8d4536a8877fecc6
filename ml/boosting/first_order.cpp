// ml/boosting/first_order.cpp: gradient boosting as Friedman wrote it.
// Notation   y~: negative gradient (pseudo-response);  R_l: rows of leaf l;  gamma_l: its answer;  nu: learning rate (eta)
// Method     1 y~ at F   2 a least-squares regression tree on y~   3 gamma_l lowers the loss of R_l most (exactly, or by one step of
//            Newton where there is no closed form)   4 F += nu gamma_l
//            [Friedman2001] Alg. 2 squared, 3 absolute, 4 huber, 5 logistic, 6 multinomial; poisson: gamma = log(sum y / sum e^F)
// Departures from the paper: F, y~ and gamma are doubles, the objective's gradients excepted; Alg. 5 there has y in {-1, 1} and
//            halves the log odds: here F is the log odds.
#include <algorithm>
#include <cmath>

#include "assay/ml/boosting/rounds.h"
#include "assay/ml/tree/grow.h"

namespace assay::boosting {
namespace {

/// The state in doubles: F, n x K, and for the classes their shares.
struct State {
  const Objective& objective;
  std::vector<double> F, P;

  double& at(std::vector<double>& v, Index i, int k) const { return v[static_cast<size_t>(i * objective.K() + k)]; }

  void begin_round() {
    P.resize(F.size());
    for (Index i = 0; i < objective.n(); ++i) {
      const int K = objective.K();
      const double* f = F.data() + i * K;
      const double top = K > 1 ? *std::max_element(f, f + K) : 0;
      double total = 0;
      for (int k = 0; k < K; ++k) total += at(P, i, k) = std::exp(f[k] - top);
      if (K > 1)
        for (int k = 0; k < K; ++k) at(P, i, k) /= total;
      else if (objective.loss() == BoostLoss::logistic)
        P[static_cast<size_t>(i)] = 1 / (1 + std::exp(-f[0]));
    }
  }
};

/// Step 1. `delta`: huber's.
double negative_gradient(State& s, Index i, int k, const GbdtParams& p, double delta) {
  const double y = s.objective.y(i), r = y - s.at(s.F, i, k);
  switch (s.objective.loss()) {
    case BoostLoss::absolute:
      return r > 0 ? 1 : r < 0 ? -1 : 0;
    case BoostLoss::huber:
      return std::clamp(r, -delta, delta);
    case BoostLoss::quantile:
      return r > 0 ? p.quantile : p.quantile - 1;
    case BoostLoss::poisson:
    case BoostLoss::logistic:
      return y - s.at(s.P, i, k);
    case BoostLoss::multinomial:
      return (y == k ? 1.0 : 0.0) - s.at(s.P, i, k);
    default:
      return r;
  }
}

/// Step 3 for the losses whose answer comes from sums: numerator / denominator.
double leaf_answer(State& s, const std::vector<int>& rows, int k, const std::vector<double>& response) {
  double above = 0, below = 0;
  const double K = s.objective.K();
  for (const int i : rows) {
    const double w = s.objective.weight(i), z = response[static_cast<size_t>(i)];
    switch (s.objective.loss()) {
      case BoostLoss::poisson:
        above += w * s.objective.y(i);
        below += w * s.at(s.P, i, k);
        break;
      case BoostLoss::logistic:
      case BoostLoss::multinomial:
        above += w * z;
        below += w * s.at(s.P, i, k) * (1 - s.at(s.P, i, k));
        break;
      default:
        above += w * z;
        below += w;
    }
  }
  if (s.objective.loss() == BoostLoss::poisson) return above > 0 ? std::log(above / below) : -std::log1p(below);
  if (below < 1e-150) return 0;
  return (s.objective.loss() == BoostLoss::multinomial ? (K - 1) / K : 1.0) * above / below;
}

}  // namespace

void boost_first_order(Training& training, GbdtModel& model, Watch& watch, const Context& ctx) {
  const GbdtParams& p = training.params;
  const Columns& X = training.samples.cols();
  const Index n = X.rows();
  const int K = model.K();
  TreeParams tree_params;
  tree_params.max_depth = p.max_depth;
  tree_params.min_leaf = p.min_leaf;
  State s{training.objective, {}, {}};
  for (Index i = 0; i < n; ++i) s.F.insert(s.F.end(), model.base.begin(), model.base.end());
  std::vector<double> response(static_cast<size_t>(n)), weight(static_cast<size_t>(n));
  for (int t = 0; t < p.trees; ++t) {
    ctx.check_cancelled();
    const Context round = ctx.child("round", static_cast<uint64_t>(t));
    s.begin_round();
    training.objective.begin_round(training.F, ctx.threads);
    const std::vector<int> rows = draw(training.rows, p.subsample, round.child("rows", 0).rng());
    std::fill(weight.begin(), weight.end(), 0.0);
    for (const int i : rows) weight[static_cast<size_t>(i)] = training.objective.weight(i);
    std::vector<BoostTree> trees;
    for (int k = 0; k < K; ++k) {
      for (Index i = 0; i < n; ++i)
        response[static_cast<size_t>(i)] = negative_gradient(s, i, k, p, training.objective.delta());
      const tree::Problem problem{
          X,         training.samples.columns, 0, nullptr, response.data(), weight.data(), Criterion::squared_error,
          p.min_leaf};
      BoostTree tree;
      tree.nodes = tree::grow(problem, tree_params, K > 1 ? round.child("class", static_cast<uint64_t>(k)) : round);
      std::vector<std::vector<int>> leaf_rows(tree.nodes.feature.size());
      std::vector<int> leaf_of(static_cast<size_t>(n));
      for (const int i : training.rows) leaf_of[static_cast<size_t>(i)] = tree.nodes.leaf_of(X, i, model.categorical);
      for (const int i : rows) leaf_rows[static_cast<size_t>(leaf_of[static_cast<size_t>(i)])].push_back(i);
      for (size_t node = 0; node < tree.nodes.feature.size(); ++node) {
        tree.gain.push_back(tree.nodes.feature[node] < 0 ? 0 : tree.nodes.decrease(static_cast<int>(node)));
        if (tree.nodes.feature[node] >= 0) continue;
        const double gamma = training.objective.renews_leaves()
                                 ? training.objective.leaf_value(leaf_rows[node], training.F)
                                 : leaf_answer(s, leaf_rows[node], k, response);
        tree.nodes.value[node] = p.eta * gamma;
      }
      for (const int i : training.rows) {
        s.at(s.F, i, k) += tree.nodes.value[static_cast<size_t>(leaf_of[static_cast<size_t>(i)])];
        training.F[static_cast<size_t>(i) * static_cast<size_t>(K) + static_cast<size_t>(k)] =
            static_cast<float>(s.at(s.F, i, k));
      }
      trees.push_back(std::move(tree));
    }
    for (BoostTree& tree : trees) model.trees.push_back(std::move(tree));
    if (watch.enough(training, t)) break;
  }
}

}  // namespace assay::boosting
