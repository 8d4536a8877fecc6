// ml/tree/presort.cpp
// Method   few distinct values: 1 number them as they come (numbering.h)   2 sort them   3 sort the rows by counting
//          many: 1 doubles become whole numbers of the same order   2 sort by 11 bits at a time, lowest first, each pass
//          stable (passes in which all digits are equal are left out)   3 ranks
#include "assay/ml/tree/presort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "assay/ml/tree/numbering.h"

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

constexpr int kCounted = 1024;  ///< distinct values that are counted

/// False: there are too many distinct values.
bool sort_by_counting(const double* x, const std::vector<int>& rows, std::vector<Entry>& list) {
  Numbering numbering(kCounted);
  std::vector<uint16_t> number(rows.size());
  constexpr uint16_t kNone = kCounted;
  std::vector<uint32_t> start(kCounted + 2, 0);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double value = x[rows[i]];
    const int k = std::isnan(value) ? kNone : numbering.of(value);
    if (k < 0) return false;
    number[i] = static_cast<uint16_t>(k);
  }
  const std::vector<double>& values = numbering.values();
  std::vector<uint16_t> order(values.size()), rank(kCounted + 1, kNone);
  std::iota(order.begin(), order.end(), uint16_t{0});
  std::sort(order.begin(), order.end(), [&](uint16_t a, uint16_t b) { return values[a] < values[b]; });
  for (size_t r = 0; r < order.size(); ++r) rank[order[r]] = static_cast<uint16_t>(r);
  for (uint16_t& k : number) ++start[static_cast<size_t>(k = rank[k]) + 1];
  for (size_t r = 1; r < start.size(); ++r) start[r] += start[r - 1];
  list.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i)
    list[start[number[i]]++] = {number[i] == kNone ? kMissing : number[i], static_cast<uint32_t>(rows[i])};
  return true;
}

}  // namespace

std::vector<Entry> sort_column(const double* x, const std::vector<int>& rows) {
  std::vector<Entry> list;
  if (sort_by_counting(x, rows, list)) return list;
  std::vector<Keyed> present;
  std::vector<Entry> missing;
  present.reserve(rows.size());
  for (const int row : rows) {
    if (std::isnan(x[row]))
      missing.push_back({kMissing, static_cast<uint32_t>(row)});
    else
      present.push_back({ordered_bits(x[row]), static_cast<uint32_t>(row)});
  }
  radix_sort(present);
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
