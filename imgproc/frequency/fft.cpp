// imgproc/frequency/fft.cpp
// Notation   n = r m s: factor, what is left, what is done;  chirp c_k = exp(-pi i k^2 / n)
// Method     n of small factors: a pass for each (fft_kernels.h), from one array to another and back
//            other n: k x = (k^2 + x^2 - (k - x)^2) / 2, so F = c (c f convolved with 1 / c): two transforms of length
//            m >= 2 n - 1, a power of two
// Departures from the papers: [Cooley1965] reverses digits at an end; in Stockham's order each pass sorts a little instead. k^2 is
//            taken modulo 2 n before the angle is formed, so that large n keeps its accuracy

#include "assay/imgproc/frequency/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "assay/imgproc/frequency/fft_kernels.h"

namespace assay {

namespace {

constexpr int kPage = 64;  // values of four transforms side by side in 4 kB

std::complex<double> turn(int64_t k, int64_t n) {  // exp(-2 pi i k / n)
  const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

// Empty where a prime above kMostRadix divides n: then a convolution costs less than a pass.
std::vector<int> small_factors(int n) {
  std::vector<int> factors;
  for (int r : {8, 9, 13, 11, 7, 5, 4, 3, 2})
    for (; n % r == 0; n /= r) factors.push_back(r);
  for (int r = 17; r <= kMostRadix; r += 2)
    for (; n % r == 0; n /= r) factors.push_back(r);
  if (n > 1) factors.clear();
  return factors;
}

Fft::Pass pass_of(int radix, int rest, int done) {
  Fft::Pass pass{radix, rest, done, {}, {}, {}};
  for (int64_t p = 0; p < rest; ++p)
    for (int64_t k = 1; k < radix; ++k) pass.turns.push_back(turn(p * k, int64_t{radix} * rest));
  for (int j = 0; j < radix; ++j) {
    pass.cosines.push_back(turn(j, radix).real());
    pass.sines.push_back(-turn(j, radix).imag());
  }
  return pass;
}

}  // namespace

Fft::Fft(int n) : n_(n) {
  const std::vector<int> factors = small_factors(n);
  int done = 1;
  for (int r : factors) {
    passes_.push_back(pass_of(r, n / done / r, done));
    done *= r;
  }
  if (n == 1 || !factors.empty()) return;
  int m = 1;
  while (m < 2 * n - 1) m *= 2;
  longer_ = std::make_unique<Fft>(m);
  for (int64_t k = 0; k < n; ++k) chirp_.push_back(turn(k * k % (2 * int64_t{n}), 2 * int64_t{n}));
  kernel_.assign(static_cast<size_t>(m), 0);
  for (int k = 0; k < n; ++k) {
    const Complex c = std::conj(chirp_[static_cast<size_t>(k)]) / static_cast<double>(m);
    kernel_[static_cast<size_t>(k)] = c;
    if (k > 0) kernel_[static_cast<size_t>(m - k)] = c;
  }
  longer_->forward(kernel_.data());
}

size_t Fft::work_size() const {
  if (longer_) return static_cast<size_t>(longer_->n_) + longer_->work_size();
  return static_cast<size_t>(n_ + kPage) * (passes_.size() % 2 == 1 ? 2 : 1);
}

// A pass reads and writes at the same distances: where both arrays began alike within a page, a read would wait for a write that it
// takes for one to its own place. kPage is a page at least.
template <class V>
ComplexOf<V>* apart(const ComplexOf<V>* values, ComplexOf<V>* work) {
  constexpr auto kBytes = static_cast<uintptr_t>(kPage) * sizeof(ComplexOf<Four>);
  const auto ahead = (reinterpret_cast<uintptr_t>(values) - reinterpret_cast<uintptr_t>(work)) % kBytes;
  return work + (ahead / sizeof(ComplexOf<V>) + kPage / 3) % kPage;
}

// To work and `to` by turns, so that the last pass ends where it should; an odd number of passes in place begins with a second
// piece of work.
template <class V>
void Fft::transform(const ComplexOf<V>* from, ComplexOf<V>* to, ComplexOf<V>* work) const {
  if (longer_) {
    if (from != to) std::copy_n(from, n_, to);
    return bluestein(to, work);
  }
  work = apart(to, work);
  size_t left = passes_.size();
  for (const Pass& pass : passes_) {
    ComplexOf<V>* const next = left % 2 == 0 ? work : from == to ? work + n_ + kPage / 3 : to;
    fft_pass(pass, from, next);
    from = next;
    --left;
  }
  if (from != to) std::copy_n(from, n_, to);
}

template <class V>
void Fft::bluestein(ComplexOf<V>* values, ComplexOf<V>* work) const {
  const int m = longer_->n_;
  ComplexOf<V>* inner = work + m;
  times_each(values, chirp_.data(), n_);
  std::copy_n(values, n_, work);
  std::fill(work + n_, work + m, ComplexOf<V>{});
  longer_->transform(work, work, inner);
  times_each(work, kernel_.data(), m);
  for (int k = 0; k < m; ++k)
    std::swap(work[k].re, work[k].im);  // its transform, swapped again, is m times the inverse
  longer_->transform(work, work, inner);
  for (int k = 0; k < n_; ++k) values[k] = {work[k].im, work[k].re};
  times_each(values, chirp_.data(), n_);
}

void Fft::forward(Complex* values) const {
  std::vector<ComplexOf<double>> work(work_size());
  auto* parts = reinterpret_cast<ComplexOf<double>*>(values);
  transform(parts, parts, work.data());
}

void Fft::inverse(Complex* values) const {  // the conjugate of the transform of the conjugate
  for (int k = 0; k < n_; ++k) values[k] = std::conj(values[k]);
  forward(values);
  for (int k = 0; k < n_; ++k) values[k] = std::conj(values[k]) / static_cast<double>(n_);
}

void Fft::forward(const ComplexOf<Four>* from, ComplexOf<Four>* to, ComplexOf<Four>* work) const {
  transform(from, to, work);
}

}  // namespace assay
