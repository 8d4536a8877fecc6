// ml/tree/search_counted.cpp: the filters of search.cpp on columns of few values: L from sums by rank; A and B from a table of
// counts or, in a node of few rows, from a list sorted by counting.
#include <algorithm>
#include <array>

#include "assay/ml/tree/count_kernels.h"
#include "assay/ml/tree/search.h"

namespace assay::tree {
namespace {

/// Numbers of one rank or class each: on the stack unless there are many.
template <class T, size_t kFew>
class Room {
 public:
  explicit Room(size_t size) {
    if (size > kFew) many_.resize(size);
  }
  T* data() { return many_.empty() ? few_.data() : many_.data(); }

 private:
  alignas(64) std::array<T, kFew> few_;
  std::vector<T> many_;
};

}  // namespace

/// Numbers the classes that the node has 0, 1, ...: a node of few rows has few classes, and small tables.
void FastSearch::name_classes(const int* rows, int count) {
  name_.resize(class_rows_.size());
  named_ = 0;
  named_rows_.clear();
  for (size_t k = 0; k < class_rows_.size(); ++k)
    if (class_rows_[k] > 0) {
      name_[k] = named_++;
      named_rows_.push_back(static_cast<double>(class_rows_[k]));
    }
  named_rows_.resize(static_cast<size_t>(padded_classes(named_)), 0.0);
  named_code_.resize(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) named_code_[static_cast<size_t>(i)] = name_[static_cast<size_t>(p_.code[rows[i]])];
}

/// The linear filter of values, from sums by rank.
double FastSearch::summed_gain(const NodeStats& node, int f, const int* rows, int count) const {
  struct Sum {
    double z = 0, w = 0;
    void add(double other_z, double other_w) {
      z += other_z;
      w += other_w;
    }
  };
  std::array<Sum, kFewSums + 1> even, odd;  // two in turn: an addition need not wait for the one before
  std::array<int, kFewSums + 1> of_rank{};
  const uint8_t* rank = counted_.ranks(f);
  const double* z = z_.data();
  if (!p_.weight) {
    int i = 0;
    for (; i + 2 <= count; i += 2) {
      even[rank[rows[i]]].add(z[rows[i]], 1);
      odd[rank[rows[i + 1]]].add(z[rows[i + 1]], 1);
    }
    if (i < count) even[rank[rows[i]]].add(z[rows[i]], 1);
    for (size_t r = 0; r < of_rank.size(); ++r) of_rank[r] = static_cast<int>(even[r].w + odd[r].w);
  } else {
    for (int i = 0; i < count; ++i) {
      even[rank[rows[i]]].add(z[rows[i]], p_.weight[rows[i]]);
      ++of_rank[rank[rows[i]]];
    }
  }
  const size_t ranks = static_cast<size_t>(counted_.distinct(f));
  const double W = node.total.W, T = node.total.s[0];
  double best = -1;
  for (const bool missing_left : {true, false}) {
    if (missing_left && !counted_.missing(f)) continue;
    Sum left;
    int rows_left = 0;
    const auto move_left = [&](size_t r) {
      left.add(even[r].z + odd[r].z, even[r].w + odd[r].w);
      rows_left += of_rank[r];
    };
    if (missing_left) move_left(ranks);
    for (size_t r = 0; r < ranks; ++r) {
      move_left(r);
      if (rows_left < p_.min_leaf || count - rows_left < p_.min_leaf) continue;
      const double difference = left.z * W - T * left.w;
      best = std::max(best, difference * difference / (left.w * (W - left.w)));
    }
  }
  return best < 0 ? best : best / (W * W);
}

double FastSearch::counted_gain(const NodeStats& node, int f, const int* tables, const int* rows, int count,
                                std::vector<Entry>& spare) const {
  if (tables) return table_gain(f, {tables + counted_.begin(f), p_.K, counted_.padded(), padded_rows_.data()}, count);
  const int padded = static_cast<int>(named_rows_.size());
  const size_t size = static_cast<size_t>((counted_.distinct(f) + 1) * padded);
  if (!CountedColumns::worth_a_table(size, count)) {
    counted_.sort(f, rows, count, spare);
    return filtered_gain(node, spare.data(), count);
  }
  Room<int, 2048> room(size);
  int* table = room.data();
  std::fill_n(table, size, 0);
  const uint8_t* rank = counted_.ranks(f);
  for (int i = 0; i < count; ++i) ++table[rank[rows[i]] * padded + named_code_[static_cast<size_t>(i)]];
  return table_gain(f, {table, named_, padded, named_rows_.data()}, count);
}

double FastSearch::table_gain(int f, const ClassTable& table, int count) const {
  double best = -1;
  for (const bool missing_left : {true, false}) {
    if (missing_left && !counted_.missing(f)) continue;
    best = std::max(best, entropic(p_.criterion) ? table_entropy(f, table, count, missing_left)
                                                 : table_squares(f, table, count, missing_left));
  }
  return gain_of_power_sums(best, count);
}

/// Greatest A/W_L + B/W_R; -1: no split leaves enough rows on both sides.
double FastSearch::table_squares(int f, const ClassTable& table, int count, bool missing_left) const {
  const int ranks = counted_.distinct(f), padded = table.padded;
  Room<double, 64> room(static_cast<size_t>(padded));
  double* L = room.data();
  const int* missing = table.cells + ranks * padded;
  for (int k = 0; k < padded; ++k) L[k] = missing_left ? missing[k] : 0;
  alignas(64) std::array<double, kFewValues + 1> A, B, W;
  squares_by_rank(table.cells, ranks, padded, table.T, L, A.data(), B.data(), W.data());
  const double n = count, least = p_.min_leaf;
  double best = -1;
  for (size_t r = 0; r < static_cast<size_t>(ranks); ++r) {
    const double value = A[r] / std::max(W[r], 1.0) + B[r] / std::max(n - W[r], 1.0);
    const bool admissible = W[r] >= least && n - W[r] >= least;
    best = std::max(best, admissible ? value : -1);
  }
  return best;
}

/// Greatest A + B - f(W_L) - f(W_R) + f(W) - sum f(T_k) in units of 2^-shift; -1 as above.
double FastSearch::table_entropy(int f, const ClassTable& table, int count, bool missing_left) const {
  const int ranks = counted_.distinct(f), padded = table.padded;
  const int64_t* power = xlogx_.data();
  Room<int64_t, 64> left(static_cast<size_t>(table.K));
  int64_t* L = left.data();
  std::fill_n(L, table.K, 0);
  int64_t A = 0, B = power_sum_, best = -1;
  int rows = 0;
  const auto add = [&](const int* counts) {
    for (int k = 0; k < table.K; ++k) {
      const int h = counts[k];
      if (h == 0) continue;
      const int64_t R = static_cast<int64_t>(table.T[k]) - L[k];
      A += power[L[k] + h] - power[L[k]];
      B += power[R - h] - power[R];
      L[k] += h;
      rows += h;
    }
  };
  if (missing_left) add(table.cells + ranks * padded);
  for (int r = 0; r < ranks; ++r) {
    add(table.cells + r * padded);
    if (rows < p_.min_leaf || count - rows < p_.min_leaf) continue;
    const int64_t rise = A + B - power[rows] - power[count - rows] + power[count] - power_sum_;
    best = std::max(best, std::max<int64_t>(rise, 0));
  }
  return static_cast<double>(best);
}

}  // namespace assay::tree
