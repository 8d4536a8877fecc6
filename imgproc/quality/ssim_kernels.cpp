// imgproc/quality/ssim_kernels.cpp
// Notation   A tile is eight strips of eight columns side by side: a vector holds one column of each (of half of them, where a
//            register is half as wide), so that the neighbours of a column are other vectors, and nothing need be moved within
//            one. kWide of them hold a strip and its margins.
// Method     each row: its four moments, summed along the row, into a ring; each pair of rows: sums down the ring, the formula.
//            The centre's weight is taken out of all sums, and put back by the formula
#include "assay/imgproc/quality/ssim_kernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "assay/core/simd.h"

namespace assay {

namespace {

constexpr int kStrips = 8, kColumns = kSsimTile / kStrips, kWide = kColumns + 2 * kSsimRadius;
constexpr int kLanes = kSimdBytes / sizeof(double);   // strips a vector
constexpr int kMoments = 4, kRing = kSsimWindow + 1;  // two rows of windows at a time
constexpr int kRowValues = kLanes * kColumns + 16;    // of as many strips with their margins, to whole words
using Strips = Simd<double>;
using Words = Simd<uint64_t>;

// v[i] = p[i], p[i + 8], p[i + 16] .. Bytes: eight at a time are a word, and one of them, set under the exponent of 2^52, a number.
void spread(const uint8_t* p, Strips (&v)[kWide]) {
  constexpr uint64_t kExponent = 0x4330000000000000;
#pragma GCC unroll 3
  for (int m = 0; m < kWide; m += 8) {
    Words q;
    std::memcpy(&q, p + m, sizeof q);
#pragma GCC unroll 8
    for (int r = 0; r < std::min(8, kWide - m); ++r)
      v[m + r] = reinterpret_cast<Strips>(((q >> (8 * r)) & 255) | kExponent) - 0x1p52;
  }
}
template <class T>
void spread(const T* p, Strips (&v)[kWide]) {
  for (int i = 0; i < kWide; ++i)
    for (int j = 0; j < kLanes; ++j) v[i][j] = static_cast<double>(p[i + kColumns * j]);
}

struct Row {
  Strips moment[kMoments][kColumns];  // a, b, a^2 + b^2, a b, summed along the row
};

void sum_along(const Strips (&v)[kWide], const double* w, Strips* out) {
#pragma GCC unroll 8
  for (int i = 0; i < kColumns; ++i) {
    Strips sum = v[i + kSsimRadius];
#pragma GCC unroll 5
    for (int k = 1; k <= kSsimRadius; ++k) sum += w[k] * (v[i + kSsimRadius - k] + v[i + kSsimRadius + k]);
    out[i] = sum;
  }
}

template <class T>
class Tile {
 public:
  Tile(const Plane<T>& a, const Plane<T>& b, int x0, int n, const SsimTerms& terms)
      : a_(a), b_(b), x0_(x0), n_(n), c1_(terms.c1), c2_(terms.c2) {
    for (int k = 0; k <= kSsimRadius; ++k) w_[k] = terms.w[k] / terms.w[0];
    centre_ = terms.w[0] * terms.w[0];
    c1_ /= centre_ * centre_, c2_ /= centre_;
  }

  // structure[j], ssim[j]: the sums of strip j.
  void sums(int y0, int y1, double* structure, double* ssim) {
    for (int y = y0; y < y0 + kSsimWindow - 1; ++y) filter_row(y);
    for (int y = y0; y < y1; y += 2) {
      filter_row(y + kSsimWindow - 1);
      if (y + 1 < y1) filter_row(y + kSsimWindow);
      sum_pair(y, y + 1 < y1);
    }
    std::memcpy(structure, &structure_, sizeof structure_);
    std::memcpy(ssim, &ssim_, sizeof ssim_);
  }

 private:
  const T* values(const Plane<T>& plane, int y, T (&space)[kRowValues]) const {
    const T* row = plane.first + y * plane.row_step;
    if (plane.stride == 1 && x0_ + kRowValues <= plane.cols) return row + x0_;
    for (int x = 0; x < kRowValues; ++x) space[x] = row[std::min(x0_ + x, plane.cols - 1) * plane.stride];
    return space;
  }

