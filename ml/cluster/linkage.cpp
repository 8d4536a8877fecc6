// Notation   D: distances between clusters, squared but for average; a cluster stands in the slot of its highest row
// Method     chain: 1 distances of all rows   2 from any cluster go to its nearest, and on, until two are each other's
//            nearest   3 merge these two: slot j takes both, [Lance1967] gives the new distances   4 go on from the rest
//            of the chain   5 sort the merges by height
//            spanning tree [Prim1957]: 1 take the row nearest to those taken, n - 1 times   2 sort the edges by length
// Departures from the paper: the order of pairs is total (ties by row numbers, linkage.h), and a merged cluster's highest
//            row is not below those of its parts; so a merge never makes a pair that comes before both pairs it replaces,
//            also among ties, which is what the proof in [Murtagh1983] needs to find the merges of the textbook. Rounding
//            of average and Ward is kept from breaking this (joined_distance).
#include "assay/ml/cluster/linkage.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "assay/ml/cluster/linkage_internal.h"

namespace assay::cluster {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kRows = 64;  // rows of distances computed by one task

struct MergeStep {
  static constexpr const char* kind = "merge";
  static constexpr const char* title = "merge the two nearest clusters (1), (2)";
  static constexpr const char* source = "ml/cluster/linkage.cpp:number_merges";
  Index t;
  Merge merge;
  int rows_a, rows_b;
  Index left;
  double gap;
  std::string why;
  static void fields(const MergeStep& s, auto&& field) {
    field("t", static_cast<long long>(s.t + 1), "merge");
    field("A", s.merge.a, "a cluster: a row's number from 0, or n + t for what merge t made (t from 0)");
    field("B", s.merge.b, "the cluster nearest to it");
    field("|A|", s.rows_a, "rows of A");
    field("|B|", s.rows_b, "rows of B");
    field("d(A, B)", s.merge.height, "their distance: the height of this branch in the dendrogram");
    field("gap", s.gap, "height above the merge before: a large gap suggests to cut here");
    field("clusters", static_cast<long long>(s.left), "clusters left after it");
  }
};

struct ChainStep {
  static constexpr const char* kind = "chain";
  static constexpr const char* title = "follow nearest neighbours until two are each other's nearest";
  static constexpr const char* source = "ml/cluster/linkage.cpp:next_joint";
  std::vector<double> chain, distances;
  std::string why;
  static void fields(const ChainStep& s, auto&& field) {
    field("chain", s.chain, "clusters of the chain, each by its highest row; the last two are merged");
    field("d", s.distances, "distance of each to the next: they fall along the chain");
  }
};

// Union-find over rows: the root knows the cluster's number and size.
struct Forest {
  std::vector<int> parent, number, rows;
  explicit Forest(Index n) : parent(static_cast<size_t>(n)), number(parent.size()), rows(parent.size(), 1) {
    std::iota(parent.begin(), parent.end(), 0);
    std::iota(number.begin(), number.end(), 0);
  }
  size_t root(Index row) {
    size_t r = static_cast<size_t>(row);
    while (static_cast<size_t>(parent[r]) != r) {
      parent[r] = parent[static_cast<size_t>(parent[r])];
      r = static_cast<size_t>(parent[r]);
    }
    return r;
  }
};

// The lower triangle of distances, row by row.
class Triangle {
 public:
  Triangle(const Matrix& Xt, Linkage linkage, const Context& ctx) : cells_(static_cast<size_t>(start(Xt.cols()))) {
    parallel_for(ctx.threads, Xt.cols(), kRows, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        double* row = cells_.data() + start(i);
        squared_distances(Xt, i, 0, i, row);
        if (!is_squared(linkage))
          for (Index j = 0; j < i; ++j) row[j] = std::sqrt(row[j]);
      }
    });
  }
  double& operator()(Index i, Index j) { return cells_[static_cast<size_t>(i > j ? start(i) + j : start(j) + i)]; }

 private:
  static Index start(Index i) { return i * (i - 1) / 2; }
  std::vector<double> cells_;
};

