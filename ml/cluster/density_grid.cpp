// ml/cluster/density_grid.cpp
// Notation   a: side of a cell; c_f: coordinate of a cell; key: c_0, c_1, ... as one number, the last fastest; run: cells
//            whose keys follow each other; points are kept cell after cell, coordinate by coordinate
// Method     1 number the cells, sort the points by cell   2 core points: a cell whose weight is enough needs no distance
//            3 join cells with cores, the nearest first   4 number the clusters   5 border points
// Why it is exact   a = eps / sqrt(d) (1 - 2^-18), so two points of one cell differ by less than a (1 + 2^-19) in each
//            coordinate (c_f < 2^31 and is rounded by less than 2^-20) and their distance, as computed, is within eps.
//            Neighbours lie at most floor(sqrt(d)) + 1 cells apart in each coordinate, with a margin of a tenth of a cell.
//            What is measured is measured as density.h says.
// Departures from the paper ([Gunawan2013] is about two columns): the cells are neither a box of buckets nor a tree but a
//            sorted list. The cells that follow each other in the last coordinate are one run of points, and while the
//            cells are walked in order each run of neighbours only moves forward: no cell is ever looked up. The nearest
//            pair of two cells comes from halving both (two trees, grown as far as they are needed), not from a Voronoi
//            diagram.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/ml/cluster/density.h"

