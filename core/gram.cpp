// core/gram.cpp: symmetric products: X' W X by blocks of rows, X X' by blocks of columns; the lower half only.
//
// Notation   K: the long dimension that is summed (rows of X, or columns for X X');  m: the size of the result
// Method     1 a block of kBlock of K is packed: panels of kPanel results-columns side by side, padded with zeros; the
//            centre is subtracted here, where it costs nothing   2 each tile of the lower half of C adds its block
//            (gram_kernels.h)   3 the upper half is copied
// Threads    few columns: chunks of K have their own C, added in order; many: a thread owns whole panels of C, and
//            blocks follow one another, so that no second C is needed. Either way the order of additions depends on the
//            shape alone.
#include <algorithm>
#include <vector>

#include "assay/core/gram_kernels.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {
namespace {

constexpr Index kBlock = 256;        // of K in one tile: a panel of 48 KB stays in the second-level cache
constexpr Index kReduceRows = 4096;  // few columns: rows of one partial sum
constexpr Index kOwnColumns = 192;   // from so many columns on threads share C

// What is multiplied: entry (p, j) of the packed table is X(p, j) - center[j], or X(j, p) - center[p] if turned.
struct Factor {
  const Matrix& X;
  const Vector& center;  // empty: 0
  const Vector& w;       // empty: 1; only rows of X (not turned) have weights
  bool turned;

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

// Step 1 for panel q and entries begin .. end of K.
void pack_panel(const Factor& f, Index q, Index begin, Index end, Packed& packed) {
  const Index first = q * kPanel, width = std::min<Index>(kPanel, f.m() - first);
  const double* center = f.center.size() ? f.center.data() : nullptr;
  double* out = packed.right.data() + q * kBlock * kPanel;
  if (width < kPanel) std::fill_n(out, (end - begin) * kPanel, 0.0);
  if (f.turned) {
    for (Index j = 0; j < width; ++j) {
      const double* x = f.X.row(first + j).data();
      for (Index p = begin; p < end; ++p) out[(p - begin) * kPanel + j] = center ? x[p] - center[p] : x[p];
    }
  } else {
    for (Index p = begin; p < end; ++p)
      copy_centred(f.X.row(p).data() + first, center ? center + first : nullptr, width, out + (p - begin) * kPanel);
  }
  if (f.w.size() == 0) return;
  double* weighted = packed.left.data() + q * kBlock * kPanel;
  for (Index p = begin; p < end; ++p)
    for (Index j = 0; j < kPanel; ++j) weighted[(p - begin) * kPanel + j] = f.w[p] * out[(p - begin) * kPanel + j];
}

// Step 2 for the tiles of C in columns of panel q, on and below the diagonal.
void add_panel(const Factor& f, Index q, Index K, const Packed& packed, Matrix& C) {
  const double* left = f.w.size() ? packed.left.data() : packed.right.data();
  const double* b = packed.right.data() + q * kBlock * kPanel;
  for (Index i = q * kPanel; i < f.m(); i += kTileRows) {
    const Index panel = i / kPanel, within = i % kPanel;
    const int third = panel > q ? 3 : static_cast<int>(within / kTileRows) + 1;
    add_tile(third, K, left + panel * kBlock * kPanel + within, b, C.row(i).data() + q * kPanel, C.cols());
  }
}

// The padded lower half of the product over begin .. end of K is added to C.
void add_product(const Factor& f, Index begin, Index end, int threads, Matrix& C) {
  const Index panels = panels_of(f.m());
  Packed packed;
  packed.right.resize(panels * kBlock * kPanel);
  if (f.w.size()) packed.left.resize(panels * kBlock * kPanel);
  for (Index b = begin; b < end; b += kBlock) {
    const Index last = std::min(b + kBlock, end);
    parallel_for(threads, panels, 4, [&](Index from, Index to) {
      for (Index q = from; q < to; ++q) pack_panel(f, q, b, last, packed);
    });
    parallel_for(threads, panels, 1, [&](Index from, Index to) {
      for (Index q = from; q < to; ++q) add_panel(f, q, last - b, packed, C);
    });
  }
}

Matrix symmetric_product(const Factor& f, int threads) {
  const Index m = f.m(), padded = panels_of(m) * kPanel;
  Matrix C = Matrix::Zero(padded, padded);
  if (m >= kOwnColumns || f.K() <= kReduceRows) {
    add_product(f, 0, f.K(), threads, C);
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

}  // namespace

Matrix gram(const Matrix& X, const Vector& w, int threads) { return gram(X, Vector(), w, threads); }

Matrix gram(const Matrix& X, const Vector& center, const Vector& w, int threads) {
  return symmetric_product({X, center, w, false}, threads);
}

Matrix row_gram(const Matrix& X, const Vector& center, int threads) {
  return symmetric_product({X, center, Vector(), true}, threads);
}

}  // namespace assay
