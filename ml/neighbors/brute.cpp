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
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's own AVX-512 header, reached through Eigen's float product
#endif
#include <cmath>
#include <limits>
#include <numeric>

#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay::neighbors {
namespace {

using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr Index kQueries = 256, kRows = 512, kTested = 32;
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
        if (!any_within(distance, list.limit())) continue;
        const Index count = std::min<Index>(kBlock, n_ - first);
        for (Index j = 0; j < count; ++j)
          if (distance[j] <= list.limit()) list.offer({distance[j], static_cast<int>(first + j)});
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
      : X_(std::move(X)), c_(1.05 * static_cast<double>(X_->cols() + 16) * kUnit) {
    mean_ = X_->colwise().mean();
    double largest = 0;
    for (Index i = 0; i < X_->rows(); ++i) largest = std::max(largest, (X_->row(i) - mean_).cwiseAbs().maxCoeff());
    if (largest > 0 && std::isfinite(largest)) scale_ = std::ldexp(1.0, -std::ilogb(largest) - 1);
    Z_ = shifted(*X_, 0, X_->rows(), 1);
    squares_.resize(static_cast<size_t>(X_->rows()));
    for (Index i = 0; i < X_->rows(); ++i)
      squares_[static_cast<size_t>(i)] = static_cast<float>((1 - c_) * square(Z_.row(i).data()));
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
  /// factor * s (x - m) for some rows.
  Floats shifted(const Matrix& X, Index begin, Index count, double factor) const {
    Floats out(count, X.cols());
    for (Index i = 0; i < count; ++i)
      for (Index f = 0; f < X.cols(); ++f)
        out(i, f) = static_cast<float>(factor * scale_ * (X(begin + i, f) - mean_[f]));
    return out;
  }

  double square(const float* z) const {
    double total = 0;
    for (Index f = 0; f < X_->cols(); ++f) total += static_cast<double>(z[f]) * static_cast<double>(z[f]);
    return total;
  }

  void block_of_queries(const Matrix& queries, Index first, Index count, std::vector<NearestList>& lists) const {
    const Floats P = shifted(queries, first, count, -2);  // -2 p: a power of two, so nothing is rounded twice
    Vector squares(count);
    for (Index i = 0; i < count; ++i) squares[i] = square(P.row(i).data()) / 4;
    Floats h(count, kRows);
    for (Index begin = 0; begin < Z_.rows(); begin += kRows) {
      const Index rows = std::min(kRows, Z_.rows() - begin);
      h.leftCols(rows).noalias() = P * Z_.middleRows(begin, rows).transpose();
      for (Index i = 0; i < count; ++i)
        filter(queries.row(first + i).data(), squares[i], h.row(i).data(), begin, rows, lists[static_cast<size_t>(i)]);
    }
  }

  /// Right side of step 2, rounded up.
  float threshold(double limit, double p_square) const {
    const double tiny = static_cast<double>(X_->cols()) * 0x1p-100;
    const double t = scale_ * scale_ * limit * (1 + 1e-9) - (1 - c_) * p_square + tiny;
    return std::nextafter(static_cast<float>(t), std::numeric_limits<float>::infinity());
  }

  void filter(const double* q, double p_square, const float* h, Index begin, Index rows, NearestList& list) const {
    const float* squares = squares_.data() + begin;
    float t = threshold(list.limit(), p_square);
    const auto measure = [&](Index j) {
      if (h[j] + squares[j] > t) return;
      list.offer(
          {reduced_distance(Euclidean{}, q, X_->row(begin + j).data(), X_->cols()), static_cast<int>(begin + j)});
      t = threshold(list.limit(), p_square);
    };
    Index j = 0;
    for (; j + kTested <= rows; j += kTested) {
      int passing = 0;
      for (Index lane = j; lane < j + kTested; ++lane) passing += !(h[lane] + squares[lane] > t);
      if (passing > 0)
        for (Index lane = j; lane < j + kTested; ++lane) measure(lane);
    }
    for (; j < rows; ++j) measure(j);
  }

  std::shared_ptr<const Matrix> X_;
  double c_, scale_ = 1;
  Eigen::RowVectorXd mean_;
  Floats Z_;
  std::vector<float> squares_;  ///< (1 - c) |z|^2
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
    const double unit =
        std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000));  // squares neither overflow nor vanish
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
  parallel_for(ctx.threads, queries.rows(), kQueries, [&](Index begin, Index end) {
    ctx.check_cancelled();
    search.nearest(queries, begin, end, k, out.data() + begin * k);
  });
  return out;
}

}  // namespace assay::neighbors
