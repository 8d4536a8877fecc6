// Method   lloyd    every row: measure all centres directly
//          hamerly  1 move the bounds   2 rows that u < max(l, s) keeps   3 measure u, again 2   4 search the others, in
//                   panels, with Filter
//          elkan    1 s keeps a row   2 move the bounds of the others, look for centres whose bound is below u
//                   3 measure u, again   4 measure those centres, one by one; the first time: Filter
// Departures from the papers: a bound decides only with room for rounding (surely_nearer), so that a skipped distance could
//          not have changed the label, not even by a tie. hamerly takes both distances of a searched row as bounds from
//          single precision. elkan's bounds are not moved: what the centres moved since they were written is added up.
#include "assay/ml/cluster/assign.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/nearest_kernels.h"

namespace assay::kmeans {
namespace {

constexpr Index kChunk = 2048;

class Lloyd final : public Assigner {
 public:
  Lloyd(const Matrix& X, const Context& ctx) : Assigner(X, ctx) {}

 private:
  void prepare(const Matrix& centers) override { direct_ = std::make_unique<Direct>(centers), k_ = centers.rows(); }
  void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) override {
    for (Index i = begin; i < end; ++i) relabel(i, direct_->nearest(X_.row(i).data()).label, changes);
    counts.rows_searched += end - begin;
    counts.distances += (end - begin) * k_;
  }
  std::unique_ptr<Direct> direct_;
  Index k_ = 0;
};

class Hamerly final : public Assigner {
 public:
  Hamerly(const Matrix& X, const Context& ctx)
      : Assigner(X, ctx),
        upper_(static_cast<size_t>(X.rows()), std::numeric_limits<float>::infinity()),
        lower_(static_cast<size_t>(X.rows()), 0.0F) {}
  void move(Index row, int to) override {
    Assigner::move(row, to);
    upper_[static_cast<size_t>(row)] = std::numeric_limits<float>::infinity();
    lower_[static_cast<size_t>(row)] = 0;
  }

 private:
  void prepare(const Matrix& centers) override {
    geometry_.measure(centers_, centers, false, ctx_.threads);
    centers_ = centers;
    filter_ = std::make_unique<Filter>(centers);
  }

  void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) override {
    Index open[kChunk];
    Index count = 0;
    for (Index i = begin; i < end; ++i)
      if (!keeps(i, counts)) open[count++] = i;
    Filter::Answer answers[kPanel];
    for (Index first = 0; first < count; first += kPanel) {
      const Index panel = std::min<Index>(kPanel, count - first);
      filter_->nearest(X_, open + first, panel, answers);
      for (Index j = 0; j < panel; ++j) {
        const Index i = open[first + j];
        relabel(i, answers[j].label, changes);
        upper_[static_cast<size_t>(i)] = answers[j].upper;
        lower_[static_cast<size_t>(i)] = answers[j].lower;
      }
    }
    counts.rows_searched += count;
    counts.distances += count * centers_.rows();
  }

  bool keeps(Index i, AssignCounts& counts) {
    float& u = upper_[static_cast<size_t>(i)];
    float& l = lower_[static_cast<size_t>(i)];
    const int label = labels_[static_cast<size_t>(i)];
    if (label < 0) return false;
    const auto a = static_cast<size_t>(label);
    const double moved = label == geometry_.farthest ? geometry_.second : geometry_.most;
    u = rounded_up(static_cast<double>(u) + geometry_.moved[a]);
    l = rounded_down(static_cast<double>(l) - moved);
    if (surely_nearer(u, geometry_.nearest[a])) return ++counts.rows_kept_by_center, true;
    if (surely_nearer(u, l)) return ++counts.rows_kept_by_bound, true;
    const double bound = std::max(static_cast<double>(l), geometry_.nearest[a]);
    // A search costs about k / 10 distances to one centre: what is nearly hopeless is not worth one.
    if (u > kHopeless * bound) return false;
    u = rounded_up(std::sqrt(squared_distance(X_.row(i).data(), centers_.row(label).data(), X_.cols())));
    ++counts.distances;
    return surely_nearer(u, bound) && (++counts.rows_kept_by_distance, true);
  }

