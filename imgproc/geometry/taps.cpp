// imgproc/geometry/taps.cpp
// Notation   p / q = c - floor(c) with q = 2 to: the fraction of (1);  s = from / to
// Method     1 place each output over the input, in whole numbers   2 weigh the pixels around it   3 divide by their
//            sum   4 give what lies beyond the edge to the edge   5 shorten to a common number of taps
// Departures from the papers: [Keys1981] extends the picture by a cubic at the edge, we repeat the last pixel.

#include "assay/imgproc/geometry/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace assay {

namespace {

double cubic(double t, double a) {
  t = std::abs(t);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return a * (((t - 5) * t + 8) * t - 4);
  return 0;
}

double sinc(double t) {
  if (t == std::floor(t)) return t == 0 ? 1 : 0;  // sin(pi t) in f64 is not quite 0 there
  const double x = std::numbers::pi * t;
  return std::sin(x) / x;
}

// Weights of consecutive input positions, before the edge is thought of.
struct Weights {
  long long first = 0;
  std::vector<double> weight;
};

long long floor_div(long long a, long long b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// Step 1 and 2 for a kernel around c; `wide` stretches it. Positions are i - c = (i - whole) - p / q.
void around(long long x, int from, int to, Interpolation method, double wide, Weights& w) {
  const long long q = 2LL * to, numerator = (2 * x + 1) * from - to;
  const long long whole = floor_div(numerator, q), p = numerator - whole * q;
  const double reach = support(method) * wide, fraction = static_cast<double>(p) / static_cast<double>(q);
  const auto lo =
      static_cast<long long>(std::floor(fraction - reach)) + 1;  // rises with x: rows are asked for in order
  const auto hi = static_cast<long long>(std::ceil(fraction + reach)) - 1;
  w.first = whole + lo;
  w.weight.clear();
  for (long long i = lo; i <= hi; ++i)
    w.weight.push_back(kernel(method, static_cast<double>(i * q - p) / (static_cast<double>(q) * wide)));
}

// Step 2 for the share of each input pixel under output x, times `to`: whole numbers that sum to `from`.
void covered(long long x, int from, int to, Weights& w) {
  const long long begin = x * from, end = (x + 1) * from;  // the output's square, in units of 1 / to
  w.first = begin / to;
  w.weight.clear();
  for (long long i = w.first; i * to < end; ++i)
    w.weight.push_back(static_cast<double>(std::min(end, (i + 1) * to) - std::max(begin, i * to)));
}

// The tent has whole weights over q = 2 to.
void tent(long long x, int from, int to, Weights& w) {
  const long long q = 2LL * to, numerator = (2 * x + 1) * from - to;
  const long long whole = floor_div(numerator, q), p = numerator - whole * q;
  w.first = whole;
  w.weight.assign({static_cast<double>(q - p), static_cast<double>(p)});
}

// What all fractions of (1) have in common with q; the fractions of neighbours differ by 2 from.
long long common_divisor(int from, int to) {
  return std::gcd(std::gcd(2LL * to, std::abs(static_cast<long long>(from) - to)), 2LL * from);
}

// Keys' cubic has whole weights over 2 q^3; p and q shortened.
void keys(long long x, int from, int to, Weights& w) {
  const long long common = common_divisor(from, to), q = 2LL * to, numerator = (2 * x + 1) * from - to;
  const long long whole = floor_div(numerator, q), p = (numerator - whole * q) / common, k = q / common, s = k - p;
  w.first = whole - 1;
  w.weight.clear();
  for (const long long v :
       {-p * s * s, 2 * k * k * k + p * p * (3 * p - 5 * k), 2 * k * k * k + s * s * (3 * s - 5 * k), -s * p * p})
    w.weight.push_back(static_cast<double>(v));
}

// The weights of all outputs, one after the other.
struct AllWeights {
  std::vector<long long> first;
  std::vector<size_t> end;  // where an output's weights end
  std::vector<double> weight;
};

// Step 4, appended to `all`.
void append_folded(const Weights& w, int from, AllWeights& all) {
  const auto inside = [&](long long i) { return std::clamp<long long>(i, 0, from - 1); };
  const auto n = static_cast<long long>(w.weight.size());
  const long long first = inside(w.first);
  const size_t begin = all.weight.size();
  all.weight.resize(begin + static_cast<size_t>(inside(w.first + n - 1) - first + 1), 0);
  for (long long t = 0; t < n; ++t)
    all.weight[begin + static_cast<size_t>(inside(w.first + t) - first)] += w.weight[static_cast<size_t>(t)];
  while (all.weight.size() > begin + 1 && all.weight.back() == 0) all.weight.pop_back();
  all.first.push_back(first);
  all.end.push_back(all.weight.size());
}

// Step 5: all outputs get `count` taps, moved left where they would leave the input; what is added weighs 0.
void join(const AllWeights& all, int from, Taps& taps, std::vector<double>& weights) {
  size_t count = 1, begin = 0;
  for (const size_t end : all.end) count = std::max(count, end - begin), begin = end;
  taps.count = static_cast<int>(count);
  taps.first.reserve(all.end.size());
  weights.assign(all.end.size() * count, 0);
  begin = 0;
  for (size_t x = 0; x < all.end.size(); ++x) {
    const long long first = std::min(all.first[x], static_cast<long long>(from) - static_cast<long long>(count));
    taps.first.push_back(static_cast<int>(first));
    std::copy(all.weight.begin() + static_cast<ptrdiff_t>(begin),
              all.weight.begin() + static_cast<ptrdiff_t>(all.end[x]),
              weights.begin() + static_cast<ptrdiff_t>(x * count + static_cast<size_t>(all.first[x] - first)));
    begin = all.end[x];
  }
}

// Whole weights over a common denominator, both divided by what they share.
void keep_whole(Taps& taps, double denominator) {
  long long common = static_cast<long long>(denominator);
  for (size_t i = 0; i < taps.whole.size() && common > 1; ++i)
    common = std::gcd(common, static_cast<long long>(taps.whole[i]));
  for (double& w : taps.whole) w /= static_cast<double>(common);
  taps.denominator = denominator / static_cast<double>(common);
  taps.weight = taps.whole;
  for (double& w : taps.weight) w /= taps.denominator;
}

}  // namespace

double support(Interpolation method) {
  switch (method) {
    case Interpolation::bilinear:
      return 1;
    case Interpolation::bicubic:
      return 2;
    case Interpolation::lanczos:
      return 3;
    default:
      return 0.5;
  }
}

double kernel(Interpolation method, double t, double a) {
  switch (method) {
    case Interpolation::bilinear:
      return std::max(0.0, 1 - std::abs(t));
    case Interpolation::bicubic:
      return cubic(t, a);
    case Interpolation::lanczos:
      return std::abs(t) < 3 ? sinc(t) * sinc(t / 3) : 0;
    default:
      return t >= -0.5 && t < 0.5 ? 1 : 0;
  }
}

double Taps::largest_sum() const {
  double largest = 0;
  for (size_t x = 0; x < first.size(); ++x) {
    double sum = 0;
    for (size_t t = 0; t < static_cast<size_t>(count); ++t) sum += std::abs(weight[x * static_cast<size_t>(count) + t]);
    largest = std::max(largest, sum);
  }
  return largest;
}

Taps resize_taps(int from, int to, Interpolation method, bool antialias) {
  Taps taps;
  taps.from = from, taps.to = to;
  const bool shrinks = to < from;
  AllWeights all;
  all.first.reserve(static_cast<size_t>(to)), all.end.reserve(static_cast<size_t>(to));
  all.weight.reserve(4 * static_cast<size_t>(to));
  Weights w;
  if (method == Interpolation::nearest) {
    for (long long x = 0; x < to; ++x) {
      w.first = (2 * x + 1) * from / (2LL * to);
      w.weight.assign({1});
      append_folded(w, from, all);
    }
    join(all, from, taps, taps.whole);
    keep_whole(taps, 1);
  } else if (method == Interpolation::area || (method == Interpolation::bilinear && !(antialias && shrinks))) {
    const bool area = method == Interpolation::area;
    for (long long x = 0; x < to; ++x) {
      (area ? covered : tent)(x, from, to, w);
      append_folded(w, from, all);
    }
    join(all, from, taps, taps.whole);
    keep_whole(taps, area ? from : 2.0 * to);
  } else if (method == Interpolation::bicubic && !(antialias && shrinks) && 2LL * to / common_divisor(from, to) <= 15) {
    for (long long x = 0; x < to; ++x) {
      keys(x, from, to, w);
      append_folded(w, from, all);
    }
    join(all, from, taps, taps.whole);
    const auto q = static_cast<double>(2LL * to / common_divisor(from, to));
    keep_whole(taps, 2 * q * q * q);
  } else {
    const double wide = antialias && shrinks ? static_cast<double>(from) / to : 1;
    for (long long x = 0; x < to; ++x) {
      around(x, from, to, method, wide, w);
      const double sum = std::accumulate(w.weight.begin(), w.weight.end(), 0.0);
      for (double& v : w.weight) v /= sum;
      append_folded(w, from, all);
    }
    join(all, from, taps, taps.weight);
  }
  return taps;
}

}  // namespace assay
