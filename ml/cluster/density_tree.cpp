// ml/cluster/density_tree.cpp
// Notation   leaf, gap, span: leaf_tree.h;  uniform: all cores of a part belong to one set
// Method     1 kd-tree   2 core points: leaf by leaf, against the leaves whose box is within eps   3 join: cores of a leaf, then
//            leaves within eps, in rounds; parts that are uniform and of the same set are passed over as a whole
//            4 number the clusters   5 border points
// Departures from the paper: one search serves all points of a leaf ([Ester1996] ask an R*-tree point by point), counting
//            stops once the weight is enough, and what is joined already is not measured again.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "assay/ml/cluster/density.h"
#include "assay/ml/cluster/leaf_tree.h"

namespace assay::density {
namespace {

constexpr Index kChunk = 32;  // leaves handed to a thread
constexpr int kRounds = 32;
constexpr int kNone = -1, kMixed = -2;  // of a part: no cores; cores of several sets

/// What one thread needs: a point, the leaves near its leaf, and which points of it they are near to.
struct Scratch {
  std::vector<double> p;
  std::vector<size_t> near;
  std::vector<Points> near_to;
};

class Clusters : LeafTree {
 public:
  Clusters(const Question& question, const Context& ctx)
      : LeafTree(question),
        ctx_(ctx),
        cores_(leaves_.size(), 0),
        part_(tree_.nodes.size(), kNone),
        sets_(question.X.rows()) {}

  Answer answer() {
    Answer answer;
    answer.cells = static_cast<Index>(leaves_.size());
    answer.dense = mark_cores();
    join();
    number(answer);
    answer.contested = place_borders(answer.labels);
    return answer;
  }

 private:
  void for_leaves(int threads, function_ref<void(size_t leaf, Scratch& scratch)> body) const {
    parallel_for(threads, static_cast<Index>(leaves_.size()), kChunk, [&](Index begin, Index end) {
      ctx_.check_cancelled();
      Scratch scratch;
      for (Index leaf = begin; leaf < end; ++leaf) body(static_cast<size_t>(leaf), scratch);
    });
  }

  /// Step 2. Cores come first in their leaf afterwards. The leaves that needed no distance.
  Index mark_cores() {
    std::vector<char> core(tree_.rows.size(), 0);
    std::atomic<Index> dense{0};
    for_leaves(ctx_.threads, [&](size_t leaf, Scratch& scratch) { dense += mark_cores_of(leaf, scratch, core); });
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf) cores_first(leaf, core.data() + node_of(leaf).begin);
    return dense;
  }

  bool mark_cores_of(size_t leaf, Scratch& scratch, std::vector<char>& core) const {
    const int count = node_of(leaf).count;
    char* const mine = core.data() + node_of(leaf).begin;
    Weight own = 0;
    for (int j = 0; j < count; ++j) own += question_.weight_of(row(leaf, j));
    if (own >= question_.enough && span(leaf) <= question_.reach) {
      for (int j = 0; j < count; ++j) mine[j] = question_.weight_of(row(leaf, j)) > 0;
      return true;
    }
    Points open = 0;  // not known to be core yet
    for (int j = 0; j < count; ++j) open |= Points{question_.weight_of(row(leaf, j)) > 0} << j;
    std::array<Weight, kBlock> total{};
    visit_near(
        leaf, [](int) { return false; },
        [&](size_t other) {
          for (Points rest = open & within(leaf, other); rest != 0; rest &= rest - 1) {
            const int j = std::countr_zero(rest);
            take_point(leaf, j, scratch.p);
            total[static_cast<size_t>(j)] += weight_within(scratch.p, other);
            if (total[static_cast<size_t>(j)] < question_.enough) continue;
            mine[j] = 1;
            open &= ~(Points{1} << j);
          }
          return open != 0;
        });
    return false;
  }

