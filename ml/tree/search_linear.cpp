// ml/tree/search_linear.cpp: the linear filter of search.cpp, and the textbook's choice in one column of values.
#include <algorithm>
#include <array>

#include "assay/ml/tree/search.h"
#include "assay/ml/tree/search_kernels.h"

namespace assay::tree {
namespace {

constexpr int kBlock = 256;      ///< boundaries evaluated together, in the innermost cache
constexpr int kSplitBlock = 64;  ///< smaller: few of them are looked at again

}  // namespace

double FastSearch::linear_filter(const NodeStats& node, const Entry* list, int present, int count,
                                 bool missing_left) const {
  const double W = node.total.W, T = node.total.s.back();
  const auto z = [&](const Entry& e) { return second_class_.empty() ? z_[e.row] : second_class_[e.row]; };
  double L = 0, W_L = 0;
  const int missing = missing_left ? count - present : 0;
  for (int i = 0; i < missing; ++i) {
    L += z(list[present + i]);
    W_L += p_.w(static_cast<int>(list[present + i].row));
  }
  // Behind entry i there are i + 1 + missing rows on the left, of which min_leaf must be on either side.
  const int first = p_.min_leaf - missing - 1, last = count - p_.min_leaf - missing - 1;
  const int end = present == count || missing_left ? present - 1 : present;
  alignas(64) std::array<double, kBlock> sums, weights;
  double best = -1;
  const auto walk = [&](auto z_of, auto w_of, bool weighted) {
    for (int begin = 0; begin < end; begin += kBlock) {
      const int n = std::min(kBlock, end - begin);
      const double before = W_L;
      const Entry* entry = list + begin;
      const auto row = [entry](int i) { return entry[i].row; };
      int i = 0;
      for (; i + 4 <= n; i += 4) {  // four are added up before L is known: an addition in four waits for the one before
        const double z1 = z_of(row(i)), z2 = z1 + z_of(row(i + 1));
        const double z3 = z2 + z_of(row(i + 2)), z4 = z2 + (z_of(row(i + 2)) + z_of(row(i + 3)));
        double* out = sums.data() + i;
        out[0] = L + z1;
        out[1] = L + z2;
        out[2] = L + z3;
        out[3] = L += z4;
      }
      for (; i < n; ++i) sums[static_cast<size_t>(i)] = L += z_of(row(i));
      for (int j = 0; weighted && j < n; ++j) weights[static_cast<size_t>(j)] = W_L += w_of(row(j));
      if (!weighted) W_L += n;
      best = std::max(best,
                      greatest_of_boundaries(entry, std::clamp(first - begin, 0, n), std::clamp(last + 1 - begin, 0, n),
                                             sums.data(), weighted ? weights.data() : nullptr, before, W, T));
    }
  };
  const auto weight = [&](uint32_t row) { return p_.weight[row]; };
  const bool weighted = p_.weight != nullptr;
  if (!second_class_.empty())
    walk([c = second_class_.data()](uint32_t row) { return static_cast<double>(c[row]); }, weight, false);
  else
    walk([z = z_.data()](uint32_t row) { return z[row]; }, weight, weighted);
  return best < 0 ? best : best * (p_.K == 2 ? 2 : 1) / (W * W);
}

/// choose_split for one column of values without missing cells: the same sums in the same order, without a visitor.
Split FastSearch::linear_split(const NodeStats& node, int f, const Entry* list, int count) {
  const double W = node.total.W, T = node.total.s[0];
  const int end = count - 1, first = p_.min_leaf - 1, last = count - p_.min_leaf - 1;
  sums_.resize(static_cast<size_t>(end));
  weights_.resize(static_cast<size_t>(end));
  double L = 0, W_L = 0;
  for (int i = 0; i < end; ++i) {
    sums_[static_cast<size_t>(i)] = L += z_[list[i].row];
    weights_[static_cast<size_t>(i)] = W_L += p_.w(static_cast<int>(list[i].row));
  }
  // The gains of the textbook are needed only where the filter's reach the greatest.
  const int blocks = (end + kSplitBlock - 1) / kSplitBlock;
  filtered_.resize(static_cast<size_t>(blocks));
  for (int b = 0; b < blocks; ++b) {
    const int begin = b * kSplitBlock, n = std::min(kSplitBlock, end - begin);
    filtered_[static_cast<size_t>(b)] =
        greatest_of_boundaries(list + begin, std::clamp(first - begin, 0, n), std::clamp(last + 1 - begin, 0, n),
                               sums_.data() + begin, weights_.data() + begin, 0, W, T);
  }
  const double near = *std::max_element(filtered_.begin(), filtered_.end()) - 3 * slack(node) * W * W;
  const auto over_near = [&](auto&& see) {
    for (int b = 0; b < blocks; ++b) {
      if (filtered_[static_cast<size_t>(b)] < near) continue;
      for (int i = std::max(first, b * kSplitBlock); i < end && i <= last && i < (b + 1) * kSplitBlock; ++i) {
        const size_t j = static_cast<size_t>(i);
        const double difference = sums_[j] * W - T * weights_[j], weights = weights_[j] * (W - weights_[j]);
        if (list[i].rank == list[i + 1].rank || difference * difference < near * weights) continue;
        if (!see(i, difference * difference / weights / (W * W))) return;
      }
    }
  };
  double greatest = -1;
  over_near([&](int, double g) {
    greatest = std::max(greatest, g);
    return true;
  });
  const double floor = std::max(0.0, greatest - kTie * node.impurity);
  Split split;
  over_near([&](int i, double g) {
    if (g < floor) return true;
    split.feature = f;
    split.gain = g;
    double left = 0;
    for (int j = 0; j <= i; ++j) left += p_.w(static_cast<int>(list[j].row));
    split.default_left = left >= W - left;
    split.threshold =
        midpoint(p_.cell(static_cast<int>(list[i].row), f), p_.cell(static_cast<int>(list[i + 1].row), f));
    return false;
  });
  return split;
}

}  // namespace assay::tree
