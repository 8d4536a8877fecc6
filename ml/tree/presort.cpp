// ml/tree/presort.cpp
// Method   1 doubles become whole numbers of the same order   2 sort by 11 bits at a time, lowest first, each pass
//          stable (passes in which all digits are equal are left out)   3 ranks
#include "assay/ml/tree/presort.h"

#include <array>
#include <bit>
#include <cmath>

namespace assay::tree {
namespace {

struct Keyed {
  uint64_t key;
  uint32_t row;
};

/// Bits of a double, made to order as the numbers do: all flipped below zero, else the sign alone. 0 and -0 are equal.
uint64_t ordered_bits(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x + 0.0);
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

constexpr int kDigitBits = 11, kDigits = 1 << kDigitBits, kPasses = (64 + kDigitBits - 1) / kDigitBits;

void radix_sort(std::vector<Keyed>& items) {
  std::vector<std::array<uint32_t, kDigits>> count(kPasses);
  for (const Keyed& item : items)
    for (int pass = 0; pass < kPasses; ++pass)
      ++count[static_cast<size_t>(pass)][item.key >> (pass * kDigitBits) & (kDigits - 1)];
  std::vector<Keyed> sorted(items.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    auto& start = count[static_cast<size_t>(pass)];
    if (start[items[0].key >> (pass * kDigitBits) & (kDigits - 1)] == items.size()) continue;
    uint32_t total = 0;
    for (uint32_t& c : start) {
      const uint32_t here = c;
      c = total;
      total += here;
    }
    for (const Keyed& item : items) sorted[start[item.key >> (pass * kDigitBits) & (kDigits - 1)]++] = item;
    items.swap(sorted);
  }
}

}  // namespace

std::vector<Entry> sort_column(const double* x, const std::vector<int>& rows) {
  std::vector<Keyed> present;
  std::vector<Entry> missing;
  present.reserve(rows.size());
  for (const int row : rows) {
    if (std::isnan(x[row]))
      missing.push_back({kMissing, static_cast<uint32_t>(row)});
    else
      present.push_back({ordered_bits(x[row]), static_cast<uint32_t>(row)});
  }
  if (!present.empty()) radix_sort(present);
  std::vector<Entry> list;
  list.reserve(rows.size());
  uint32_t rank = 0;
  for (size_t i = 0; i < present.size(); ++i) {
    rank += i > 0 && present[i].key != present[i - 1].key;
    list.push_back({rank, present[i].row});
  }
  list.insert(list.end(), missing.begin(), missing.end());
  return list;
}

}  // namespace assay::tree
