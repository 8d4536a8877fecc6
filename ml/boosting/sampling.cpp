// ml/boosting/sampling.cpp
// Departures from the paper: with more than two classes each class's tree draws by its own gradients.
#include "assay/ml/boosting/sampling.h"

#include <algorithm>
#include <cmath>

namespace assay::boosting {

std::vector<int> goss(const std::vector<int>& rows, double top, double other, std::vector<Gradient>& gradients,
                      Rng rng) {
  const double n = static_cast<double>(rows.size());
  const size_t kept = std::min(rows.size(), static_cast<size_t>(std::ceil(top * n)));
  if (kept == rows.size()) return rows;
  std::vector<int> by_size = rows;
  const auto size = [&](int i) { return std::abs(gradients[static_cast<size_t>(i)].g); };
  std::nth_element(by_size.begin(), by_size.begin() + static_cast<std::ptrdiff_t>(kept), by_size.end(),
                   [&](int i, int j) { return size(i) != size(j) ? size(i) > size(j) : i < j; });
  std::vector<int> rest(by_size.begin() + static_cast<std::ptrdiff_t>(kept), by_size.end());
  std::sort(rest.begin(), rest.end());
  const std::vector<int> drawn = draw(rest, std::min(1.0, other * n / static_cast<double>(rest.size())), rng);
  const float factor = static_cast<float>(static_cast<double>(rest.size()) / static_cast<double>(drawn.size()));
  for (const int i : drawn) {
    gradients[static_cast<size_t>(i)].g *= factor;
    gradients[static_cast<size_t>(i)].h *= factor;
  }
  by_size.resize(kept);
  by_size.insert(by_size.end(), drawn.begin(), drawn.end());
  std::sort(by_size.begin(), by_size.end());
  return by_size;
}

}  // namespace assay::boosting
