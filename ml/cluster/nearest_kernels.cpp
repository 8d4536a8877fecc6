// Method   kCenters sums for kParts registers of rows stay in registers while f runs; then each row, a lane, keeps its least
//          and second least.
#include "assay/ml/cluster/nearest_kernels.h"

#include <limits>

#include "assay/core/simd.h"

namespace assay::kmeans {
namespace {

constexpr int kWide = kSimdBytes / sizeof(float), kParts = 2;
static_assert(kPanel % (kParts * kWide) == 0);
using Wide = SimdAnywhere<float, kWide>;
using Ints = SimdAnywhere<int, kWide>;

constexpr int kEight = 8;
using Eight = SimdAnywhere<double, kEight>;

Eight square(const double* x, const double* m, Eight sum) {
  const Eight difference = *reinterpret_cast<const Eight*>(x) - *reinterpret_cast<const Eight*>(m);
  return sum + difference * difference;
}

}  // namespace

double squared_distance(const double* x, const double* m, std::ptrdiff_t d) {
  Eight a{}, b{}, c{}, e{};
  std::ptrdiff_t f = 0;
  for (; f + 4 * kEight <= d; f += 4 * kEight) {
    a = square(x + f, m + f, a);
    b = square(x + f + kEight, m + f + kEight, b);
    c = square(x + f + 2 * kEight, m + f + 2 * kEight, c);
    e = square(x + f + 3 * kEight, m + f + 3 * kEight, e);
  }
  for (; f + kEight <= d; f += kEight) a = square(x + f, m + f, a);
  Eight lane = (a + b) + (c + e);
  for (int l = 0; f + l < d; ++l) lane[l] += (x[f + l] - m[f + l]) * (x[f + l] - m[f + l]);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

float product(const float* p, const float* z, std::ptrdiff_t d) {
  Wide a{}, b{}, c{}, e{};
  std::ptrdiff_t f = 0;
  const auto wide = [](const float* x) { return *reinterpret_cast<const Wide*>(x); };
  for (; f + 4 * kWide <= d; f += 4 * kWide) {
    a += wide(p + f) * wide(z + f);
    b += wide(p + f + kWide) * wide(z + f + kWide);
    c += wide(p + f + 2 * kWide) * wide(z + f + 2 * kWide);
    e += wide(p + f + 3 * kWide) * wide(z + f + 3 * kWide);
  }
  for (; f + kWide <= d; f += kWide) a += wide(p + f) * wide(z + f);
  a += b + (c + e);
  float sum = 0;
  for (int l = 0; l < kWide; ++l) sum += a[l];
  for (; f < d; ++f) sum += p[f] * z[f];
  return sum;
}

double sum_of_squares(const float* p, std::ptrdiff_t d) {
  double lane[kEight] = {};
  std::ptrdiff_t f = 0;
  for (; f + kEight <= d; f += kEight)
    for (int l = 0; l < kEight; ++l) lane[l] += static_cast<double>(p[f + l]) * static_cast<double>(p[f + l]);
  for (int l = 0; f + l < d; ++l) lane[l] += static_cast<double>(p[f + l]) * static_cast<double>(p[f + l]);
  double sum = 0;
  for (const double x : lane) sum += x;
  return sum;
}

namespace {

// kParts * kWide rows of the panel.
void least_of_rows(const float* panel, const float* z, const float* half, std::ptrdiff_t blocks, std::ptrdiff_t d,
                   float* least, float* second, int* which, float* scores) {
  constexpr std::ptrdiff_t kStep = kPanel / kWide;  // from column to column of the panel
  const auto* p = reinterpret_cast<const Wide*>(panel);
  Wide best[kParts], next[kParts];
  Ints name[kParts];
  for (int w = 0; w < kParts; ++w) {
    best[w] = next[w] = Wide{} + std::numeric_limits<float>::infinity();
    name[w] = Ints{};
  }
  for (std::ptrdiff_t b = 0; b < blocks; ++b) {
    Wide sum[kCenters][kParts];
    for (int c = 0; c < kCenters; ++c)
      for (int w = 0; w < kParts; ++w) sum[c][w] = Wide{} + half[b * kCenters + c];
    const float* zb = z + b * kCenters * d;
    for (std::ptrdiff_t f = 0; f < d; ++f) {
      Wide row[kParts];
      for (int w = 0; w < kParts; ++w) row[w] = p[f * kStep + w];
      for (int c = 0; c < kCenters; ++c)
        for (int w = 0; w < kParts; ++w) sum[c][w] -= row[w] * zb[f * kCenters + c];
    }
    for (int c = 0; c < kCenters; ++c)
      for (int w = 0; w < kParts; ++w) {
        const Wide s = sum[c][w];
        const Wide larger = s > best[w] ? s : best[w];
        next[w] = larger < next[w] ? larger : next[w];
        name[w] = s < best[w] ? Ints{} + static_cast<int>(b * kCenters + c) : name[w];
        best[w] = s < best[w] ? s : best[w];
        if (scores) reinterpret_cast<Wide*>(scores)[(b * kCenters + c) * kStep + w] = s;
      }
  }
  for (int w = 0; w < kParts; ++w) {
    reinterpret_cast<Wide*>(least)[w] = best[w];
    reinterpret_cast<Wide*>(second)[w] = next[w];
    reinterpret_cast<Ints*>(which)[w] = name[w];
  }
}

}  // namespace

void least_scores(const float* panel, const float* z, const float* half, std::ptrdiff_t blocks, std::ptrdiff_t d,
                  float* least, float* second, int* which, float* scores) {
  for (int r = 0; r < kPanel; r += kParts * kWide)
    least_of_rows(panel + r, z, half, blocks, d, least + r, second + r, which + r, scores ? scores + r : nullptr);
}

}  // namespace assay::kmeans
