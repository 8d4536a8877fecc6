// ml/neighbors/brute.cpp
// Notation   q query, x stored row; m mean of X, s a power of two; p = fl(s (q - m)), z = fl(s (x - m)) in single
//            precision, |z_f| <= 1; u = 2^-24; limit: reduced distance of the k-th nearest so far
// Method     Euclidean: for blocks of queries and rows
//              1 h = -2 p'z for the whole block: one product in single precision
//              2 a row may belong to the answer only if  h + |z|^2 <= s^2 limit - |p|^2 + E,  see Bound
//              3 what passes is measured directly, in double precision, and that decides
//            otherwise: direct distances to blocks of rows
// Bound      Let D = s^2 |q - x|^2. Rounding q and x to p and z moves D by less than 4.1 u (|p|^2 + |z|^2); the product,
//            in any order of summation, by d u / (1 - d u) (|p|^2 + |z|^2); rounding |z|^2 and adding it by 4 u of the
//            same; the double-precision distance by (d + 3) 2^-53 of it, twice. So E = c (|p|^2 + |z|^2) + tiny with
//            c = 1.05 (d + 16) u holds as long as d u < 0.01, and `tiny` covers underflow. A sum that overflows compares false
//            with everything and passes.
// Departures: none; the answer is search.h (1), bit for bit.
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/core/product_tile_kernels.h"
#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

constexpr Index kQueries = 256;  // of a block: their h and p stay in the cache
constexpr Index kPanels = 4;     // of rows whose products with a block are made together
constexpr Index kColumns = 128;  // of p and z at a time: a panel's part stays in the nearest cache
constexpr Index kAtOnce = 64;    // columns of a panel that are turned at a time
constexpr size_t kMeasured = 4;
constexpr double kUnit = 0x1p-24;

template <class Metric>
class Exhaustive final : public Search {
 public:
  Exhaustive(std::shared_ptr<const Matrix> X, Metric metric) : X_(std::move(X)), metric_(metric) {}
  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    std::vector<Neighbor> all(static_cast<size_t>(X_->rows()));
    for (Index i = begin; i < end; ++i) {
      for (Index r = 0; r < X_->rows(); ++r)
        all[static_cast<size_t>(r)] = {reduced_distance(metric_, queries.row(i).data(), X_->row(r).data(), X_->cols()),
                                       static_cast<int>(r)};
      std::sort(all.begin(), all.end(), before);
      out = std::copy_n(all.begin(), k, out);
    }
  }

 private:
  std::shared_ptr<const Matrix> X_;
  Metric metric_;
};

/// Direct distances to kBlock rows at a time.
template <class Metric>
class DirectBlocks final : public Search {
 public:
  DirectBlocks(const Matrix& X, Metric metric) : n_(X.rows()), d_(X.cols()), metric_(metric) {
    blocks_.assign(static_cast<size_t>((n_ + kBlock - 1) / kBlock * kBlock * d_), 0.0);
    for (Index i = 0; i < n_; ++i)
      for (Index f = 0; f < d_; ++f)
        blocks_[static_cast<size_t>((i / kBlock * d_ + f) * kBlock + i % kBlock)] = X(i, f);
  }
  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    NearestList list(k);
    for (Index i = begin; i < end; ++i) {
      list.clear();
      for (Index first = 0; first < n_; first += kBlock) {
        const BlockDistances distance =
            distances_to_block(metric_, queries.row(i).data(), blocks_.data() + first * d_, d_);
        const unsigned filled = (1U << std::min<Index>(kBlock, n_ - first)) - 1;
        for (unsigned near = within(distance, list.limit()) & filled; near != 0; near &= near - 1) {
          const int j = std::countr_zero(near);
          list.offer({distance[j], static_cast<int>(first + j)});
        }
      }
      out = std::copy(list.items().begin(), list.items().end(), out);
    }
  }

 private:
  Index n_, d_;
  Metric metric_;
  std::vector<double> blocks_;
};

class Product final : public Search {
 public:
  explicit Product(std::shared_ptr<const Matrix> X)
      : X_(std::move(X)),
        n_(X_->rows()),
        d_(X_->cols()),
        panels_((n_ + kPanel - 1) / kPanel),
        c_(1.05 * static_cast<double>(d_ + 16) * kUnit) {
    center();
    z_.resize(panels_ * d_ * kPanel);
    squares_.resize(panels_ * kPanel);
    for (Index q = 0; q < panels_; ++q) add_panel(q);
  }

