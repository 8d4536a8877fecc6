// Notation   as node_search.h; a class's sums in 16 bits
// Method     1 weight and class of a row in one word   2 sums of a node by class   3 cells [rank][class], and a list of the ranks
//            that occur   4 those ranks move to the left one after the other
// Departures from the paper: none; where the weights are whole numbers (a bootstrap's are), all sums are exact, and the choice is
//            that of the sums in f64.
#include <algorithm>
#include <bit>
#include <numeric>

#include "assay/ml/ensemble/class_power_kernels.h"
#include "assay/ml/ensemble/node_search.h"

namespace assay::ensemble {
namespace {

constexpr int kWhole = 1 << 15;  ///< weights and their sums stay below
constexpr int kFewClasses = 64;

}  // namespace

/// Weight and class of every row in one word, where all weights are whole numbers below 2^15.
void NodeSearch::label_rows() {
  if (p_.K == 0 || p_.K > kFewClasses) return;
  const int n = static_cast<int>(p_.X.rows());
  label_.resize(static_cast<size_t>(n));
  bool whole = true;
  for (int i = 0; i < n; ++i) {
    const double w = p_.w(i);
    const int rounded = static_cast<int>(std::min<double>(w, kWhole));
    whole &= rounded == w && rounded < kWhole;
    label_[static_cast<size_t>(i)] = p_.code[i] << 16 | rounded;
  }
  if (!whole) label_.clear();
}

/// Weights and classes of the node's rows, and the sums of both, in whole numbers; false: they are not, or too great. Classes
/// without weight in the node add nothing to any sum: the others are numbered anew.
bool NodeSearch::count_few_classes() {
  const size_t m = static_cast<size_t>(count_);
  if (label_.empty() || m >= kWhole) return false;
  int all[2][kFewClasses] = {};  // by turns: neighbours are often of one class, and would wait for each other
  uint64_t seen = 0;
  int W = 0;
  for (size_t i = 0; i < m; ++i) {
    const int label = label_[static_cast<size_t>(rows_[i])], w = label & 0xffff, k = label >> 16;
    whole_w_[i] = static_cast<int16_t>(w);
    w_[i] = w;
    code_[i] = k;
    all[i % 2][k] += w;
    seen |= uint64_t{w > 0} << k;
    W += w;
  }
  for (const int k : classes_) node_.total.s[static_cast<size_t>(k)] = 0;
  classes_.clear();
  T_.clear();
  for (; seen; seen &= seen - 1) {
    const int k = std::countr_zero(seen);
    local_[static_cast<size_t>(k)] = static_cast<int>(T_.size());
    classes_.push_back(k);
    T_.push_back(all[0][k] + all[1][k]);
    node_.total.s[static_cast<size_t>(k)] = T_.back();
  }
  node_.total.W = W;
  if (T_.size() > 1)
    for (size_t i = 0; i < m; ++i) code_[i] = local_[static_cast<size_t>(code_[i])];
  return W < kWhole;
}

size_t NodeSearch::padded_classes() const { return (T_.size() + kWholeClasses - 1) / kWholeClasses * kWholeClasses; }

/// cells[rank][class], classes padded, and a list of the ranks that occur. Cells are 0 before and after (clear_whole).
template <class Rank>
void NodeSearch::count_whole(const Rank* ranks, int distinct) {
  const size_t R = static_cast<size_t>(distinct), m = static_cast<size_t>(count_), n = padded_classes();
  if (whole_cells_.size() < (R + 1) * n) whole_cells_.resize((R + 1) * n, 0);
  seen_.assign(R / 64 + 1, 0);
  const int *rows = rows_, *code = code_.data();
  const int16_t* w = whole_w_.data();
  int16_t* cells = whole_cells_.data();
  const auto add = [=](size_t i) -> size_t {
    const size_t r = ranks[rows[i]], at = r * n + static_cast<size_t>(code[i]);
    cells[at] = static_cast<int16_t>(cells[at] + w[i]);
    return r;
  };
  if (R < 64) {  // in a register
    uint64_t seen = 0;
    for (size_t i = 0; i < m; ++i) seen |= uint64_t{1} << add(i);
    seen_[0] = seen;
  } else {
    for (size_t i = 0; i < m; ++i) {
      const size_t r = add(i);
      seen_[r / 64] |= uint64_t{1} << r % 64;
    }
  }
  occurs_.clear();
  for (size_t word = 0; word < seen_.size(); ++word)
    for (uint64_t bits = seen_[word]; bits; bits &= bits - 1)
      occurs_.push_back(static_cast<uint32_t>(word * 64) + static_cast<uint32_t>(std::countr_zero(bits)));
  missing_.rows = 0;
  missing_.w = 0;
  if (p_.min_leaf > 1) {
    rank_rows_.assign(R + 1, 0);
    for (size_t i = 0; i < m; ++i) ++rank_rows_[ranks[rows_[i]]];
  }
  if (occurs_.back() == R) {
    const int16_t* none = whole_cells_.data() + R * n;
    std::copy_n(none, T_.size(), missing_.L.begin());
    missing_.w = std::accumulate(none, none + T_.size(), 0);
    missing_.rows = p_.min_leaf > 1 ? rank_rows_[R] : missing_.w > 0;
    std::fill_n(whole_cells_.begin() + static_cast<Index>(R * n), n, 0);
    occurs_.pop_back();
  }
  sums_.reserve(occurs_.size() + 1);
}

template void NodeSearch::count_whole(const uint8_t*, int);
template void NodeSearch::count_whole(const uint16_t*, int);
template void NodeSearch::count_whole(const uint32_t*, int);

/// A/W_L + B/W_R after each rank that occurs.
void NodeSearch::values_whole(bool missing_left, std::vector<double>& value) {
  const size_t G = occurs_.size(), n = padded_classes();
  const double W = node_.total.W, w = missing_left ? missing_.w : 0;
  whole_T_.assign(n, 0);
  whole_L_.assign(n, 0);
  std::copy(T_.begin(), T_.end(), whole_T_.begin());
  if (missing_left) std::copy_n(missing_.L.begin(), T_.size(), whole_L_.begin());
  for (std::vector<int>& power : powers_)
    if (power.size() < G) power.resize(G);
  move_left_by_ranks(whole_cells_.data(), occurs_.data(), static_cast<int>(G), static_cast<int>(n), whole_T_.data(),
                     whole_L_.data(), powers_[0].data(), powers_[1].data(), powers_[2].data());
  if (value.size() < G + 1) value.resize(G + 1);
  size_t g = 0;
  int rows = 0, before = static_cast<int>(w);
  for (size_t j = 0; j < G; ++j) {  // a rank without weight is overwritten by the next
    const double W_L = powers_[2][j];
    if (p_.min_leaf > 1) rows += rank_rows_[occurs_[j]];
    value[g] = (powers_[0][j] * (W - W_L) + powers_[1][j] * W_L) / (W_L * (W - W_L));
    sums_.w[g] = W_L - w;
    sums_.rows[g] = rows;
    sums_.rank[g] = occurs_[j];
    g += powers_[2][j] != before;
    before = powers_[2][j];
  }
  sums_.size = static_cast<int>(g);
}

void NodeSearch::clear_whole() {
  const size_t n = padded_classes();
  for (const uint32_t r : occurs_) std::fill_n(whole_cells_.begin() + static_cast<Index>(r * n), n, 0);
}

}  // namespace assay::ensemble
