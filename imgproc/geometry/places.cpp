// imgproc/geometry/places.cpp: the places of sampling.h.
// Method     exact: two sums in f64, for perspective one division.  box: a line of outputs is read along a line, whose ends
//            hold it; the line of a perspective is broken at the horizon, where w changes its sign
// Departures from the textbook: none.
#include <algorithm>
#include <cmath>

#include "assay/imgproc/geometry/sampling.h"

namespace assay {

AffinePlaces::AffinePlaces(const std::array<double, 6>& A) : A_(A) {
  along_u_.fill(A[0]);
  along_v_.fill(A[3]);
}

void AffinePlaces::exact(int x, int y, int n, double* __restrict u, double* __restrict v) const {
  const auto [a, b, c, d, e, f] = A_;
  const double u0 = b * y + c, v0 = e * y + f;
  for (int i = 0; i < n; ++i) u[i] = a * (x + i) + u0, v[i] = d * (x + i) + v0;
}

PlaceBox AffinePlaces::box(int x, int y, int n) const {
  double u[2], v[2];
  exact(x, y, 1, u, v);
  exact(x + n - 1, y, 1, u + 1, v + 1);
  return {std::min(u[0], u[1]), std::max(u[0], u[1]), std::min(v[0], v[1]), std::max(v[0], v[1])};
}

double AffinePlaces::split(int x, int y, int n, SplitPlaces& to) const {
  double u = 0, v = 0;
  exact(x, y, 1, &u, &v);
  split_line(u, along_u_, n, to.x, to.fx);
  split_line(v, along_v_, n, to.y, to.fy);
  return kStepError;
}

void ProjectivePlaces::exact(int x, int y, int n, double* __restrict u, double* __restrict v) const {
  const std::array<double, 9> V = V_;
  const double u0 = V[1] * y + V[2], v0 = V[4] * y + V[5], w0 = V[7] * y + V[8];
  for (int i = 0; i < n; ++i) {
    const double w = 1 / (V[6] * (x + i) + w0);
    u[i] = (V[0] * (x + i) + u0) * w, v[i] = (V[3] * (x + i) + v0) * w;
  }
}

PlaceBox ProjectivePlaces::box(int x, int y, int n) const {
  const double w0 = V_[7] * y + V_[8], w_begin = V_[6] * x + w0, w_end = V_[6] * (x + n - 1) + w0;
  const double large = std::max(std::abs(w_begin), std::abs(w_end)),
               small = std::min(std::abs(w_begin), std::abs(w_end));
  if (!(w_begin * w_end > 0) || small < 1e-3 * large) return {};
  double u[2], v[2];
  exact(x, y, 1, u, v);
  exact(x + n - 1, y, 1, u + 1, v + 1);
  return {std::min(u[0], u[1]), std::max(u[0], u[1]), std::min(v[0], v[1]), std::max(v[0], v[1])};
}

double ProjectivePlaces::split(int x, int y, int n, SplitPlaces& to) const {
  return split_projective(V_, x, V_[1] * y + V_[2], V_[4] * y + V_[5], V_[7] * y + V_[8], n, to);
}

}  // namespace assay