  void nearest(const Matrix& queries, Index begin, Index end, int k, Neighbor* out) const override {
    std::vector<NearestList> lists(static_cast<size_t>(std::min(kQueries, end - begin)), NearestList(k));
    for (Index first = begin; first < end; first += kQueries) {
      const Index count = std::min(kQueries, end - first);
      for (NearestList& list : lists) list.clear();
      block_of_queries(queries, first, count, lists);
      for (Index i = 0; i < count; ++i) {
        const std::vector<Neighbor>& items = lists[static_cast<size_t>(i)].items();
        out = std::copy(items.begin(), items.end(), out);
      }
    }
  }

 private:
  using Floats = Eigen::VectorXf;
  struct Candidate {
    float value;  // h + |z|^2
    Index row;
    bool operator<(const Candidate& o) const { return value < o.value || (value == o.value && row < o.row); }
  };

  /// m, and s from the largest |x - m|.
  void center() {
    Eigen::RowVectorXd low = X_->row(0), high = low;
    mean_ = Eigen::RowVectorXd::Zero(d_);
    for (Index i = 0; i < n_; ++i) {
      mean_ += X_->row(i);
      low = low.cwiseMin(X_->row(i));
      high = high.cwiseMax(X_->row(i));
    }
    mean_ /= static_cast<double>(n_);
    const double largest = std::max((high - mean_).maxCoeff(), (mean_ - low).maxCoeff());
    if (largest > 0 && std::isfinite(largest)) scale_ = std::ldexp(1.0, -std::ilogb(largest) - 1);
  }

  float shifted(double x, Index f, double factor) const { return static_cast<float>(factor * scale_ * (x - mean_[f])); }

  /// kPanel rows side by side; of rows that are missing in the last panel |z|^2 is infinite.
  void add_panel(Index q) {
    const Index first = q * kPanel, rows = std::min<Index>(kPanel, n_ - first);
    float* z = z_.data() + q * d_ * kPanel;
    if (rows < kPanel) std::fill_n(z, d_ * kPanel, 0.0F);
    float block[kPanel][kAtOnce];
    for (Index from = 0; from < d_; from += kAtOnce) {
      const Index some = std::min(kAtOnce, d_ - from);
      for (Index j = 0; j < rows; ++j) {
        const double* x = X_->row(first + j).data() + from;
        for (Index f = 0; f < some; ++f) block[j][f] = shifted(x[f], from + f, 1);
      }
      for (Index f = 0; f < some; ++f)
        for (Index j = 0; j < rows; ++j) z[(from + f) * kPanel + j] = block[j][f];
    }
    double square[kPanel] = {};
    for (Index f = 0; f < d_; ++f)
      for (int j = 0; j < kPanel; ++j)
        square[j] += static_cast<double>(z[f * kPanel + j]) * static_cast<double>(z[f * kPanel + j]);
    for (int j = 0; j < kPanel; ++j)
      squares_[first + j] =
          j < rows ? static_cast<float>((1 - c_) * square[j]) : std::numeric_limits<float>::infinity();
  }

  /// -2 p (a power of two, so nothing is rounded twice) of some queries, kTile side by side; p_square: |p|^2.
  Floats packed(const Matrix& queries, Index first, Index count, Vector& p_square) const {
    Floats P = Floats::Zero((count + kTile - 1) / kTile * kTile * d_);
    for (Index i = 0; i < count; ++i) {
      float* p = P.data() + i / kTile * kTile * d_ + i % kTile;
      const double* x = queries.row(first + i).data();
      double square = 0;
      for (Index f = 0; f < d_; ++f) {
        p[f * kTile] = shifted(x[f], f, -2);
        square += static_cast<double>(p[f * kTile]) * static_cast<double>(p[f * kTile]);
      }
      p_square[i] = square / 4;
    }
    return P;
  }

  void block_of_queries(const Matrix& queries, Index first, Index count, std::vector<NearestList>& lists) const {
    Vector p_square(count);
    const Floats P = packed(queries, first, count, p_square);
    const Index stride = kPanels * kPanel, tiles = (count + kTile - 1) / kTile;
    Floats h(tiles * kTile * stride);
    std::vector<Candidate> candidates;
    for (Index q = 0; q < panels_; q += kPanels) {
      const Index some = std::min(kPanels, panels_ - q);
      for (Index f = 0; f < d_; f += kColumns)
        for (Index a = 0; a < some; ++a)
          for (Index t = 0; t < tiles; ++t)
            add_products(std::min(kColumns, d_ - f), P.data() + (t * d_ + f) * kTile,
                         z_.data() + ((q + a) * d_ + f) * kPanel, f == 0, h.data() + t * kTile * stride + a * kPanel,
                         stride);
      for (Index i = 0; i < count; ++i)
        filter(queries.row(first + i).data(), p_square[i], h.data() + i * stride, q * kPanel, some * kPanel, candidates,
               lists[static_cast<size_t>(i)]);
    }
  }

