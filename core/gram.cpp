// core/gram.cpp: symmetric products: X' W X by blocks of rows, X X' by blocks of columns; the lower half only.
//
// Notation   K: the long dimension that is summed (rows of X, or columns for X X');  m: the size of the result
// Method     1 a block of kBlock of K is packed: panels of kPanel results-columns side by side, padded with zeros; the
//            centre is subtracted here, where it costs nothing   2 each tile of the lower half of C adds its block
//            (gram_kernels.h)   3 the upper half is copied
// Threads    few columns: chunks of K have their own C, added in order; many: a thread owns whole panels of C, and
//            blocks follow one another, so that no second C is needed. Either way the order of additions depends on the
//            shape alone.
// Scatter    is taken about a guess g, the mean of kGuessRows rows, while the sums s of x - g are kept; with delta = s / W
//                mean = g + delta      scatter = sum w (x - g)(x - g)' - W delta delta'       W: the sum of the weights
//            which loses digits where W delta^2 is much more than what remains: then it is done again about the mean.
#include <algorithm>
#include <cmath>
#include <vector>

#include "assay/core/grain.h"
#include "assay/core/gram_kernels.h"
#include "assay/core/linalg.h"

namespace assay {
namespace {

constexpr Index kBlock = 384;        // of K in one tile: a panel of 72 KB stays in the second-level cache
constexpr Index kGroup = 4;          // panels that share the rows of a tile
constexpr Index kReduceRows = 4096;  // few columns: rows of one partial sum
constexpr Index kOwnColumns = 192;   // from so many columns on threads share C
constexpr Index kGuessRows = 1024;

// What is multiplied: entry (p, j) of the packed table is X(p, j) - center[j], or X(j, p) - center[p] if turned.
struct Factor {
  const Matrix& X;
  const Vector& center;  // empty: 0
  const Vector& w;       // empty: 1; only rows of X (not turned) have weights
  bool turned;
  Vector* sums = nullptr;  // receives the column sums of the packed table (not turned, from kOwnColumns columns on)