struct Chain {
  Triangle D;
  Linkage linkage;
  std::vector<Index> alive;   // slots that hold a cluster, ascending
  std::vector<double> sizes;  // rows of each slot's cluster
  std::vector<Index> chain;
  std::vector<double> steps;  // distance from each cluster of the chain to the next
};

// The cluster nearest to slot a; of equally near ones the lowest slot.
Joint nearest(Chain& c, Index a) {
  Joint best{kInfinity, a, a};
  for (const Index j : c.alive) {
    if (j == a) continue;
    const double distance = c.D(a, j);
    if (distance < best.distance || best.j == a) best.distance = distance, best.j = j;
  }
  return best;
}

// Two clusters that are each other's nearest; they leave the chain.
Joint next_joint(Chain& c, const Context& ctx) {
  if (c.chain.empty()) c.chain.push_back(c.alive.front());
  for (;;) {
    const Joint next = nearest(c, c.chain.back());
    const size_t length = c.chain.size();
    if (length >= 2 && next.j == c.chain[length - 2]) break;
    c.chain.push_back(next.j);
    c.steps.push_back(next.distance);
  }
  ctx.trace.step([&] {
    ChainStep step{{}, c.steps, "Its nearest is the one before it: nothing can come between these two, now or later."};
    step.chain.assign(c.chain.begin(), c.chain.end());
    for (double& d : step.distances) d = is_squared(c.linkage) ? std::sqrt(d) : d;
    return step;
  });
  const Index a = c.chain.back(), b = c.chain[c.chain.size() - 2];
  const Joint joint{c.steps.back(), std::min(a, b), std::max(a, b)};
  c.chain.resize(c.chain.size() - 2);
  c.steps.resize(c.chain.empty() ? 0 : c.chain.size() - 1);
  return joint;
}

void merge(Chain& c, const Joint& joint) {
  c.alive.erase(std::lower_bound(c.alive.begin(), c.alive.end(), joint.i));
  double &a = c.sizes[static_cast<size_t>(joint.i)], &b = c.sizes[static_cast<size_t>(joint.j)];
  for (const Index k : c.alive)
    if (k != joint.j)
      c.D(joint.j, k) = joined_distance(c.linkage, c.D(joint.i, k), c.D(joint.j, k), joint.distance, a, b,
                                        c.sizes[static_cast<size_t>(k)]);
  b += a;
}

}  // namespace

void squared_distances(const Matrix& Xt, Index i, Index begin, Index end, double* out) {
  std::fill(out, out + (end - begin), 0.0);
  for (Index f = 0; f < Xt.rows(); ++f) {
    const double* x = Xt.row(f).data();
    const double own = x[i];
    for (Index j = begin; j < end; ++j) {
      const double difference = own - x[j];
      out[j - begin] += difference * difference;
    }
  }
}

std::vector<Merge> number_merges(std::vector<Joint> joints, Index n, Linkage linkage, const Context& ctx) {
  std::sort(joints.begin(), joints.end());
  Forest forest(n);
  std::vector<Merge> merges;
  double before = 0;
  for (const Joint& joint : joints) {
    const size_t i = forest.root(joint.i), j = forest.root(joint.j);
    const Index t = static_cast<Index>(merges.size());
    const double height = is_squared(linkage) ? std::sqrt(joint.distance) : joint.distance;
    merges.push_back({std::min(forest.number[i], forest.number[j]), std::max(forest.number[i], forest.number[j]),
                      height, forest.rows[i] + forest.rows[j]});
    ctx.trace.step([&] {
      const bool in_order = forest.number[i] < forest.number[j];
      return MergeStep{t,
                       merges.back(),
                       forest.rows[in_order ? i : j],
                       forest.rows[in_order ? j : i],
                       n - 1 - t,
                       height - before,
                       height == before && t > 0 ? "Equally near pairs: the one with the lower row numbers comes first."
                                                 : "No two clusters are nearer than these."};
    });
    before = height;
    forest.parent[i] = static_cast<int>(j);
    forest.number[j] = static_cast<int>(n + t);
    forest.rows[j] += forest.rows[i];
  }
  return merges;
}