  /// Right side of step 2, rounded up.
  float threshold(double limit, double p_square) const {
    const double tiny = static_cast<double>(d_) * 0x1p-100;
    const double t = scale_ * scale_ * limit * (1 + 1e-9) - (1 - c_) * p_square + tiny;
    return std::nextafter(static_cast<float>(t), std::numeric_limits<float>::infinity());
  }

  /// Steps 2 and 3 for rows begin .. begin + rows; the nearest ones first, as far as h knows, since they lower the limit.
  void filter(const double* q, double p_square, const float* h, Index begin, Index rows,
              std::vector<Candidate>& candidates, NearestList& list) const {
    const float* squares = squares_.data() + begin;
    float t = threshold(list.limit(), p_square);
    if (all_above(h, squares, t, rows)) return;
    candidates.clear();
    for (Index j = 0; j < std::min(rows, n_ - begin); ++j)
      if (const float value = h[j] + squares[j]; !(value > t))
        candidates.push_back({std::isnan(value) ? -std::numeric_limits<float>::infinity() : value, begin + j});
    std::sort(candidates.begin(), candidates.end());
    for (size_t c = 0; c < candidates.size(); c += kMeasured) {
      const double* x[kMeasured];
      double distance[kMeasured];
      const size_t some = std::min(kMeasured, candidates.size() - c);
      for (size_t l = 0; l < kMeasured; ++l) x[l] = X_->row(candidates[c + std::min(l, some - 1)].row).data();
      reduced_distances(Euclidean{}, q, x, d_, distance);
      for (size_t l = 0; l < some; ++l) list.offer({distance[l], static_cast<int>(candidates[c + l].row)});
      t = threshold(list.limit(), p_square);
      if (c + some < candidates.size() && candidates[c + some].value > t) return;
    }
  }

  std::shared_ptr<const Matrix> X_;
  Index n_, d_, panels_;
  double c_, scale_ = 1;
  Eigen::RowVectorXd mean_;
  Floats z_;        ///< panel by panel, coordinate by coordinate
  Floats squares_;  ///< (1 - c) |z|^2
};

}  // namespace

Matrix directions(const Matrix& X) {
  Matrix U = Matrix::Zero(X.rows(), X.cols() + 1);
  for (Index i = 0; i < X.rows(); ++i) {
    const double largest = X.row(i).cwiseAbs().maxCoeff();
    if (!(largest > 0)) {
      U(i, X.cols()) = 1;
      continue;
    }
    const double unit = unit_of(largest);
    double square = 0;
    for (Index f = 0; f < X.cols(); ++f) square += (unit * X(i, f)) * (unit * X(i, f));
    const double length = std::sqrt(square);
    for (Index f = 0; f < X.cols(); ++f) U(i, f) = unit * X(i, f) / length;
  }
  return U;
}

std::unique_ptr<Search> exhaustive_search(std::shared_ptr<const Matrix> X, Measure measure) {
  return with_metric(measure, [&](auto metric) -> std::unique_ptr<Search> {
    return std::make_unique<Exhaustive<decltype(metric)>>(std::move(X), metric);
  });
}

std::unique_ptr<Search> brute_search(std::shared_ptr<const Matrix> X, Measure measure) {
  const bool euclidean = measure.distance == Distance::euclidean || measure.distance == Distance::cosine;
  if (euclidean && static_cast<double>(X->cols()) * kUnit < 0.01) return std::make_unique<Product>(std::move(X));
  return with_metric(measure, [&](auto metric) -> std::unique_ptr<Search> {
    return std::make_unique<DirectBlocks<decltype(metric)>>(*X, metric);
  });
}

std::vector<Neighbor> all_nearest(const Search& search, const Matrix& queries, int k, const Context& ctx) {
  std::vector<Neighbor> out(static_cast<size_t>(queries.rows()) * static_cast<size_t>(k));
  parallel_for(ctx.threads, queries.rows(), search.asked_at_once(), [&](Index begin, Index end) {
    ctx.check_cancelled();
    search.nearest(queries, begin, end, k, out.data() + begin * k);
  });
  return out;
}

}  // namespace assay::neighbors
