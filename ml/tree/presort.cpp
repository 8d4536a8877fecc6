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

uint64_t digit(uint64_t key, int pass) { return key >> (pass * kDigitBits) & (kDigits - 1); }

void radix_sort(std::vector<Keyed>& items) {
  uint64_t varying = 0;  // bits in which the keys differ at all
  for (const Keyed& item : items) varying |= item.key ^ items[0].key;
  std::vector<Keyed> sorted(items.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    if (digit(varying, pass) == 0) continue;
    std::array<uint32_t, kDigits> start{};
    for (const Keyed& item : items) ++start[digit(item.key, pass)];
    uint32_t total = 0;
    for (uint32_t& c : start) {
      const uint32_t here = c;
      c = total;
      total += here;
    }
    for (const Keyed& item : items) sorted[start[digit(item.key, pass)]++] = item;
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
