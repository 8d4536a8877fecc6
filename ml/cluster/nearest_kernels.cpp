// Method   kCenters x kPanel sums stay in registers while f runs; then each row, a lane, keeps its least and second least.
//          `Wide` is sixteen floats with the operators of one; the compiler splits it into what the machine has.
#include "assay/ml/cluster/nearest_kernels.h"

#include <limits>

namespace assay::kmeans {
namespace {

constexpr int kWide = 16, kParts = kPanel / kWide;
using Wide = float __attribute__((vector_size(kWide * sizeof(float)), aligned(4)));
using Ints = int __attribute__((vector_size(kWide * sizeof(float)), aligned(4)));

}  // namespace

void least_scores(const float* panel, const float* z, const float* half, std::ptrdiff_t blocks, std::ptrdiff_t d,
                  float* least, float* second, int* which, float* scores) {
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
      for (int w = 0; w < kParts; ++w) row[w] = p[f * kParts + w];
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
        if (scores) reinterpret_cast<Wide*>(scores)[(b * kCenters + c) * kParts + w] = s;
      }
  }
  for (int w = 0; w < kParts; ++w) {
    reinterpret_cast<Wide*>(least)[w] = best[w];
    reinterpret_cast<Wide*>(second)[w] = next[w];
    reinterpret_cast<Ints*>(which)[w] = name[w];
  }
}

}  // namespace assay::kmeans
