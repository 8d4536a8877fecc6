// features/match/match.cpp
// Notation   a row of A (query), b of B, d their length;  D = |a - b|^2;  h = |b|^2 - 2 a'b = D - |a|^2;  u = 2^-24
// Method     1 h for tiles of queries and panels of rows, one product in single precision   2 a row whose h is below the
//            second smallest so far plus twice the error bound is a candidate   3 candidates are measured directly, in double
//            precision, and that decides   4 ratio test   5 mutual check
// Bound      The product of d terms, in any order, is off by at most d u / (1 - d u) sum |a_f b_f| <= d u' (|a|^2 + |b|^2) / 2,
//            and twice that stands in h; rounding |b|^2 and adding adds less than 4 u of the same. So |h - exact| <= E with
//            E = 1.05 (d + 16) u (|a|^2 + max |b|^2), as in ml/neighbors/brute.cpp. Let v be the second smallest h: the two
//            rows it came from have exact values up to v + E, so the two nearest have, and their h is at most v + 2 E.
//            Whole numbers with |a|^2, |b|^2 <= 2^23 (those of SIFT, 0 .. 255): 2 a'b <= 2^24 is exact, and so are its parts; h is
//            rounded once, which keeps the order: E = 0.
// Departures: none from [Lowe2004]'s test; his search is approximate (best bin first), this one exact.

#include "assay/features/match/match.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "assay/core/error.h"
#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/core/product_tile_kernels.h"