  static constexpr double kHopeless = 2;
  Matrix centers_;
  std::unique_ptr<Filter> filter_;
  Geometry geometry_;
  std::vector<float> upper_, lower_;
};

class Elkan final : public Assigner {
 public:
  Elkan(const Matrix& X, Index k, const Context& ctx)
      : Assigner(X, ctx),
        k_(k),
        upper_(static_cast<size_t>(X.rows()), std::numeric_limits<float>::infinity()),
        lower_(static_cast<size_t>(X.rows() * k)),
        drift_(static_cast<size_t>(k), 0.0F) {}
  void move(Index row, int to) override {
    Assigner::move(row, to);
    upper_[static_cast<size_t>(row)] = std::numeric_limits<float>::infinity();
  }

 private:
  void prepare(const Matrix& centers) override {
    geometry_.measure(centers_, centers, true, ctx_.threads);
    centers_ = centers;
    first_ = !filter_;
    if (first_) filter_ = std::make_unique<Filter>(centers);
    for (size_t c = 0; c < drift_.size(); ++c) drift_[c] = rounded_up(static_cast<double>(drift_[c]) + geometry_.moved[c]);
  }

  void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) override {
    if (first_) return first(begin, end, changes, counts);
    for (Index i = begin; i < end; ++i) {
      float& u = upper_[static_cast<size_t>(i)];
      const int label = labels_[static_cast<size_t>(i)];
      u = rounded_up(static_cast<double>(u) + geometry_.moved[static_cast<size_t>(label)]);
      if (surely_nearer(u, geometry_.nearest[static_cast<size_t>(label)])) {
        ++counts.rows_kept_by_center;
        continue;
      }
      relabel(i, row(i, label, counts), changes);
    }
  }

  void first(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) {
    Index numbers[kPanel];
    Filter::Answer answers[kPanel];
    for (Index i = begin; i < end; i += kPanel) {
      const Index panel = std::min<Index>(kPanel, end - i);
      for (Index j = 0; j < panel; ++j) numbers[j] = i + j;
      filter_->nearest(X_, numbers, panel, answers, lower_.data() + i * k_);
      for (Index j = 0; j < panel; ++j) {
        relabel(i + j, answers[j].label, changes);
        upper_[static_cast<size_t>(i + j)] = answers[j].upper;
      }
    }
    counts.rows_searched += end - begin;
    counts.distances += (end - begin) * k_;
  }

  /// Is a distance to some centre open, for this u?
  bool any_open(const float* l, const double* half, int label, double u) const {
    const auto limit = static_cast<float>(u * (1 + 2 * kSlack));
    const float* drift = drift_.data();
    int open = 0;
    for (Index c = 0; c < k_; ++c) open += l[c] - drift[c] <= limit && static_cast<float>(half[c]) <= limit;
    open -= l[label] - drift[label] <= limit && static_cast<float>(half[label]) <= limit;
    return open > 0;
  }

  int row(Index i, int label, AssignCounts& counts) {
    float* const l = lower_.data() + i * k_;
    const double* const half = geometry_.half.row(label).data();
    float& u = upper_[static_cast<size_t>(i)];
    if (!any_open(l, half, label, u)) return ++counts.rows_kept_by_bound, label;
    const double* const x = X_.row(i).data();
    double least = squared_distance(x, centers_.row(label).data(), X_.cols());
    ++counts.distances;
    u = rounded_up(std::sqrt(least));
    l[label] = written(std::sqrt(least), label);
    if (!any_open(l, half, label, u)) return ++counts.rows_kept_by_distance, label;
    ++counts.rows_searched;
    int best = label;
    for (Index c = 0; c < k_; ++c) {
      if (c == best || surely_nearer(u, std::max(below(l, c), geometry_.half(best, c)))) continue;
      const double distance = squared_distance(x, centers_.row(c).data(), X_.cols());
      ++counts.distances;
      l[c] = written(std::sqrt(distance), c);
      if (distance < least || (distance == least && c < best)) {
        least = distance;
        best = static_cast<int>(c);
        u = rounded_up(std::sqrt(least));
      }
    }
    return best;
  }

  double below(const float* l, Index c) const {
    return static_cast<double>(l[c]) - static_cast<double>(drift_[static_cast<size_t>(c)]);
  }
  /// A lower bound as it is kept: with what the centre has moved up to now.
  float written(double distance, Index c) const {
    return rounded_down(distance * (1 - kSlack) + static_cast<double>(drift_[static_cast<size_t>(c)]));
  }

  Index k_;
  bool first_ = true;
  Matrix centers_;
  std::unique_ptr<Filter> filter_;
  Geometry geometry_;
  std::vector<float> upper_, lower_, drift_;
};

}  // namespace