  Weight weight_within(const std::vector<double>& p, size_t leaf) const {
    const BlockDistances distance = distances(p, leaf);
    if (question_.weight.empty()) return (distance <= question_.reach).count();
    Weight total = 0;
    for (int k = 0; k < node_of(leaf).count; ++k)
      if (distance[k] <= question_.reach) total += question_.weight_of(row(leaf, k));
    return total;
  }

  void cores_first(size_t leaf, const char* core) {
    const int count = node_of(leaf).count;
    std::array<int, kBlock> from{};
    size_t filled = 0;
    for (const char kind : {1, 0}) {
      for (int j = 0; j < count; ++j)
        if (core[j] == kind) from[filled++] = j;
      if (kind) cores_[leaf] = static_cast<int>(filled);
    }
    const auto sort = [&](auto* values) {
      std::array<std::remove_pointer_t<decltype(values)>, kBlock> old;
      std::copy_n(values, count, old.begin());
      for (int j = 0; j < count; ++j) values[j] = old[static_cast<size_t>(from[static_cast<size_t>(j)])];
    };
    sort(tree_.rows.data() + node_of(leaf).begin);
    for (Index f = 0; f < d_; ++f) sort(block(leaf) + f * kBlock);
  }

  /// Step 3.
  void join() {
    const int threads = ctx_.trace ? 1 : ctx_.threads;
    for_leaves(threads, [&](size_t leaf, Scratch& scratch) { join_within(leaf, scratch); });
    for (int round = 0; round < kRounds; ++round) {
      find_uniform_parts();
      for_leaves(threads, [&](size_t leaf, Scratch& scratch) {
        if (round_of(leaf) == round && cores_[leaf] > 0) join_around(leaf, scratch);
      });
    }
    find_uniform_parts();
  }

  static int round_of(size_t leaf) { return static_cast<int>(leaf % kRounds); }
  /// Of two leaves, the one that is treated first measures the other.
  static bool treated_before(size_t a, size_t b) {
    return round_of(a) != round_of(b) ? round_of(a) < round_of(b) : a < b;
  }

  void tie(size_t a, int j, size_t b, int k) {
    if (sets_.unite(item(a, j), item(b, k))) watch_join(question_, ctx_, row(a, j), row(b, k));
  }

  void join_within(size_t leaf, Scratch& scratch) {
    const bool all = span(leaf) <= question_.reach;
    for (int j = 0; j < cores_[leaf]; ++j) {
      if (all) {
        tie(leaf, 0, leaf, j);
        continue;
      }
      take_point(leaf, j, scratch.p);
      const BlockDistances distance = distances(scratch.p, leaf);
      for (int k = j + 1; k < cores_[leaf]; ++k)
        if (distance[k] <= question_.reach) tie(leaf, j, leaf, k);
    }
  }

  void join_around(size_t leaf, Scratch& scratch) {
    const int home = part_[static_cast<size_t>(leaves_[leaf])];
    const int first = item(leaf, 0);
    near_leaves(
        leaf,
        [&](int node) {
          const int part = part_[static_cast<size_t>(node)];
          return part == kNone || (part >= 0 && home >= 0 && sets_.find(part) == sets_.find(first));
        },
        scratch.near);
    for (const size_t other : scratch.near)
      if (other != leaf && !treated_before(other, leaf)) join_with(leaf, other, scratch.p);
  }

  void join_with(size_t leaf, size_t other, std::vector<double>& p) {
    const int home = part_[static_cast<size_t>(leaves_[leaf])], part = part_[static_cast<size_t>(leaves_[other])];
    const bool whole = home >= 0 && part >= 0;  // then any one pair is enough
    for (Points rest = first_points(cores_[leaf]) & within(leaf, other); rest != 0; rest &= rest - 1) {
      const int j = std::countr_zero(rest);
      if (whole && sets_.find(item(leaf, 0)) == sets_.find(part)) return;
      take_point(leaf, j, p);
      const BlockDistances distance = distances(p, other);
      for (int k = 0; k < cores_[other]; ++k)
        if (distance[k] <= question_.reach) tie(leaf, j, other, k);
    }
  }