  void filter_row(int y) {
    T space[kRowValues];
    Strips a[kWide], b[kWide], v[kWide];
    spread(values(a_, y, space), a);
    spread(values(b_, y, space), b);
    Row& row = ring_[y % kRing];
    sum_along(a, w_, row.moment[0]);
    sum_along(b, w_, row.moment[1]);
    for (int i = 0; i < kWide; ++i) {
      const Strips product = a[i] * b[i], sum = a[i] + b[i];
      v[i] = sum * sum - 2 * product;  // the same bits whichever picture comes first
      a[i] = product;
    }
    sum_along(v, w_, row.moment[2]);
    sum_along(a, w_, row.moment[3]);
  }

  void sum_pair(int y, bool both) {
    const Row* row[kRing];
    for (int r = 0; r < kRing; ++r) row[r] = ring_ + (y + r) % kRing;
    for (int i = 0; i < kColumns; ++i) {
      Strips upper[kMoments], lower[kMoments];
      for (int m = 0; m < kMoments; ++m) {
        Strips v[kRing];
#pragma GCC unroll 12
        for (int r = 0; r < kRing; ++r) v[r] = row[r]->moment[m][i];
        upper[m] = v[kSsimRadius], lower[m] = v[kSsimRadius + 1];
#pragma GCC unroll 5
        for (int k = 1; k <= kSsimRadius; ++k) {
          upper[m] += w_[k] * (v[kSsimRadius - k] + v[kSsimRadius + k]);
          lower[m] += w_[k] * (v[kSsimRadius + 1 - k] + v[kSsimRadius + 1 + k]);
        }
      }
      add(upper, i);
      if (both) add(lower, i);
    }
  }

  // Column i of each strip. With c = centre_ all means are c times the sums: sab = c (E[ab] - c ma mb), and c is in c1_ and c2_.
  void add(const Strips (&m)[kMoments], int i) {
    const Strips both = m[0] * m[1], sum = m[0] + m[1], lights = sum * sum - 2 * both;
    const Strips sab = m[3] - centre_ * both, saabb = m[2] - centre_ * lights;
    const Strips above = 2 * sab + c2_, below = saabb + c2_, light = lights + c1_;
    const Strips inverse = 1 / (below * light);
    Strips structure = above * (light * inverse), ssim = above * ((2 * both + c1_) * inverse);
    if (n_ < kLanes * kColumns)
      for (int j = 0; j < kLanes; ++j)
        if (j * kColumns + i >= n_) structure[j] = ssim[j] = 0;
    structure_ += structure, ssim_ += ssim;
  }

  const Plane<T>&a_, &b_;
  int x0_, n_;
  double w_[kSsimRadius + 1], centre_, c1_, c2_;
  Strips structure_{}, ssim_{};
  Row ring_[kRing];
};

}  // namespace

template <class T>
SsimSums ssim_tile(const Plane<T>& a, const Plane<T>& b, int x0, int n, int y0, int y1, const SsimTerms& terms) {
  double structure[kStrips] = {}, ssim[kStrips] = {};
  for (int j = 0; j < kStrips && j * kColumns < n; j += kLanes)
    Tile<T>(a, b, x0 + j * kColumns, n - j * kColumns, terms).sums(y0, y1, structure + j, ssim + j);
  SsimSums total;
  for (int j = 0; j < kStrips; ++j) total.structure += structure[j], total.ssim += ssim[j];
  return total;
}

template SsimSums ssim_tile(const Plane<uint8_t>&, const Plane<uint8_t>&, int, int, int, int, const SsimTerms&);
template SsimSums ssim_tile(const Plane<uint16_t>&, const Plane<uint16_t>&, int, int, int, int, const SsimTerms&);
template SsimSums ssim_tile(const Plane<float>&, const Plane<float>&, int, int, int, int, const SsimTerms&);
template SsimSums ssim_tile(const Plane<double>&, const Plane<double>&, int, int, int, int, const SsimTerms&);

}  // namespace assay
