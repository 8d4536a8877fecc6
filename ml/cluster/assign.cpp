// Method   lloyd    every row: measure all centres directly
//          hamerly  1 move the bounds   2 rows that u < max(l, s) keeps   3 measure u, again 2   4 search the others, in
//                   panels, with Filter
//          elkan    1 s keeps a row   2 move the bounds of the others, look for centres whose bound is below u
//                   3 measure u, again   4 measure those centres, one by one, in single precision with bounds (rounded_rows.h); the first time all,
//                   by Filter
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

void prefetch(const float* row, Index d) {
  for (Index f = 0; f < d; f += 16) __builtin_prefetch(row + f);
}

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
        upper_(static_cast<size_t>(X_.rows()), std::numeric_limits<float>::infinity()),
        lower_(static_cast<size_t>(X.rows()), 0.0F) {}
  void move(Index row, int to) override {
    Assigner::move(row, to);
    upper_[static_cast<size_t>(row)] = std::numeric_limits<float>::infinity();
    lower_[static_cast<size_t>(row)] = 0;
  }

 private:
  void prepare(const Matrix& centers) override {
    first_ = centers_.rows() == 0;
    geometry_.measure(centers_, centers, false, ctx_.threads);
    centers_ = centers;
    filter_ = std::make_unique<Filter>(centers);
    moves_.clear();
    for (size_t c = 0; c < geometry_.moved.size(); ++c) {
      const double others = static_cast<Index>(c) == geometry_.farthest ? geometry_.second : geometry_.most;
      moves_.push_back({rounded_up(geometry_.moved[c]), rounded_up(others), rounded_down(geometry_.nearest[c])});
    }
  }

  void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) override {
    Index open[kChunk];
    Index count = move_bounds(begin, end, open, counts);
    count = measure_own(open, count, counts);
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

  /// Steps 1 and 2: lists the rows that stay open.
  Index move_bounds(Index begin, Index end, Index* open, AssignCounts& counts) {
    Index count = 0;
    if (first_) {
      for (Index i = begin; i < end; ++i) open[count++] = i;
      return count;
    }
    const int* label = labels_.data();
    long by_center = 0;
    for (Index i = begin; i < end; ++i) {
      const Move& move = moves_[static_cast<size_t>(label[i])];
      const float u = (upper_[static_cast<size_t>(i)] + move.own) * (1 + 0x1p-22F) + 0x1p-140F;
      const float l = std::max((lower_[static_cast<size_t>(i)] - move.others) * (1 - 0x1p-22F), 0.0F);
      upper_[static_cast<size_t>(i)] = u;
      lower_[static_cast<size_t>(i)] = l;
      const float limit = u * kRoom;
      by_center += limit < move.half;
      open[count] = i;
      count += !(limit < std::max(l, move.half));
    }
    counts.rows_kept_by_center += by_center;
    counts.rows_kept_by_bound += end - begin - count - by_center;
    return count;
  }

  /// Step 3.
  Index measure_own(Index* open, Index count, AssignCounts& counts) {
    if (first_) return count;
    Index left = 0;
    for (Index j = 0; j < count; ++j) {
      const Index i = open[j];
      const int label = labels_[static_cast<size_t>(i)];
      float& u = upper_[static_cast<size_t>(i)];
      const float bound = std::max(lower_[static_cast<size_t>(i)], moves_[static_cast<size_t>(label)].half);
      open[left] = i;
      if (u > kHopeless * bound) {
        ++left;
        continue;
      }
      u = rounded_up(std::sqrt(squared_distance(X_.row(i).data(), centers_.row(label).data(), X_.cols())));
      ++counts.distances;
      left += !(u * kRoom < bound);
    }
    counts.rows_kept_by_distance += count - left;
    return left;
  }

  /// What the last move of the centres does to the rows of a cluster, in single precision on the safe side.
  struct Move {
    float own, others, half;
  };
  static constexpr float kRoom = 1 + 2 * static_cast<float>(kSlack);
  static constexpr float kHopeless = 2;  ///< u this many times the bound: measuring u would hardly close the row
  bool first_ = true;
  Matrix centers_;
  std::unique_ptr<Filter> filter_;
  Geometry geometry_;
  std::vector<Move> moves_;
  std::vector<float> upper_, lower_;
};

class Elkan final : public Assigner {
 public:
  Elkan(const RoundedRows& rows, Index k, const Context& ctx)
      : Assigner(rows.exact(), ctx),
        k_(k),
        rounded_(rows),
        upper_(static_cast<size_t>(X_.rows()), std::numeric_limits<float>::infinity()),
        lower_(static_cast<size_t>(X_.rows() * k)),
        drift_(static_cast<size_t>(k), 0.0F) {}
  void move(Index row, int to) override {
    Assigner::move(row, to);
    upper_[static_cast<size_t>(row)] = std::numeric_limits<float>::infinity();
  }

