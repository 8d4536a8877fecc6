// ml/boosting/gain.h: what a leaf answers, and what a split is worth, from sums of gradients and hessians.
//
//   The loss of a round is, to second order in the answer w of the leaf that holds the rows S,
//     G w + 1/2 (H + lambda) w^2 + alpha |w| + gamma,      G = sum_S g_i,  H = sum_S h_i
//   It is least at
//     w* = -T(G) / (H + lambda),   T(G) = sign(G) max(|G| - alpha, 0)                             (1)  [Chen2016] (5)
//   where it has fallen by 1/2 T(G)^2 / (H + lambda); so a split is worth
//     gain = 1/2 [ T(G_L)^2/(H_L+lambda) + T(G_R)^2/(H_R+lambda) - T(G)^2/(H+lambda) ] - gamma    (2)  [Chen2016] (7)
//
// Departures from the paper: alpha, the L1 part, which the paper's eq. (2) leaves out and its program has; gamma is taken off
// after the split is chosen, since it is the same for all of a node's candidates (boost_tree.h).
#pragma once
#include <algorithm>
#include <cmath>

namespace assay::boosting {

struct Regularization {
  double lambda = 1, alpha = 0, gamma = 0, min_child_weight = 1;
};

/// Sums over the rows of a node.
struct Sums {
  double G = 0, H = 0;
  Sums operator+(const Sums& o) const { return {G + o.G, H + o.H}; }
  Sums operator-(const Sums& o) const { return {G - o.G, H - o.H}; }
};

inline double soft_threshold(double G, double alpha) {
  return alpha == 0 ? G : std::copysign(std::max(std::abs(G) - alpha, 0.0), G);
}

/// The fall of the loss in a leaf. 0 where H + lambda = 0: such a leaf answers 0.
inline double score(const Sums& s, const Regularization& r) {
  const double T = soft_threshold(s.G, r.alpha), denominator = s.H + r.lambda;
  return denominator > 0 ? 0.5 * T * T / denominator : 0;
}

/// (1)
inline double leaf_weight(const Sums& s, const Regularization& r) {
  const double denominator = s.H + r.lambda;
  return denominator > 0 ? -soft_threshold(s.G, r.alpha) / denominator : 0;
}

/// (2) without gamma.
inline double gain(const Sums& left, const Sums& right, const Regularization& r) {
  return score(left, r) + score(right, r) - score(left + right, r);
}

}  // namespace assay::boosting
