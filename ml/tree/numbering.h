// ml/tree/numbering.h: numbers for the distinct values of a column, by a hash table with open addressing.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

namespace assay::tree {

/// Numbers distinct values 0, 1, ... as they come.
class Numbering {
 public:
  /// At most `most` of them, below 2^15.
  explicit Numbering(int most)
      : most_(static_cast<size_t>(most)),
        slot_bits_(static_cast<int>(std::bit_width(most_)) + 2),
        bits_(size_t{1} << slot_bits_),
        number_(size_t{1} << slot_bits_, -1) {}
  /// x is no NaN; -1: too many.
  int of(double x) {
    const uint64_t bits = std::bit_cast<uint64_t>(x + 0.0);  // 0 and -0 are one
    size_t slot = (bits * 0x9e3779b97f4a7c15ull) >> (64 - slot_bits_);
    while (number_[slot] >= 0 && bits_[slot] != bits) slot = (slot + 1) & (number_.size() - 1);
    if (number_[slot] < 0) {
      if (values_.size() == most_) return -1;
      bits_[slot] = bits;
      number_[slot] = static_cast<int16_t>(values_.size());
      values_.push_back(x);
    }
    return number_[slot];
  }
  const std::vector<double>& values() const { return values_; }

 private:
  size_t most_;
  int slot_bits_;
  std::vector<uint64_t> bits_;
  std::vector<int16_t> number_;
  std::vector<double> values_;
};

}  // namespace assay::tree
