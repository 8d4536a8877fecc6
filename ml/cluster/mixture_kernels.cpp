// Method     lanes are rows: each lane does the same arithmetic, so a row's density does not depend on its neighbours; sums
//            over a block are made lane by lane in eight fixed lanes and then added up in a fixed order
// Departures vectors of eight doubles are g++'s and clang's own type: with plain loops the tiles of sums do not stay in
//            registers
#include "assay/ml/cluster/mixture_kernels.h"

#include <cmath>

#include "assay/core/exp_kernel.h"
#include "assay/core/simd.h"

namespace assay::mixture {
namespace {

constexpr Index kWide = 8;
using Wide = SimdAnywhere<double, kWide>;

const Wide& wide(const double* x) { return *reinterpret_cast<const Wide*>(x); }
Wide& wide(double* x) { return *reinterpret_cast<Wide*>(x); }

double add_lanes(const Wide& v) { return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])); }

// |W y|^2 for rows f .. f + R of W and V vectors of lanes, added to out.
template <int R, int V>
inline void add_row_squares(const double* y, const double* W, Index stride, Index f, Index columns, double* out) {
  Wide total[R][V] = {};
  for (Index g = 0; g < columns; ++g)
    for (int r = 0; r < R; ++r) {
      const double w = W[(f + r) * stride + g];
      for (int v = 0; v < V; ++v) total[r][v] += w * wide(y + g * kBlock + v * kWide);
    }
  for (int v = 0; v < V; ++v) {
    Wide squares = wide(out + v * kWide);
    for (int r = 0; r < R; ++r) squares += total[r][v] * total[r][v];
    wide(out + v * kWide) = squares;
  }
}

// Products of columns f .. f + R of `a` with g .. g + C of `b`, summed over the lanes.
template <int R, int C>
inline void add_products(const double* a, const double* b, Index f, Index g, double* second, Index stride) {
  Wide total[R][C] = {};
  for (Index i = 0; i < kBlock; i += kWide)
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) total[r][c] += wide(a + (f + r) * kBlock + i) * wide(b + (g + c) * kBlock + i);
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) second[(f + r) * stride + g + c] += add_lanes(total[r][c]);
}

}  // namespace

void subtract_mean(const double* x, const double* m, Index d, double* y) {
  for (Index f = 0; f < d; ++f)
    for (Index i = 0; i < kBlock; ++i) y[f * kBlock + i] = x[f * kBlock + i] - m[f];
}

void whitened_squares(const double* y, const double* W, Index stride, Index d, double* out) {
  constexpr int kVectors = 4;
  for (Index i = 0; i < kBlock; i += kVectors * kWide) {
    for (int v = 0; v < kVectors; ++v) wide(out + i + v * kWide) = Wide{};
    Index f = 0;  // four rows of W at once: the zeros right of the diagonal are multiplied, too
    for (; f + 4 <= d; f += 4) add_row_squares<4, kVectors>(y + i, W, stride, f, f + 4, out + i);
    for (; f < d; ++f) add_row_squares<1, kVectors>(y + i, W, stride, f, f + 1, out + i);
  }
}

void scaled_squares(const double* y, const double* w, Index d, double* out) {
  for (Index i = 0; i < kBlock; i += kWide) {
    Wide total{};
    for (Index f = 0; f < d; ++f) {
      const Wide z = w[f] * wide(y + f * kBlock + i);
      total += z * z;
    }
    wide(out + i) = total;
  }
}

double responsibilities(const double* weight, Index K, double* l) {
  double top[kBlock], total[kBlock];
  for (Index i = 0; i < kBlock; ++i) top[i] = l[i], total[i] = 0;
  for (Index k = 1; k < K; ++k)
    for (Index i = 0; i < kBlock; ++i) top[i] = l[k * kBlock + i] > top[i] ? l[k * kBlock + i] : top[i];
  for (Index k = 0; k < K; ++k)
    for (Index i = 0; i < kBlock; ++i) {
      const double e = kernel::exp_of(l[k * kBlock + i] - top[i]);
      l[k * kBlock + i] = e;
      total[i] += e;
    }
  double sum = 0;
  for (Index i = 0; i < kBlock; ++i)
    if (weight[i] > 0) sum += weight[i] * (top[i] + std::log(total[i]));
  for (Index i = 0; i < kBlock; ++i) total[i] = weight[i] / total[i];
  for (Index k = 0; k < K; ++k)
    for (Index i = 0; i < kBlock; ++i) l[k * kBlock + i] *= total[i];
  return sum;
}

double sum_lanes(const double* r) {
  Wide total{};
  for (Index i = 0; i < kBlock; i += kWide) total += wide(r + i);
  return add_lanes(total);
}

void add_moments(const double* r, const double* y, Index d, double* scaled, double* first, double* second,
                 Index stride) {
  for (Index f = 0; f < d; ++f) {
    Wide total{};
    for (Index i = 0; i < kBlock; i += kWide) {
      const Wide product = wide(r + i) * wide(y + f * kBlock + i);
      wide(scaled + f * kBlock + i) = product;
      total += product;
    }
    first[f] += add_lanes(total);
  }
  Index f = 0;
  for (; f + 4 <= d; f += 4)
    for (Index g = 0; g < f + 4; g += 4) add_products<4, 4>(scaled, y, f, g, second, stride);
  for (; f < d; ++f)
    for (Index g = 0; g <= f; ++g) add_products<1, 1>(scaled, y, f, g, second, stride);
}

void add_diagonal_moments(const double* r, const double* y, Index d, double* first, double* second) {
  for (Index f = 0; f < d; ++f) {
    Wide total{}, squares{};
    for (Index i = 0; i < kBlock; i += kWide) {
      const Wide product = wide(r + i) * wide(y + f * kBlock + i);
      total += product;
      squares += product * wide(y + f * kBlock + i);
    }
    first[f] += add_lanes(total);
    second[f] += add_lanes(squares);
  }
}

}  // namespace assay::mixture