namespace assay {

namespace {

constexpr double kUnit = 0x1p-24;
constexpr Index kQueries = 32;  // at a time: their products with kPanels panels stay in the nearest cache
constexpr int kPanels = 4;
constexpr Index kColumns = 128;  // of a panel at a time
constexpr double kWholeSquare = 0x1p23;

template <class T>
using Numbers = Eigen::Matrix<T, Eigen::Dynamic, 1>;  // aligned, not cleared

// Columns that stand side by side in panels and tiles, as the products take them.
template <class T>
constexpr Index kGroup = std::is_same_v<T, float> ? 1 : 2;

// Where column f of the row j of `width` stands.
template <class T>
Index place(Index f, Index j, Index width) {
  return f / kGroup<T> * kGroup<T> * width + j * kGroup<T> + f % kGroup<T>;
}

void add_products_of(Index columns, const float* p, const float* z, bool first, float* C, Index stride) {
  add_products(columns, p, z, first, C, stride);
}
void add_products_of(Index columns, const int16_t* p, const int16_t* z, bool first, float* C, Index stride) {
  add_whole_products(columns / 2, p, z, first, C, stride);
}

// The sum of the squares of difference(f), in eight lanes.
template <class Difference>
double sum_of_squares(int d, Difference&& difference) {
  double lanes[8] = {};
  int f = 0;
  for (; f + 8 <= d; f += 8)
    for (int i = 0; i < 8; ++i) lanes[i] += difference(f + i) * difference(f + i);
  for (; f < d; ++f) lanes[0] += difference(f) * difference(f);
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

double squared_distance(const float* a, const float* b, int d) {
  return sum_of_squares(d, [&](int f) { return static_cast<double>(a[f]) - static_cast<double>(b[f]); });
}

double squared_length(const float* a, int d) {
  return sum_of_squares(d, [&](int f) { return static_cast<double>(a[f]); });
}

// Rows come in any order; of equal distances the lower index is nearer.
void offer(TwoNearest& two, int row, double squared) {
  const auto nearer = [&](double other, int index) { return squared < other || (squared == other && row < index); };
  if (two.first < 0 || nearer(two.first_squared, two.first)) {
    two.second = two.first, two.second_squared = two.first_squared;
    two.first = row, two.first_squared = squared;
  } else if (two.second < 0 || nearer(two.second_squared, two.second)) {
    two.second = row, two.second_squared = squared;
  }
}

// Rows of B side by side, kPanel at a time, and |b|^2 of each; of rows that are missing in the last panel it is infinite.
template <class T>
struct Panels {
  explicit Panels(const Descriptors& B)
      : d((B.cols + kGroup<T> - 1) / kGroup<T> * kGroup<T>),
        count((B.rows + kPanel - 1) / kPanel),
        z(count * d * kPanel),
        squares(count * kPanel) {
    squares.setConstant(std::numeric_limits<float>::infinity());
    if (B.rows % kPanel != 0) z.tail(d * kPanel).setZero();
    for (int j = 0; j < B.rows; ++j) {
      const float* row = B[j];
      T* to = z.data() + j / kPanel * d * kPanel;
      for (Index f = 0; f < d; ++f) to[place<T>(f, j % kPanel, kPanel)] = f < B.cols ? static_cast<T>(row[f]) : T(0);
      const double square = squared_length(row, B.cols);
      squares[j] = static_cast<float>(square);
      largest = std::max(largest, square);
    }
  }
  Index d, count;
  Numbers<T> z;
  Numbers<float> squares;
  double largest = 0;
};

struct Candidate {
  float h;
  int row;
};

// One query's two smallest h so far, and whoever may still be among the two nearest.
struct Shortlist {
  float smallest = std::numeric_limits<float>::infinity(), second = smallest, limit = smallest, slack = 0;
  std::vector<Candidate> candidates;

  /// 2 the rows first .. first + rows - 1 of B, h = product + |b|^2; rows that are missing in the panel have h = infinity.
  void add(const float* products, const float* squares, int first, int rows) {
    two_smallest(products, squares, smallest, second);
    limit = second + slack;
    int within[kPanel], count = 0;
    for (int j = 0; j < rows; ++j) {
      within[count] = j;
      count += !(products[j] + squares[j] > limit);
    }
    for (int k = 0; k < count; ++k) {
      const int j = within[k];
      candidates.push_back({products[j] + squares[j], first + j});
    }
  }
};

// 1 what the rows of a block of queries are multiplied with: -2 a, kTile of them side by side
template <class T>
Numbers<T> tiles_of(const Descriptors& A, Index d, Index begin, Index end) {
  const Index tiles = (end - begin + kTile - 1) / kTile;
  Numbers<T> p(tiles * d * kTile);
  if ((end - begin) % kTile != 0) p.tail(d * kTile).setZero();
  for (Index i = 0; i < end - begin; ++i) {
    const float* a = A[static_cast<int>(begin + i)];
    T* to = p.data() + i / kTile * d * kTile;
    for (Index f = 0; f < d; ++f) to[place<T>(f, i % kTile, kTile)] = f < A.cols ? static_cast<T>(-2 * a[f]) : T(0);
  }
  return p;
}

template <class T>
void nearest_of_block(const Descriptors& A, const Descriptors& B, const Panels<T>& panels, Index begin, Index end,
                      TwoNearest* out) {
  const Index d = panels.d, n = end - begin;
  const Numbers<T> p = tiles_of<T>(A, d, begin, end);
  std::vector<Shortlist> lists(static_cast<size_t>(n));
  for (Index i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, float>) {
      const double square = squared_length(A[static_cast<int>(begin + i)], A.cols);
      const double E = 1.05 * static_cast<double>(d + 16) * kUnit * (square + panels.largest);
      lists[static_cast<size_t>(i)].slack = static_cast<float>(2.001 * E);
    }
    lists[static_cast<size_t>(i)].candidates.reserve(32);
  }
  constexpr Index kStride = kPanels * kPanel;
  alignas(64) float products[kQueries * kStride];
  for (Index q = 0; q < panels.count; q += kPanels) {
    const Index some = std::min<Index>(kPanels, panels.count - q);
    const float* squares = panels.squares.data() + q * kPanel;
    for (Index k = 0; k < some; ++k)
      for (Index f = 0; f < d; f += kColumns)
        for (Index i = 0; i < n; i += kTile)
          add_products_of(std::min(kColumns, d - f), p.data() + i * d + f * kTile,
                          panels.z.data() + ((q + k) * d + f) * kPanel, f == 0, products + i * kStride + k * kPanel,
                          kStride);
    for (Index i = 0; i < n; ++i) {
      Shortlist& list = lists[static_cast<size_t>(i)];
      const float* row = products + i * kStride;
      if (all_above(row, squares, list.limit, some * kPanel)) continue;
      for (Index j = 0; j < some * kPanel; j += kPanel) {
        const auto first = static_cast<int>(q * kPanel + j);
        if (!all_above(row + j, squares + j, list.limit, kPanel))
          list.add(row + j, squares + j, first, std::min(kPanel, B.rows - first));
      }
    }
  }
  for (Index i = 0; i < n; ++i) {  // 3 the direct distance decides
    const Shortlist& list = lists[static_cast<size_t>(i)];
    for (const Candidate& c : list.candidates)
      if (!(c.h > list.limit))
        offer(out[begin + i], c.row, squared_distance(A[static_cast<int>(begin + i)], B[c.row], A.cols));
  }
}

template <class T>
void nearest_in_panels(const Descriptors& A, const Descriptors& B, std::vector<TwoNearest>& out, const Context& ctx) {
  const Panels<T> panels(B);
  parallel_for(ctx.threads, A.rows, kQueries, [&](Index begin, Index end) {
    ctx.check_cancelled();
    nearest_of_block(A, B, panels, begin, end, out.data());
  });
}

// Whole numbers, and short enough.
bool is_whole(const Descriptors& A) {
  for (int i = 0; i < A.rows; ++i) {
    const float* a = A[i];
    int other = 0;
    for (int f = 0; f < A.cols; ++f)
      other |= static_cast<float>(static_cast<int>(std::clamp(a[f], -0x1p13F, 0x1p13F))) != a[f];
    if (other || squared_length(a, A.cols) > kWholeSquare) return false;
  }
  return true;
}

void check_descriptors(const Descriptors& A, const Descriptors& B) {
  if (A.cols != B.cols && A.rows > 0 && B.rows > 0)
    throw DataError("match: descriptors of " + std::to_string(A.cols) + " and of " + std::to_string(B.cols) +
                        " numbers cannot be compared",
                    "describe both pictures in the same way");
  for (const Descriptors* set : {&A, &B})
    for (int i = 0; i < set->rows; ++i) {
      const float* row = (*set)[i];
      int bad = 0;
      for (int f = 0; f < set->cols; ++f) bad |= !(std::abs(row[f]) <= std::numeric_limits<float>::max());
      if (bad)
        throw DataError("match: descriptor " + std::to_string(i + 1) + " of the " + (set == &A ? "first" : "second") +
                        " picture holds a number that is not finite");
    }
}

}  // namespace

std::vector<TwoNearest> two_nearest_direct(const Descriptors& A, const Descriptors& B) {
  check_descriptors(A, B);
  std::vector<TwoNearest> out(static_cast<size_t>(A.rows));
  for (int i = 0; i < A.rows; ++i)
    for (int j = 0; j < B.rows; ++j) offer(out[static_cast<size_t>(i)], j, squared_distance(A[i], B[j], A.cols));
  return out;
}

std::vector<TwoNearest> two_nearest(const Descriptors& A, const Descriptors& B, const Context& ctx) {
  check_descriptors(A, B);
  std::vector<TwoNearest> out(static_cast<size_t>(A.rows));
  if (A.rows == 0 || B.rows == 0) return out;
  if (is_whole(A) && is_whole(B))
    nearest_in_panels<int16_t>(A, B, out, ctx);
  else
    nearest_in_panels<float>(A, B, out, ctx);
  return out;
}

std::vector<Match> match(const Descriptors& A, const Descriptors& B, const MatchParams& params, const Context& ctx) {
  check_params(params);
  const std::vector<TwoNearest> nearest = two_nearest(A, B, ctx);
  std::vector<Match> matches;
  for (int i = 0; i < A.rows; ++i) {
    const TwoNearest& two = nearest[static_cast<size_t>(i)];
    if (two.first < 0) continue;
    const double first = std::sqrt(two.first_squared);
    const double second = two.second < 0 ? std::numeric_limits<double>::infinity() : std::sqrt(two.second_squared);
    if (params.ratio && (two.second < 0 || !(first < *params.ratio * second))) continue;
    matches.push_back({i, two.first, first, second});
  }
  if (!params.mutual) return matches;

  // 5 the nearest in A of each b that was chosen
  std::vector<int> chosen;
  for (const Match& m : matches) chosen.push_back(m.b);
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  Descriptors some(static_cast<int>(chosen.size()), B.cols);
  for (int k = 0; k < some.rows; ++k) std::copy_n(B[chosen[static_cast<size_t>(k)]], B.cols, some[k]);
  const std::vector<TwoNearest> back = two_nearest(some, A, ctx);
  std::erase_if(matches, [&](const Match& m) {
    const auto k = std::lower_bound(chosen.begin(), chosen.end(), m.b) - chosen.begin();
    return back[static_cast<size_t>(k)].first != m.a;
  });
  return matches;
}

}  // namespace assay
