// ml/cluster/density.cpp
// Notation   N(p) neighbourhood; seeds: rows whose neighbourhood is still to be looked at
// Method     [Ester1996, fig. 2 and 3]: for each row in order that has no cluster yet and is core:
//              1 begin a cluster   2 take a seed   3 if it is core, all of N(seed) without a cluster join, and become seeds
// Departures from the paper: a row that was called noise and joins a cluster later is not asked again (as there); seeds
//            are a stack, not a queue: the cluster is the same set, and nothing else is defined by the order. Weights.
#include "assay/ml/cluster/density.h"

#include <cmath>

namespace assay::density {

DisjointSets::DisjointSets(Index n) : parent_(static_cast<size_t>(n)) {
  for (Index i = 0; i < n; ++i) parent_[static_cast<size_t>(i)].store(static_cast<int>(i), std::memory_order_relaxed);
}

int DisjointSets::find(int i) const {
  for (;;) {  // halves the path as it goes
    const int up = parent_[static_cast<size_t>(i)].load(std::memory_order_relaxed);
    if (up == i) return i;
    const int above = parent_[static_cast<size_t>(up)].load(std::memory_order_relaxed);
    if (above == up) return up;
    parent_[static_cast<size_t>(i)].store(above, std::memory_order_relaxed);
    i = above;
  }
}

bool DisjointSets::unite(int a, int b) {
  for (;;) {
    a = find(a);
    b = find(b);
    if (a == b) return false;
    if (a > b) std::swap(a, b);
    int expected = b;  // still a representative?
    if (parent_[static_cast<size_t>(b)].compare_exchange_strong(expected, a, std::memory_order_relaxed)) return true;
  }
}

double distance(const Question& question, Index a, Index b) {
  double total = 0;
  for (Index f = 0; f < question.X.cols(); ++f) {
    const double difference = question.at(a, f) - question.at(b, f);
    total += difference * difference;
  }
  return total;
}

void watch_join(const Question& question, const Context& ctx, Index p, Index q) {
  ctx.trace.step([&] {
    return JoinStep{p, q, std::sqrt(distance(question, p, q)) / question.scale,
                    std::sqrt(question.reach) / question.scale,
                    "both are core and each lies within eps of the other: what hangs on either is one cluster"};
  });
}

int number_clusters(std::vector<int>& labels, std::vector<int>& number) {
  int clusters = 0;
  for (int& label : labels) {
    if (label < 0) continue;
    int& mine = number[static_cast<size_t>(label)];
    if (mine < 0) mine = clusters++;
    label = mine;
  }
  return clusters;
}

namespace {

/// Step (1): N(row), and whether its weight is enough (2).
bool region_query(const Question& question, Index row, std::vector<int>& neighbors) {
  neighbors.clear();
  Weight weight = 0;
  for (Index i = 0; i < question.X.rows(); ++i) {
    if (!(distance(question, row, i) <= question.reach)) continue;
    neighbors.push_back(static_cast<int>(i));
    weight += question.weight_of(i);
  }
  return weight >= question.enough && question.weight_of(row) > 0;
}

}  // namespace

Answer expand_clusters(const Question& question, const Context& ctx) {
  const Index n = question.X.rows();
  Answer answer;
  answer.labels.assign(static_cast<size_t>(n), -1);
  answer.core.assign(static_cast<size_t>(n), 0);
  std::vector<int> seeds, neighbors;
  std::vector<char> contested(static_cast<size_t>(n), 0);
  for (Index start = 0; start < n; ++start) {
    ctx.check_cancelled();
    if (answer.labels[static_cast<size_t>(start)] >= 0 || !region_query(question, start, neighbors)) continue;
    const int cluster = answer.clusters++;
    answer.labels[static_cast<size_t>(start)] = cluster;
    for (seeds.assign(1, static_cast<int>(start)); !seeds.empty();) {
      const int seed = seeds.back();
      seeds.pop_back();
      if (!region_query(question, seed, neighbors)) continue;
      answer.core[static_cast<size_t>(seed)] = 1;
      for (const int i : neighbors) {
        int& label = answer.labels[static_cast<size_t>(i)];
        if (label >= 0 && label != cluster) contested[static_cast<size_t>(i)] = 1;
        if (label >= 0) continue;
        label = cluster;
        seeds.push_back(i);
      }
    }
  }
  for (const char c : contested) answer.contested += c;
  return answer;
}

}  // namespace assay::density