  /// part_ of every node: a member of its one set, kNone or kMixed. Children stand behind their parents.
  void find_uniform_parts() {
    size_t leaf = leaves_.size();
    for (size_t node = tree_.nodes.size(); node-- > 0;) {
      if (!tree_.nodes[node].leaf()) {
        const int left = part_[node + 1], right = part_[static_cast<size_t>(tree_.nodes[node].right)];
        part_[node] = left == kNone ? right : right == kNone || left == right ? left : kMixed;
        continue;
      }
      --leaf;
      int part = kNone;
      for (int j = 0; j < cores_[leaf]; ++j) {
        const int set = sets_.find(item(leaf, j));
        part = part == kNone || part == set ? set : kMixed;
      }
      part_[node] = part;
    }
  }

  /// Step 4. Sets become clusters, also in part_.
  void number(Answer& answer) {
    std::vector<int> number(tree_.rows.size(), -1);
    answer.labels.assign(tree_.rows.size(), -1);
    answer.core.assign(tree_.rows.size(), 0);
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf)
      for (int j = 0; j < cores_[leaf]; ++j) {
        answer.labels[static_cast<size_t>(row(leaf, j))] = sets_.find(item(leaf, j));
        answer.core[static_cast<size_t>(row(leaf, j))] = 1;
      }
    answer.clusters = number_clusters(answer.labels, number);
    for (int& part : part_)
      if (part >= 0) part = number[static_cast<size_t>(part)];
  }

  /// Step 5: every point that is no core joins the lowest cluster with a core within eps.
  Index place_borders(std::vector<int>& labels) const {
    std::atomic<Index> contested{0};
    for_leaves(ctx_.threads, [&](size_t leaf, Scratch& scratch) {
      const int count = node_of(leaf).count;
      if (cores_[leaf] == count) return;
      near_leaves(
          leaf, [&](int node) { return part_[static_cast<size_t>(node)] == kNone; }, scratch.near);
      scratch.near_to.clear();
      for (const size_t other : scratch.near) scratch.near_to.push_back(within(leaf, other));
      for (int j = cores_[leaf]; j < count; ++j) {
        take_point(leaf, j, scratch.p);
        labels[static_cast<size_t>(row(leaf, j))] = lowest_cluster(scratch, j, labels, contested);
      }
    });
    return contested;
  }

  int lowest_cluster(const Scratch& scratch, int j, const std::vector<int>& labels,
                     std::atomic<Index>& contested) const {
    int lowest = -1;
    bool several = false;
    const auto settled = [&](int c) { return c == lowest || (several && c > lowest); };
    for (size_t i = 0; i < scratch.near.size(); ++i) {
      if (!(scratch.near_to[i] >> j & 1)) continue;
      const size_t other = scratch.near[i];
      const int part = part_[static_cast<size_t>(leaves_[other])];
      if (part >= 0 && settled(part)) continue;
      const BlockDistances distance = distances(scratch.p, other);
      for (int k = 0; k < cores_[other]; ++k) {
        if (!(distance[k] <= question_.reach)) continue;
        const int c = labels[static_cast<size_t>(row(other, k))];
        if (settled(c)) continue;
        several = lowest >= 0;
        lowest = lowest < 0 ? c : std::min(lowest, c);
      }
    }
    contested += several;
    return lowest;
  }

  const Context& ctx_;
  std::vector<int> cores_;  ///< of each leaf
  std::vector<int> part_;   ///< of each node: a set (in the end a cluster) where it is uniform, kNone, kMixed
  DisjointSets sets_;       ///< of points, in the order of the leaves
};

}  // namespace

Answer by_tree(const Question& question, const Context& ctx) { return Clusters(question, ctx).answer(); }

}  // namespace assay::density