double distance_bytes(Index n) {
  return static_cast<double>(n) * static_cast<double>(n - 1) / 2 * static_cast<double>(sizeof(double));
}

std::vector<Merge> merge_by_chain(const Matrix& X, Linkage linkage, const Context& ctx) {
  const Index n = X.rows();
  Chain c{Triangle(X.transpose(), linkage, ctx),
          linkage,
          std::vector<Index>(static_cast<size_t>(n)),
          std::vector<double>(static_cast<size_t>(n), 1.0),
          {},
          {}};
  std::iota(c.alive.begin(), c.alive.end(), Index(0));
  std::vector<Joint> joints;
  while (static_cast<Index>(joints.size()) < n - 1) {
    ctx.check_cancelled();
    ctx.progress.report(static_cast<double>(joints.size()), static_cast<double>(n));
    joints.push_back(next_joint(c, ctx));
    merge(c, joints.back());
  }
  return number_merges(std::move(joints), n, linkage, ctx);
}

std::vector<Merge> merge_by_spanning_tree(const Matrix& X, const Context& ctx) {
  const Index n = X.rows();
  Matrix Xt = X.transpose();                       // its first `left` columns are the rows outside the tree
  std::vector<Index> row(static_cast<size_t>(n));  // their numbers
  std::iota(row.begin(), row.end(), Index(0));
  std::vector<Joint> link(row.size(), Joint{kInfinity, 0, 0});  // and their shortest edges into it
  std::vector<double> distance(row.size());
  std::vector<Joint> edges;
  size_t taken = 0;
  for (size_t left = row.size(); left > 1;) {
    ctx.check_cancelled();
    ctx.progress.report(static_cast<double>(edges.size()), static_cast<double>(n));
    const Index newest = row[taken];
    --left;  // the row taken changes places with the last one outside, and its coordinates stand behind them
    std::swap(row[taken], row[left]);
    std::swap(link[taken], link[left]);
    Xt.col(static_cast<Index>(taken)).swap(Xt.col(static_cast<Index>(left)));
    squared_distances(Xt, static_cast<Index>(left), 0, static_cast<Index>(left), distance.data());
    size_t best = 0;
    for (size_t k = 0; k < left; ++k) {
      if (distance[k] <= link[k].distance) {
        const Joint edge{distance[k], std::min(row[k], newest), std::max(row[k], newest)};
        if (edge < link[k]) link[k] = edge;
      }
      if (link[k] < link[best]) best = k;
    }
    edges.push_back(link[best]);
    taken = best;
  }
  return number_merges(std::move(edges), n, Linkage::single, ctx);
}

std::vector<int> labels_after(const std::vector<Merge>& merges, Index n, Index count) {
  // Backwards: what a merge made passes its cluster on to its two parts.
  std::vector<int> owner(static_cast<size_t>(n + count), -1);
  for (Index t = count; t-- > 0;) {
    const int self = static_cast<int>(n + t);
    int& own = owner[static_cast<size_t>(self)];
    if (own < 0) own = self;
    owner[static_cast<size_t>(merges[static_cast<size_t>(t)].a)] = own;
    owner[static_cast<size_t>(merges[static_cast<size_t>(t)].b)] = own;
  }
  std::vector<int> labels(static_cast<size_t>(n)), number(owner.size(), -1);
  int next = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const int own = owner[i] < 0 ? static_cast<int>(i) : owner[i];
    int& k = number[static_cast<size_t>(own)];
    if (k < 0) k = next++;
    labels[i] = k;
  }
  return labels;
}

std::vector<int> leaf_order(const std::vector<Merge>& merges, Index n) {
  if (merges.empty()) return {0};
  std::vector<int> order, stack{static_cast<int>(2 * n - 2)};
  while (!stack.empty()) {
    const int node = stack.back();
    stack.pop_back();
    if (node < n) {
      order.push_back(node);
      continue;
    }
    const Merge& m = merges[static_cast<size_t>(node - n)];
    stack.push_back(m.b);
    stack.push_back(m.a);
  }
  return order;
}

}  // namespace assay::cluster