namespace assay::density {
namespace {

constexpr Index kChunk = 512;     // cells handed to a thread
constexpr int kPadding = 16;      // points at infinity behind the last one: blocks may be read past the end of a run
constexpr Index kMeasured = 256;  // pairs above which a nearest pair is looked for by halving

struct Keyed {
  uint64_t key;
  int row;
};

/// Sorts by key, equal keys in the order they came in.
void radix_sort(std::vector<Keyed>& items, uint64_t largest) {
  constexpr int kBits = 11;
  std::vector<Keyed> other(items.size());
  for (int shift = 0; shift < 64 && (largest >> shift) > 0; shift += kBits) {
    std::array<size_t, (1 << kBits) + 1> start{};
    const auto digit = [shift](const Keyed& item) {
      return static_cast<size_t>(item.key >> shift) & ((size_t{1} << kBits) - 1);
    };
    for (const Keyed& item : items) ++start[digit(item) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    for (const Keyed& item : items) other[start[digit(item)]++] = item;
    items.swap(other);
  }
}

/// The cells that are not empty, in the order of their keys, and their points.
struct Cells {
  Index d = 0;
  std::vector<uint64_t> key;
  std::vector<int> begin;  ///< first point of each cell, and one past the last
  std::vector<int> row;    ///< of each point
  std::vector<int> cores;  ///< of each cell; they come first in it
  std::array<std::vector<double>, 3> coordinate;
  std::vector<Weight> weight;       ///< of each point; empty: all 1
  std::vector<int64_t> run_center;  ///< key of a run's middle, relative to the cell; the nearest runs first
  int touching = 0;                 ///< so many runs are next to the cell in every coordinate
  int reach = 0;                    ///< cells a run extends to either side
  Index size() const { return static_cast<Index>(key.size()); }
  int points(Index cell) const { return begin[static_cast<size_t>(cell) + 1] - begin[static_cast<size_t>(cell)]; }
};

/// Step 1a: a number for each cell that a point may lie in. False: there are too many.
bool number_cells(const Question& question, std::vector<Keyed>& items, Cells& cells, uint64_t& largest) {
  const Index n = question.X.rows(), d = question.X.cols();
  const double side = std::sqrt(question.reach / static_cast<double>(d)) * (1 - 0x1p-18), per_side = 1 / side;
  cells.reach = static_cast<int>(std::sqrt(static_cast<double>(d))) + 1;
  std::array<double, 3> low{}, extent{1, 1, 1};
  for (Index f = 0; f < d; ++f) {
    const double lo = question.scale * question.X.col(f).minCoeff(), hi = question.scale * question.X.col(f).maxCoeff();
    low[static_cast<size_t>(f)] = lo;
    extent[static_cast<size_t>(f)] = std::floor((hi - lo) * per_side) + 2 * cells.reach + 2;
    if (!(extent[static_cast<size_t>(f)] < 0x1p31)) return false;
  }
  if (!(extent[0] * extent[1] * extent[2] < 0x1p62)) return false;
  std::array<int64_t, 3> stride{1, 1, 1};
  for (Index f = d - 2; f >= 0; --f)
    stride[static_cast<size_t>(f)] =
        stride[static_cast<size_t>(f) + 1] * static_cast<int64_t>(extent[static_cast<size_t>(f) + 1]);
  largest = 0;
  items.resize(static_cast<size_t>(n));
  for (Index i = 0; i < n; ++i) {
    int64_t key = 0;
    for (Index f = 0; f < d; ++f) {
      const double t = (question.at(i, f) - low[static_cast<size_t>(f)]) * per_side;
      key += (static_cast<int64_t>(t) + cells.reach) * stride[static_cast<size_t>(f)];
    }
    items[static_cast<size_t>(i)] = {static_cast<uint64_t>(key), static_cast<int>(i)};
    largest = std::max(largest, static_cast<uint64_t>(key));
  }
  // The runs of neighbours: all steps in the coordinates before the last.
  const int r = cells.reach, r0 = d > 1 ? r : 0, r1 = d > 2 ? r : 0;
  std::vector<std::pair<int, int64_t>> runs;
  for (int s0 = -r0; s0 <= r0; ++s0)
    for (int s1 = -r1; s1 <= r1; ++s1)
      runs.push_back({std::max(std::abs(s0), std::abs(s1)) * 100 + s0 * s0 + s1 * s1,
                      d > 2 ? s0 * stride[0] + s1 * stride[1] : s0 * stride[0] * (d > 1)});
  std::sort(runs.begin(), runs.end());
  for (const auto& run : runs) {
    cells.run_center.push_back(run.second);
    cells.touching += run.first < 200;
  }
  return true;
}

/// Step 1: points sorted by cell.
std::optional<Cells> make_cells(const Question& question) {
  Cells cells;
  cells.d = question.X.cols();
  const size_t n = static_cast<size_t>(question.X.rows());
  if (cells.d < 1 || cells.d > 3) return std::nullopt;
  {
    std::vector<Keyed> items;
    uint64_t largest = 0;
    if (!number_cells(question, items, cells, largest)) return std::nullopt;
    radix_sort(items, largest);
    cells.row.resize(n);
    for (size_t i = 0; i < n; ++i) {
      cells.row[i] = items[i].row;
      if (i > 0 && items[i].key == items[i - 1].key) continue;
      cells.key.push_back(items[i].key);
      cells.begin.push_back(static_cast<int>(i));
    }
    cells.begin.push_back(static_cast<int>(n));
  }
  cells.cores.assign(cells.key.size(), 0);
  for (Index f = 0; f < cells.d; ++f) {
    std::vector<double>& x = cells.coordinate[static_cast<size_t>(f)];
    x.resize(n + kPadding, std::numeric_limits<double>::infinity());
    for (size_t i = 0; i < n; ++i) x[i] = question.at(cells.row[i], f);
  }
  if (!question.weight.empty())
    for (size_t i = 0; i < n; ++i) cells.weight.push_back(question.weight_of(cells.row[i]));
  return cells;
}

/// For each run the cells of it that exist, from `from` to before `to`, while the cells are walked in order.
class Runs {
 public:
  struct Run {
    Index from, to;
  };
  Runs(const Cells& cells, int runs, Index first) : cells_(cells), runs_(static_cast<size_t>(runs)) {
    for (size_t o = 0; o < runs_.size(); ++o) {
      const auto found = [&](int64_t step) {
        const uint64_t key = shifted(first, cells.run_center[o] + step);
        return std::lower_bound(cells.key.begin(), cells.key.end(), key) - cells.key.begin();
      };
      runs_[o] = {found(-cells.reach), found(cells.reach + 1)};
    }
  }
  void move_to(Index cell) {
    const Index n = cells_.size();
    for (size_t o = 0; o < runs_.size(); ++o) {
      const uint64_t low = shifted(cell, cells_.run_center[o] - cells_.reach), high = low + 2 * width();
      Run& run = runs_[o];
      while (run.from < n && cells_.key[static_cast<size_t>(run.from)] < low) ++run.from;
      while (run.to < n && cells_.key[static_cast<size_t>(run.to)] <= high) ++run.to;
    }
  }
  const std::vector<Run>& runs() const { return runs_; }

 private:
  uint64_t width() const { return static_cast<uint64_t>(cells_.reach); }
  /// Keys leave room for `reach` cells at every border, so nothing falls below 0.
  uint64_t shifted(Index cell, int64_t step) const {
    return static_cast<uint64_t>(static_cast<int64_t>(cells_.key[static_cast<size_t>(cell)]) + step);
  }
  const Cells& cells_;
  std::vector<Run> runs_;
};

template <int D>
class Grid {
 public:
  Grid(const Question& question, const Context& ctx, Cells& cells)
      : question_(question), ctx_(ctx), cells_(cells), reach_(question.reach), sets_(cells.size()) {
    for (size_t f = 0; f < D; ++f) x_[f] = cells_.coordinate[f].data();
  }

  Answer answer() {
    Answer answer;
    answer.cells = cells_.size();
    answer.dense = mark_cores();
    join(true);
    join(false);
    number(answer);
    answer.contested = place_borders(answer.labels);
    return answer;
  }

 private:
  using Point = std::array<double, D>;
  Point point(int i) const {
    Point p;
    for (size_t f = 0; f < D; ++f) p[f] = x_[f][i];
    return p;
  }
  double squared(const Point& p, int i) const {
    double total = 0;
    for (size_t f = 0; f < D; ++f) total += (p[f] - x_[f][i]) * (p[f] - x_[f][i]);
    return total;
  }
  Weight weight_of(int i) const { return cells_.weight.empty() ? 1 : cells_.weight[static_cast<size_t>(i)]; }
  int first(Index cell) const { return cells_.begin[static_cast<size_t>(cell)]; }
  int cores(Index cell) const { return cells_.cores[static_cast<size_t>(cell)]; }

  Weight weight_between(int begin, int end) const {
    if (cells_.weight.empty()) return end - begin;
    Weight total = 0;
    for (int i = begin; i < end; ++i) total += cells_.weight[static_cast<size_t>(i)];
    return total;
  }
  Weight weight_within(const Point& p, int begin, int end) const {
    if (cells_.weight.empty()) {
      int hits = 0;
      for (int i = begin; i < end; ++i) hits += squared(p, i) <= reach_;
      return hits;
    }
    Weight total = 0;
    for (int i = begin; i < end; ++i) total += squared(p, i) <= reach_ ? cells_.weight[static_cast<size_t>(i)] : 0;
    return total;
  }
  bool any_within(const Point& p, int begin, int end) const {
    constexpr int kAtOnce = 32;
    for (; begin < end; begin += kAtOnce) {
      int hits = 0;
      const int stop = std::min(end, begin + kAtOnce);
      for (int i = begin; i < stop; ++i) hits += squared(p, i) <= reach_;
      if (hits > 0) return true;
    }
    return false;
  }

  /// Step 2. Cores come first in their cell afterwards. The cells that needed no distance.
  Index mark_cores() {
    std::vector<char> core(cells_.row.size(), 0);
    std::atomic<Index> dense{0};
    parallel_for(ctx_.threads, cells_.size(), kChunk, [&](Index begin, Index end) {
      ctx_.check_cancelled();
      Runs runs(cells_, static_cast<int>(cells_.run_center.size()), begin);
      Index mine = 0;
      for (Index cell = begin; cell < end; ++cell) {
        const int from = first(cell), to = first(cell + 1);
        const Weight own = weight_between(from, to);
        mine += own >= question_.enough;
        if (own >= question_.enough) {
          for (int i = from; i < to; ++i) core[static_cast<size_t>(i)] = weight_of(i) > 0;
          continue;
        }
        runs.move_to(cell);
        mark_cores_of(cell, own, runs, core);
      }
      dense += mine;
    });
    parallel_for(ctx_.threads, cells_.size(), kChunk, [&](Index begin, Index end) {
      for (Index cell = begin; cell < end; ++cell) cores_first(cell, core);
    });
    return dense;
  }

  /// A cell whose own weight is not enough.
  void mark_cores_of(Index cell, Weight own, const Runs& runs, std::vector<char>& core) const {
    std::array<std::pair<int, int>, 26> parts;  // points of the runs; the first run without the cell itself
    size_t count = 0;
    Weight possible = own;
    const auto add = [&](int begin, int end) {
      if (begin >= end) return;
      possible += weight_between(begin, end);
      parts[count++] = {begin, end};
    };
    const Runs::Run line = runs.runs()[0];
    add(first(line.from), first(cell));
    add(first(cell + 1), first(line.to));
    for (size_t o = 1; o < runs.runs().size(); ++o) add(first(runs.runs()[o].from), first(runs.runs()[o].to));
    if (possible < question_.enough) return;
    for (int i = first(cell); i < first(cell + 1); ++i) {
      const Point p = point(i);
      Weight total = own;
      for (size_t part = 0; part < count && total < question_.enough; ++part)
        total += weight_within(p, parts[part].first, parts[part].second);
      core[static_cast<size_t>(i)] = total >= question_.enough && weight_of(i) > 0;
    }
  }

  void cores_first(Index cell, const std::vector<char>& core) {
    const int begin = first(cell), end = first(cell + 1);
    int count = 0;
    for (int i = begin; i < end; ++i) count += core[static_cast<size_t>(i)];
    cells_.cores[static_cast<size_t>(cell)] = count;
    if (count == 0 || count == end - begin) return;
    const auto sort = [&](auto& values) {
      using Value = typename std::remove_reference_t<decltype(values)>::value_type;
      std::vector<Value> sorted;
      for (const char kind : {1, 0})
        for (int i = begin; i < end; ++i)
          if (core[static_cast<size_t>(i)] == kind) sorted.push_back(values[static_cast<size_t>(i)]);
      std::copy(sorted.begin(), sorted.end(), values.begin() + begin);
    };
    sort(cells_.row);
    for (size_t f = 0; f < D; ++f) sort(cells_.coordinate[f]);
    if (!cells_.weight.empty()) sort(cells_.weight);
  }

  /// Step 3: ties each cell to those behind it; `touching`: only to those that touch it. Then most others are together.
  void join(bool touching) {
    const int threads = ctx_.trace ? 1 : ctx_.threads;
    const int count = touching ? cells_.touching : static_cast<int>(cells_.run_center.size());
    parallel_for(threads, cells_.size(), kChunk, [&](Index begin, Index end) {
      ctx_.check_cancelled();
      Runs runs(cells_, count, begin);
      std::vector<int> points;
      for (Index cell = begin; cell < end; ++cell) {
        if (cores(cell) == 0) continue;
        runs.move_to(cell);
        for (const Runs::Run& run : runs.runs())
          for (Index other = std::max(run.from, cell + 1); other < run.to; ++other)
            if (cores(other) > 0 && sets_.find(static_cast<int>(cell)) != sets_.find(static_cast<int>(other)))
              tie(cell, other, points);
      }
    });
  }

  void tie(Index a, Index b, std::vector<int>& points) {
    std::pair<int, int> pair;
    if (static_cast<Index>(cores(a)) * cores(b) <= kMeasured) {
      if (!measured_pair(a, b, pair)) return;
    } else {
      points.resize(static_cast<size_t>(cores(a) + cores(b)));
      std::iota(points.begin(), points.begin() + cores(a), first(a));
      std::iota(points.begin() + cores(a), points.end(), first(b));
      int* middle = points.data() + cores(a);
      if (!halved_pair(points.data(), middle, middle, points.data() + points.size(), pair)) return;
    }
    if (sets_.unite(static_cast<int>(a), static_cast<int>(b)))
      watch_join(question_, ctx_, cells_.row[static_cast<size_t>(pair.first)],
                 cells_.row[static_cast<size_t>(pair.second)]);
  }

  bool measured_pair(Index a, Index b, std::pair<int, int>& pair) const {
    for (int i = first(a); i < first(a) + cores(a); ++i) {
      const Point p = point(i);
      if (!any_within(p, first(b), first(b) + cores(b))) continue;
      pair = {i, first(b)};
      while (!(squared(p, pair.second) <= reach_)) ++pair.second;
      return true;
    }
    return false;
  }

  struct Box {
    Point low, high;
  };
  Box box(const int* begin, const int* end) const {
    Box b{point(*begin), point(*begin)};
    for (; begin < end; ++begin)
      for (size_t f = 0; f < D; ++f) {
        b.low[f] = std::min(b.low[f], x_[f][*begin]);
        b.high[f] = std::max(b.high[f], x_[f][*begin]);
      }
    return b;
  }
  static size_t widest(const Box& b) {
    size_t f = 0;
    for (size_t g = 1; g < D; ++g)
      if (b.high[g] - b.low[g] > b.high[f] - b.low[f]) f = g;
    return f;
  }

  /// Whether some pair of the two sets is within eps. Rounding is monotone: the gap of two boxes, as computed, is not
  /// above any distance computed between their points, and the distance of their far corners not below.
  bool halved_pair(int* a, int* a_end, int* b, int* b_end, std::pair<int, int>& pair) const {
    const Box A = box(a, a_end), B = box(b, b_end);
    double gap = 0, span = 0;
    for (size_t f = 0; f < D; ++f) {
      const double between = std::max({A.low[f] - B.high[f], B.low[f] - A.high[f], 0.0});
      const double across = std::max(A.high[f] - B.low[f], B.high[f] - A.low[f]);
      gap += between * between;
      span += across * across;
    }
    if (gap > reach_) return false;
    if (span <= reach_) {
      pair = {*a, *b};
      return true;
    }
    if ((a_end - a) * (b_end - b) <= kMeasured) {
      for (const int* i = a; i < a_end; ++i)
        for (const int* j = b; j < b_end; ++j)
          if (squared(point(*i), *j) <= reach_) {
            pair = {*i, *j};
            return true;
          }
      return false;
    }
    const bool first_set = a_end - a >= b_end - b;
    int *begin = first_set ? a : b, *end = first_set ? a_end : b_end, *middle = begin + (end - begin) / 2;
    const double* x = x_[widest(first_set ? A : B)];
    std::nth_element(begin, middle, end, [x](int i, int j) { return x[i] < x[j]; });
    if (first_set) return halved_pair(a, middle, b, b_end, pair) || halved_pair(middle, a_end, b, b_end, pair);
    return halved_pair(a, a_end, b, middle, pair) || halved_pair(a, a_end, middle, b_end, pair);
  }

  /// Step 4.
  void number(Answer& answer) {
    std::vector<int> number(cells_.key.size(), -1);
    answer.labels.assign(cells_.row.size(), -1);
    answer.core.assign(cells_.row.size(), 0);
    for (Index cell = 0; cell < cells_.size(); ++cell) {
      const int mine = sets_.find(static_cast<int>(cell));
      for (int i = first(cell); i < first(cell) + cores(cell); ++i) {
        answer.labels[static_cast<size_t>(cells_.row[static_cast<size_t>(i)])] = mine;
        answer.core[static_cast<size_t>(cells_.row[static_cast<size_t>(i)])] = 1;
      }
    }
    answer.clusters = number_clusters(answer.labels, number);
    cluster_.resize(cells_.key.size());
    for (Index cell = 0; cell < cells_.size(); ++cell)
      cluster_[static_cast<size_t>(cell)] = number[static_cast<size_t>(sets_.find(static_cast<int>(cell)))];
  }

  /// Step 5: every point that is no core joins the lowest cluster with a core within eps.
  Index place_borders(std::vector<int>& labels) const {
    std::atomic<Index> contested{0};
    parallel_for(ctx_.threads, cells_.size(), kChunk, [&](Index begin, Index end) {
      Runs runs(cells_, static_cast<int>(cells_.run_center.size()), begin);
      for (Index cell = begin; cell < end; ++cell) {
        if (cores(cell) == cells_.points(cell)) continue;
        runs.move_to(cell);
        for (int i = first(cell) + cores(cell); i < first(cell + 1); ++i) {
          int lowest = cores(cell) > 0 ? cluster_[static_cast<size_t>(cell)] : -1;
          bool several = false;
          const Point p = point(i);
          for (const Runs::Run& run : runs.runs())
            for (Index other = run.from; other < run.to; ++other) {
              const int cluster = cluster_[static_cast<size_t>(other)];
              if (cores(other) == 0 || cluster == lowest || (several && cluster > lowest)) continue;
              if (!any_within(p, first(other), first(other) + cores(other))) continue;
              several = lowest >= 0;
              lowest = lowest < 0 ? cluster : std::min(lowest, cluster);
            }
          labels[static_cast<size_t>(cells_.row[static_cast<size_t>(i)])] = lowest;
          contested += several;
        }
      }
    });
    return contested;
  }

  const Question& question_;
  const Context& ctx_;
  Cells& cells_;
  double reach_;
  std::array<const double*, D> x_;
  DisjointSets sets_;         ///< of cells
  std::vector<int> cluster_;  ///< of each cell's cores; -1 without
};

}  // namespace

std::optional<Answer> by_grid(const Question& question, const Context& ctx) {
  std::optional<Cells> cells = make_cells(question);
  if (!cells) return std::nullopt;
  switch (cells->d) {
    case 1:
      return Grid<1>(question, ctx, *cells).answer();
    case 2:
      return Grid<2>(question, ctx, *cells).answer();
    default:
      return Grid<3>(question, ctx, *cells).answer();
  }
}

}  // namespace assay::density