std::vector<Change> Assigner::assign(const Matrix& centers) {
  struct Part {
    std::vector<Change> changes;
    AssignCounts counts;
  };
  prepare(centers);
  Part all = parallel_reduce(
      ctx_.threads, X_.rows(), kChunk, Part{},
      [&](Index begin, Index end) {
        ctx_.check_cancelled();
        Part part;
        rows(begin, end, part.changes, part.counts);
        return part;
      },
      [](Part& total, const Part& part) {
        total.changes.insert(total.changes.end(), part.changes.begin(), part.changes.end());
        total.counts.rows_kept_by_center += part.counts.rows_kept_by_center;
        total.counts.rows_kept_by_bound += part.counts.rows_kept_by_bound;
        total.counts.rows_kept_by_distance += part.counts.rows_kept_by_distance;
        total.counts.rows_searched += part.counts.rows_searched;
        total.counts.distances += part.counts.distances;
      });
  counts_ = all.counts;
  return std::move(all.changes);
}

void Geometry::measure(const Matrix& before, const Matrix& centers, bool keep_half, int threads) {
  const Index k = centers.rows(), d = centers.cols();
  moved.assign(static_cast<size_t>(k), 0.0);
  most = second = 0;
  for (Index c = 0; c < k && before.rows() > 0; ++c) {
    const double p = std::sqrt(squared_distance(before.row(c).data(), centers.row(c).data(), d)) * (1 + kSlack / 8);
    moved[static_cast<size_t>(c)] = p > 0 ? p + 1e-150 : p;
    if (p > most) {
      second = most;
      most = p;
      farthest = c;
    } else {
      second = std::max(second, p);
    }
  }
  if (keep_half) half.resize(k, k);
  nearest.assign(static_cast<size_t>(k), std::numeric_limits<double>::infinity());
  parallel_for(threads, k, 16, [&](Index begin, Index end) {
    for (Index a = begin; a < end; ++a)
      for (Index c = 0; c < k; ++c) {
        const double h =
            c == a ? std::numeric_limits<double>::infinity()
                   : std::sqrt(squared_distance(centers.row(a).data(), centers.row(c).data(), d)) * (0.5 - kSlack / 8);
        if (keep_half) half(a, c) = h;
        if (c != a) nearest[static_cast<size_t>(a)] = std::min(nearest[static_cast<size_t>(a)], h);
      }
  });
}

std::unique_ptr<Assigner> lloyd(const Matrix& X, const Context& ctx) { return std::make_unique<Lloyd>(X, ctx); }
std::unique_ptr<Assigner> hamerly(const Matrix& X, const Context& ctx) { return std::make_unique<Hamerly>(X, ctx); }
std::unique_ptr<Assigner> elkan(const Matrix& X, Index clusters, const Context& ctx) {
  return std::make_unique<Elkan>(X, clusters, ctx);
}

}  // namespace assay::kmeans
