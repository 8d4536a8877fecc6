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

// Sums have eight lanes whatever the machine's registers are, so that they are the same everywhere: one vector or two.
using Wide = SimdAnywhere<double>;
constexpr Index kWide = kSimdBytes / sizeof(double), kLanes = 8, kParts = kLanes / kWide;
using Sums = Wide[kParts];
constexpr bool kManyRegisters = kSimdBytes == 64;

const Wide& wide(const double* x) { return *reinterpret_cast<const Wide*>(x); }
Wide& wide(double* x) { return *reinterpret_cast<Wide*>(x); }

double add_lanes(const Sums& v) {
  double lane[kLanes];
  for (Index l = 0; l < kLanes; ++l) lane[l] = v[l / kWide][l % kWide];
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

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
  Sums total[R][C];
  for (Index p = 0; p < kParts; ++p) {
    Wide part[R][C] = {};
    for (Index i = p * kWide; i < kBlock; i += kLanes)
      for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) part[r][c] += wide(a + (f + r) * kBlock + i) * wide(b + (g + c) * kBlock + i);
    for (int r = 0; r < R; ++r)
      for (int c = 0; c < C; ++c) total[r][c][p] = part[r][c];
  }
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) second[(f + r) * stride + g + c] += add_lanes(total[r][c]);
}

}  // namespace

void subtract_mean(const double* x, const double* m, Index d, double* y) {
  for (Index f = 0; f < d; ++f)
    for (Index i = 0; i < kBlock; ++i) y[f * kBlock + i] = x[f * kBlock + i] - m[f];
}

void whitened_squares(const double* y, const double* W, Index stride, Index d, double* out) {
  constexpr int kVectors = kManyRegisters ? 4 : 2;
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
  Sums total{};
  for (Index i = 0; i < kBlock; i += kLanes)
    for (Index p = 0; p < kParts; ++p) total[p] += wide(r + i + p * kWide);
  return add_lanes(total);
}

void add_moments(const double* r, const double* y, Index d, double* scaled, double* first, double* second,
                 Index stride) {
  for (Index f = 0; f < d; ++f) {
    Sums total{};
    for (Index i = 0; i < kBlock; i += kLanes)
      for (Index p = 0; p < kParts; ++p) {
        const Index at = i + p * kWide;
        const Wide product = wide(r + at) * wide(y + f * kBlock + at);
        wide(scaled + f * kBlock + at) = product;
        total[p] += product;
      }
    first[f] += add_lanes(total);
  }
  Index f = 0;
  constexpr int kColumns = kManyRegisters ? 4 : 2;
  for (; f + 4 <= d; f += 4)
    for (Index g = 0; g < f + 4; g += kColumns) add_products<4, kColumns>(scaled, y, f, g, second, stride);
  for (; f < d; ++f)
    for (Index g = 0; g <= f; ++g) add_products<1, 1>(scaled, y, f, g, second, stride);
}

void add_diagonal_moments(const double* r, const double* y, Index d, double* first, double* second) {
  for (Index f = 0; f < d; ++f) {
    Sums total{}, squares{};
    for (Index i = 0; i < kBlock; i += kLanes)
      for (Index p = 0; p < kParts; ++p) {
        const Index at = i + p * kWide;
        const Wide product = wide(r + at) * wide(y + f * kBlock + at);
        total[p] += product;
        squares[p] += product * wide(y + f * kBlock + at);
      }
    first[f] += add_lanes(total);
    second[f] += add_lanes(squares);
  }
}

}  // namespace assay::mixture