 private:
  void prepare(const Matrix& centers) override {
    geometry_.measure(centers_, centers, true, ctx_.threads);
    centers_ = centers;
    first_ = !rounded_centers_;
    rounded_centers_ = std::make_unique<RoundedCenters>(rounded_, centers_);
    half_.resize(static_cast<size_t>(k_ * k_));
    for (Index j = 0; j < k_ * k_; ++j) half_[static_cast<size_t>(j)] = rounded_down(geometry_.half.data()[j]);
    for (size_t c = 0; c < drift_.size(); ++c)
      drift_[c] = rounded_up(static_cast<double>(drift_[c]) + geometry_.moved[c]);
  }

  void rows(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) override {
    if (first_) return first(begin, end, changes, counts);
    Index open[kChunk];
    Index count = 0;
    for (Index i = begin; i < end; ++i) {
      const auto label = static_cast<size_t>(labels_[static_cast<size_t>(i)]);
      float& u = upper_[static_cast<size_t>(i)];
      u = rounded_up(static_cast<double>(u) + geometry_.moved[label]);
      if (surely_nearer(u, geometry_.nearest[label]))
        ++counts.rows_kept_by_center;
      else if (!any_open(i, u))
        ++counts.rows_kept_by_bound;
      else
        open[count++] = i;
    }
    for (Index j = 0; j < count; ++j) {
      if (j + 1 < count) prefetch(rounded_.row(open[j + 1]), X_.cols());
      relabel(open[j], search(open[j], counts), changes);
    }
  }

  void first(Index begin, Index end, std::vector<Change>& changes, AssignCounts& counts) {
    Index numbers[kPanel];
    Filter::Answer answers[kPanel];
    const Filter filter(centers_);
    for (Index i = begin; i < end; i += kPanel) {
      const Index panel = std::min<Index>(kPanel, end - i);
      for (Index j = 0; j < panel; ++j) numbers[j] = i + j;
      filter.nearest(X_, numbers, panel, answers, lower_.data() + i * k_);
      for (Index j = 0; j < panel; ++j) {
        relabel(i + j, answers[j].label, changes);
        upper_[static_cast<size_t>(i + j)] = answers[j].upper;
      }
    }
    counts.rows_searched += end - begin;
    counts.distances += (end - begin) * k_;
  }

  /// Is a distance to some other centre open, if the own one is at most u?
  bool any_open(Index i, float u) const {
    const int label = labels_[static_cast<size_t>(i)];
    const float* const l = lower_.data() + i * k_;
    const float* const drift = drift_.data();
    const float* const half = half_.data() + label * k_;
    const float limit = u * (1 + 2 * static_cast<float>(kSlack));
    int open = 0;
    for (Index c = 0; c < k_; ++c) open += std::max(l[c] - drift[c], half[c]) <= limit;
    return open > (std::max(l[label] - drift[label], half[label]) <= limit);
  }

  /// Steps 3 and 4.
  int search(Index i, AssignCounts& counts) {
    int best = labels_[static_cast<size_t>(i)];
    float* const l = lower_.data() + i * k_;
    float& u = upper_[static_cast<size_t>(i)];
    RoundedCenters::Bounds nearest = rounded_centers_->bounds(i, best);
    ++counts.distances;
    u = nearest.upper;
    l[best] = written(nearest.lower, best);
    if (!any_open(i, u)) return ++counts.rows_kept_by_distance, best;
    ++counts.rows_searched;
    for (Index c = 0; c < k_; ++c) {
      if (c == best || surely_nearer(nearest.upper, std::max(below(l, c), half_[static_cast<size_t>(best * k_ + c)])))
        continue;
      RoundedCenters::Bounds other = rounded_centers_->bounds(i, c);
      ++counts.distances;
      l[c] = written(other.lower, c);
      if (surely_nearer(nearest.upper, other.lower)) continue;
      if (surely_nearer(other.upper, nearest.lower) || is_nearer(X_.row(i).data(), c, best, other)) {
        best = static_cast<int>(c);
        nearest = other;
      }
    }
    u = nearest.upper;
    return best;
  }

  /// In doubt: (2) of nearest.h decides between two centres.
  bool is_nearer(const double* x, Index c, Index best, RoundedCenters::Bounds& other) const {
    const double of_c = squared_distance(x, centers_.row(c).data(), X_.cols());
    const double of_best = squared_distance(x, centers_.row(best).data(), X_.cols());
    other = {rounded_down(std::sqrt(of_c)), rounded_up(std::sqrt(of_c))};
    return of_c < of_best || (of_c == of_best && c < best);
  }

  float below(const float* l, Index c) const { return l[c] - drift_[static_cast<size_t>(c)]; }
  /// A lower bound as it is kept: with what the centre has moved up to now.
  float written(float lower, Index c) const {
    return rounded_down(static_cast<double>(lower) + static_cast<double>(drift_[static_cast<size_t>(c)]));
  }

  Index k_;
  bool first_ = true;
  Matrix centers_;
  const RoundedRows& rounded_;
  std::unique_ptr<RoundedCenters> rounded_centers_;
  Geometry geometry_;
  std::vector<float> upper_, lower_, drift_, half_;
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
std::unique_ptr<Assigner> elkan(const RoundedRows& rows, Index clusters, const Context& ctx) {
  return std::make_unique<Elkan>(rows, clusters, ctx);
}

}  // namespace assay::kmeans
