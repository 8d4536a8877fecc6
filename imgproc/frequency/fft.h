// imgproc/frequency/fft.h: the discrete Fourier transform of any length.
//
//   F(k) = sum_x f(x) exp(-2 pi i k x / n);   inverse: f(x) = 1/n sum_k F(k) exp(+2 pi i k x / n)                       (1)
//
// Cost       O(n log n) for every n: products of primes up to 97 factor by factor [Cooley1965], others through a convolution
//            whose length is a power of two [Bluestein1970]
// Accuracy   relative to the largest |F|: about 1e-15 log n
//
// Four transforms side by side (one in each lane of a vector) cost little more than one.
#pragma once
#include <complex>
#include <cstddef>
#include <memory>
#include <vector>

#include "assay/core/simd.h"

namespace assay {

/// Four doubles side by side, and complex numbers of such.
using Four = Simd<double, 4>;
template <class V>
struct ComplexOf {
  V re, im;
};

class Fft {
 public:
  using Complex = std::complex<double>;
  explicit Fft(int n);  ///< n >= 1
  int size() const { return n_; }
  void forward(Complex* values) const;  ///< n values, in place
  void inverse(Complex* values) const;  ///< divides by n

  /// Four transforms, one a lane; in place where `to` is `from`. `work` holds work_size() values.
  void forward(const ComplexOf<Four>* from, ComplexOf<Four>* to, ComplexOf<Four>* work) const;
  size_t work_size() const;

  /// One factor of n: see fft_kernels.h.
  struct Pass {
    int radix, rest, done;               // n = radix rest done
    std::vector<Complex> turns;          // exp(-2 pi i p k / (radix rest)) at p (radix - 1) + k - 1
    std::vector<double> cosines, sines;  // of 2 pi j / radix
  };

 private:
  template <class V>
  void transform(const ComplexOf<V>* from, ComplexOf<V>* to, ComplexOf<V>* work) const;
  template <class V>
  void bluestein(ComplexOf<V>* values, ComplexOf<V>* work) const;

  int n_;
  std::vector<Pass> passes_;
  std::unique_ptr<Fft> longer_;
  std::vector<Complex> chirp_, kernel_;  // exp(-pi i k^2 / n); transform of its conjugate, over the length
};

}  // namespace assay