  Index K() const { return turned ? X.cols() : X.rows(); }
  Index m() const { return turned ? X.rows() : X.cols(); }
};

struct Packed {
  Vector right, left;  // panels of kBlock x kPanel; left: times w, only where there are weights
};

Index panels_of(Index m) { return (m + kPanel - 1) / kPanel; }

// out = x - center, kPanel numbers at most; center null: x.
void copy_centred(const double* __restrict x, const double* __restrict center, Index n, double* __restrict out) {
  if (center && n == kPanel)  // of constant length, for the compiler
    for (int j = 0; j < kPanel; ++j) out[j] = x[j] - center[j];
  else if (center)
    for (Index j = 0; j < n; ++j) out[j] = x[j] - center[j];
  else
    std::copy_n(x, n, out);
}

double* place(Vector& panels, Index q, Index p) { return panels.data() + (q * kBlock + p) * kPanel; }

// Step 1 for panels from .. to and K from `begin`, turned: a row of X is a column of the panel.
void pack_turned(const Factor& f, Index from, Index to, Index begin, Index end, Packed& packed) {
  for (Index q = from; q < to; ++q) {
    const Index first = q * kPanel, width = std::min<Index>(kPanel, f.m() - first);
    double* out = place(packed.right, q, 0);
    if (width < kPanel) std::fill_n(out, (end - begin) * kPanel, 0.0);
    for (Index j = 0; j < width; ++j) {
      const double* x = f.X.row(first + j).data();
      const double* center = f.center.data();
      for (Index p = begin; p < end; ++p) out[(p - begin) * kPanel + j] = f.center.size() ? x[p] - center[p] : x[p];
    }
  }
}

// Step 1 for rows from .. to of X, which are read once from end to end.
void pack_rows(const Factor& f, Index from, Index to, Index begin, Packed& packed) {
  const double* center = f.center.size() ? f.center.data() : nullptr;
  for (Index p = from; p < to; ++p)
    for (Index first = 0, q = 0; first < f.m(); first += kPanel, ++q) {
      const Index width = std::min<Index>(kPanel, f.m() - first);
      double* out = place(packed.right, q, p - begin);
      copy_centred(f.X.row(p).data() + first, center ? center + first : nullptr, width, out);
      std::fill_n(out + width, kPanel - width, 0.0);
      if (f.w.size() == 0) continue;
      double* weighted = place(packed.left, q, p - begin);
      for (Index j = 0; j < kPanel; ++j) weighted[j] = f.w[p] * out[j];
    }
}

// Step 2 for the tiles of C in columns of panels from .. to, on and below the diagonal: rows of a tile are used for all these
// panels, which stay in the second-level cache, before the next.
void add_panels(const Factor& f, Index from, Index to, Index K, const Packed& packed, Matrix& C) {
  const double* left = f.w.size() ? packed.left.data() : packed.right.data();
  for (Index i = from * kPanel; i < f.m(); i += kTileRows) {
    const Index panel = i / kPanel, within = i % kPanel;
    const double* a = left + panel * kBlock * kPanel + within;
    for (Index q = from; q < std::min(to, panel + 1); ++q) {
      const int third = panel > q ? 3 : static_cast<int>(within / kTileRows) + 1;
      add_tile(third, K, a, packed.right.data() + q * kBlock * kPanel, C.row(i).data() + q * kPanel, C.cols());
    }
  }
}

// The column sums of panel q.
void add_sums(const Packed& packed, const Factor& f, Index q, Index K) {
  const double* x = (f.w.size() ? packed.left : packed.right).data() + q * kBlock * kPanel;
  double total[kPanel] = {};
  for (Index p = 0; p < K; ++p, x += kPanel)
    for (int j = 0; j < kPanel; ++j) total[j] += x[j];
  for (Index j = 0; j < std::min<Index>(kPanel, f.m() - q * kPanel); ++j) (*f.sums)[q * kPanel + j] += total[j];
}

// The padded lower half of the product over begin .. end of K is added to C.
void add_product(const Factor& f, Index begin, Index end, int threads, Matrix& C) {
  const Index panels = panels_of(f.m());
  Packed packed;
  packed.right.resize(panels * kBlock * kPanel);
  if (f.w.size()) packed.left.resize(panels * kBlock * kPanel);
  for (Index b = begin; b < end; b += kBlock) {
    const Index last = std::min(b + kBlock, end);
    if (f.turned)
      parallel_for(threads, panels, 4, [&](Index from, Index to) { pack_turned(f, from, to, b, last, packed); });
    else
      parallel_for(threads, last - b, 64, [&](Index from, Index to) { pack_rows(f, b + from, b + to, b, packed); });
    parallel_for(threads, panels, kGroup, [&](Index from, Index to) {
      add_panels(f, from, to, last - b, packed, C);
      if (f.sums)
        for (Index q = from; q < to; ++q) add_sums(packed, f, q, last - b);
    });
  }
}

Matrix symmetric_product(const Factor& f, int threads) {
  const Index m = f.m(), padded = panels_of(m) * kPanel;
  Matrix C = Matrix::Zero(padded, padded);
  if (m >= kOwnColumns || f.K() <= kReduceRows) {
    add_product(f, 0, f.K(), threads_for_steps(threads, f.K() * padded * padded / 16), C);
  } else {
    C = parallel_reduce(
        threads, f.K(), kReduceRows, std::move(C),
        [&](Index begin, Index end) {
          Matrix part = Matrix::Zero(padded, padded);
          add_product(f, begin, end, 1, part);
          return part;
        },
        [](Matrix& total, const Matrix& part) { total += part; });
  }
  if (m != padded) C = Matrix(C.topLeftCorner(m, m));
  for (Index i = 0; i < m; ++i)
    for (Index j = i + 1; j < m; ++j) C(i, j) = C(j, i);
  return C;
}

// The mean of kGuessRows rows, evenly spaced.
Vector guess_mean(const Matrix& X) {
  const Index rows = std::min(kGuessRows, X.rows());
  Vector total = Vector::Zero(X.cols());
  for (Index i = 0; i < rows; ++i) total += X.row(i * X.rows() / rows).transpose();
  return total / static_cast<double>(std::max<Index>(rows, 1));
}

// A column whose mean is 4 standard deviations or more from the guess, and by more than rounding.
bool bad_guess(const Vector& guess, const Vector& delta, double W, const Matrix& products) {
  for (Index j = 0; j < guess.size(); ++j)
    if (W * delta[j] * delta[j] > 16 * products(j, j) && std::abs(delta[j]) > 1e-9 * std::abs(guess[j])) return true;
  return false;
}

}  // namespace

Scatter scatter(const Matrix& X, const Vector& w, int threads) {
  if (X.cols() >= kOwnColumns) {
    const Vector guess = guess_mean(X);
    const double W = w.size() ? sum(w.data(), w.size()) : static_cast<double>(X.rows());
    Vector delta = Vector::Zero(X.cols());
    Matrix C = symmetric_product({X, guess, w, false, &delta}, threads);
    delta /= W;
    for (Index i = 0; i < C.rows(); ++i)
      for (Index j = 0; j < C.cols(); ++j) C(i, j) -= W * (delta[i] * delta[j]);
    if (!bad_guess(guess, delta, W, C)) return {guess + delta, std::move(C)};
  }
  const Vector mean = column_means(X, w, threads);
  return {mean, gram(X, mean, w, threads)};
}

Matrix gram(const Matrix& X, const Vector& w, int threads) { return gram(X, Vector(), w, threads); }

Matrix gram(const Matrix& X, const Vector& center, const Vector& w, int threads) {
  return symmetric_product({X, center, w, false}, threads);
}

Matrix row_gram(const Matrix& X, const Vector& center, int threads) {
  return symmetric_product({X, center, Vector(), true}, threads);
}

}  // namespace assay
