// Notation   y target, w weight; votes_i: sum of the answers of the trees that have not drawn row i
// Method     score: the rows out of a bag go down the tree while it grows; tree after tree, their answers are added to the
//            votes; at some numbers of trees the errors are counted
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
  bag.rows.resize(choice.size());
  bag.out.resize(choice.size());
  size_t drawn = 0, out = 0;
  for (const int i : choice) {  // no branch: which way it goes nobody could foresee
    const bool in = bag.weight[static_cast<size_t>(i)] > 0;
    bag.rows[drawn] = bag.out[out] = i;
    drawn += in;
    out += !in;
  }
  bag.rows.resize(drawn);
  bag.out.resize(out);
  if (samples.weight.size())
    for (Index i = 0; i < n; ++i) bag.weight[static_cast<size_t>(i)] *= samples.weight[i];
  return bag;
}

OutOfBagVotes::OutOfBagVotes(const Samples& samples, const Target& target)
    : samples_(samples),
      target_(target),
      width_(static_cast<size_t>(std::max(target.K(), 1))),
      votes_(static_cast<size_t>(samples.n()) * width_, 0.0),
      voters_(static_cast<size_t>(samples.n()), 0) {}

void OutOfBagVotes::add(const PackedTree& tree, const std::vector<RowAtLeaf>& rows) {
  for (const RowAtLeaf& at : rows) {
    tree.add_answer(static_cast<int>(at.leaf), target_.K(), votes_.data() + static_cast<size_t>(at.row) * width_);
    ++voters_[static_cast<size_t>(at.row)];
  }
}

double OutOfBagVotes::error(int threads) const {
  struct Sum {
    double loss = 0, weight = 0;
  };
  const Sum sum = parallel_reduce(
      threads, samples_.n(), kBlock, Sum{},
      [&](Index begin, Index end) {
        Sum part;
        for (Index i = begin; i < end; ++i) {
          const size_t row = static_cast<size_t>(i);
          if (voters_[row] == 0) continue;
          const double w = samples_.weight_of(i);
          part.loss += w * loss(votes_.data() + row * width_, voters_[row], target_, static_cast<int>(i));
          part.weight += w;
        }
        return part;
      },
      [](Sum& total, const Sum& part) {
        total.loss += part.loss;
        total.weight += part.weight;
      });
  return sum.weight > 0 ? sum.loss / sum.weight : 0;
}

int OutOfBagVotes::rows() const {
  return static_cast<int>(std::count_if(voters_.begin(), voters_.end(), [](int v) { return v > 0; }));
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
