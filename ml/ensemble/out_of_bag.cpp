// Notation   y target, w weight; votes_i: sum of the answers of the trees that have not drawn row i
// Method     score: for blocks of rows, tree after tree, add the answers to the votes; at some numbers of trees count errors
// Departures from the paper: votes are the leaves' class shares, not one class a tree (the same for trees grown to the end).
//            Importance is the mean over trees of a tree's own loss of accuracy (as Breiman's program does), where
//            sec. 10 of the paper compares the forest's votes.
#include "assay/ml/ensemble/out_of_bag.h"

#include <algorithm>
#include <cmath>

namespace assay::ensemble {
namespace {

constexpr Index kBlock = 1024;

/// Two numbers of 0..n-1 from one draw of 64 bits, each by multiply-shift with rejection [Lemire2019, alg. 5].
class RowDraws {
 public:
  RowDraws(Rng rng, size_t n) : rng_(rng), n_(static_cast<uint32_t>(n)), threshold_((0 - n_) % n_) {}
  uint32_t next() {
    uint64_t product = uint64_t{half()} * n_;
    while (static_cast<uint32_t>(product) < threshold_) product = uint64_t{half()} * n_;
    return static_cast<uint32_t>(product >> 32);
  }

 private:
  uint32_t half() {
    odd_ = !odd_;
    if (odd_) bits_ = rng_.next();
    return static_cast<uint32_t>(odd_ ? bits_ >> 32 : bits_);
  }
  Rng rng_;
  uint32_t n_, threshold_;
  uint64_t bits_ = 0;
  bool odd_ = false;
};

/// 0 or 1 for a class, the squared error of a value.
double loss(const double* votes, double trees, const Target& target, int i) {
  if (target.K() == 0) {
    const double e = votes[0] / trees - target.value[i];
    return e * e;
  }
  return std::max_element(votes, votes + target.K()) - votes != target.code[static_cast<size_t>(i)];
}

struct Errors {
  std::vector<double> loss, weight;  ///< at each place of the curve
  int rows = 0;
};

}  // namespace

Bag draw_bag(const Samples& samples, Index draws, Rng rng) {
  Bag bag;
  const Index n = samples.n();
  std::vector<int> choice;
  for (Index i = 0; i < n; ++i)
    if (samples.weight_of(i) > 0) choice.push_back(static_cast<int>(i));
  bag.weight.assign(static_cast<size_t>(n), draws == 0 ? 1.0 : 0.0);
  RowDraws draw(rng, choice.size());
  for (Index j = 0; j < draws; ++j) bag.weight[static_cast<size_t>(choice[draw.next()])] += 1;
  for (const int i : choice)
    if (bag.weight[static_cast<size_t>(i)] > 0) bag.rows.push_back(i);
  if (samples.weight.size())
    for (Index i = 0; i < n; ++i) bag.weight[static_cast<size_t>(i)] *= samples.weight[i];
  return bag;
}

std::vector<int> curve_places(int trees) {
  std::vector<int> places;
  for (int t = 1; t < trees; t *= 2) places.push_back(t);
  places.push_back(trees);
  return places;
}

OutOfBagScore score_out_of_bag(const std::vector<PackedTree>& trees, const std::vector<RowSet>& out,
                               const Samples& samples, const Target& target, const std::vector<bool>& categorical,
                               const std::vector<int>& places, int threads) {
  const Columns& X = samples.cols();
  const int K = target.K();
  const size_t width = static_cast<size_t>(std::max(K, 1));
  const bool any_categorical = std::count(categorical.begin(), categorical.end(), true) > 0;
  const auto errors_of = [&](Index begin, Index end) {
    Errors e{std::vector<double>(places.size(), 0.0), std::vector<double>(places.size(), 0.0), 0};
    const size_t count = static_cast<size_t>(end - begin);
    std::vector<double> cells, votes(count * width, 0.0);
    std::vector<int> voters(count, 0);
    std::vector<uint32_t> at, leaf(count);
    copy_rows(X, begin, end, cells);
    size_t place = 0;
    for (size_t t = 0; t < trees.size(); ++t) {
      at.clear();
      for (Index i = begin; i < end; ++i)
        if (out[t].has(i)) at.push_back(static_cast<uint32_t>(i - begin));
      find_leaves(trees[t], {cells.data(), X.cols(), static_cast<int>(at.size()), at.data()}, categorical,
                  any_categorical, leaf.data());
      for (size_t r = 0; r < at.size(); ++r) {
        trees[t].add_answer(static_cast<int>(leaf[r]), K, votes.data() + at[r] * width);
        ++voters[at[r]];
      }
      if (place == places.size() || static_cast<int>(t) + 1 != places[place]) continue;
      for (size_t r = 0; r < count; ++r) {
        if (voters[r] == 0) continue;
        const Index i = begin + static_cast<Index>(r);
        const double w = samples.weight_of(i);
        e.loss[place] += w * loss(votes.data() + r * width, voters[r], target, static_cast<int>(i));
        e.weight[place] += w;
      }
      ++place;
    }
    for (const int v : voters) e.rows += v > 0;
    return e;
  };
  const Errors sum =
      parallel_reduce(threads, X.rows(), kBlock,
                      Errors{std::vector<double>(places.size(), 0.0), std::vector<double>(places.size(), 0.0)},
                      errors_of, [](Errors& total, const Errors& part) {
                        for (size_t p = 0; p < total.loss.size(); ++p) {
                          total.loss[p] += part.loss[p];
                          total.weight[p] += part.weight[p];
                        }
                        total.rows += part.rows;
                      });
  OutOfBagScore score;
  score.rows = sum.rows;
  for (size_t p = 0; p < places.size(); ++p)
    if (sum.weight[p] > 0) score.curve.emplace_back(places[p], sum.loss[p] / sum.weight[p]);
  if (!score.curve.empty()) score.error = score.curve.back().second;
  return score;
}

std::vector<double> shuffled_losses(const PackedTree& tree, const RowSet& out, const Samples& samples,
                                    const Target& target, const std::vector<bool>& categorical, Rng rng) {
  const Columns& X = samples.cols();
  const Index d = X.cols();
  const int K = target.K();
  const bool any_categorical = std::count(categorical.begin(), categorical.end(), true) > 0;
  std::vector<double> rise(static_cast<size_t>(d), 0.0);
  std::vector<int> rows;
  for (Index i = 0; i < X.rows(); ++i)
    if (out.has(i)) rows.push_back(static_cast<int>(i));
  if (rows.empty()) return rise;
  std::vector<bool> asked(static_cast<size_t>(d), false);
  for (int i = 0; i < tree.size(); ++i)
    if (!tree.leaf(i)) asked[tree.nodes[static_cast<size_t>(i)].feature] = true;

  std::vector<double> cells, votes(static_cast<size_t>(std::max(K, 1)));
  std::vector<uint32_t> leaf(rows.size());
  copy_rows(X, rows.data(), static_cast<int>(rows.size()), cells);
  const auto mean_loss = [&] {
    find_leaves(tree, {cells.data(), d, static_cast<int>(rows.size())}, categorical, any_categorical, leaf.data());
    double sum = 0, weight = 0;
    for (size_t r = 0; r < rows.size(); ++r) {
      std::fill(votes.begin(), votes.end(), 0.0);
      tree.add_answer(static_cast<int>(leaf[r]), K, votes.data());
      const double w = samples.weight_of(rows[r]);
      sum += w * loss(votes.data(), 1, target, rows[r]);
      weight += w;
    }
    return sum / weight;
  };
  const double before = mean_loss();
  for (Index f = 0; f < d; ++f) {
    if (!asked[static_cast<size_t>(f)]) continue;
    const std::vector<int> order = rng.permutation(static_cast<int>(rows.size()));
    for (size_t r = 0; r < rows.size(); ++r)
      cells[r * static_cast<size_t>(d) + static_cast<size_t>(f)] = X(rows[static_cast<size_t>(order[r])], f);
    rise[static_cast<size_t>(f)] = mean_loss() - before;
    for (size_t r = 0; r < rows.size(); ++r) cells[r * static_cast<size_t>(d) + static_cast<size_t>(f)] = X(rows[r], f);
  }
  return rise;
}

}  // namespace assay::ensemble
