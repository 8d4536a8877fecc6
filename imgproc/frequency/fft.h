// imgproc/frequency/fft.h: the discrete Fourier transform of any length.
//
//   F(k) = sum_x f(x) exp(-2 pi i k x / n);   inverse: f(x) = 1/n sum_k F(k) exp(+2 pi i k x / n)                       (1)
//
// Cost       O(n log n) for every n: powers of two by halving [Cooley1965], others through a convolution whose length is a
//            power of two [Bluestein1970]
// Accuracy   relative to the largest |F|: about 1e-15 log n
#pragma once
#include <complex>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace assay {

class Fft {
 public:
  using Complex = std::complex<double>;
  explicit Fft(int n);  ///< n >= 1
  int size() const { return n_; }
  void forward(Complex* values) const;  ///< n values, in place
  void inverse(Complex* values) const;  ///< divides by n

 private:
  void powers_of_two(Complex* values) const;
  void bluestein(Complex* values) const;

  int n_;
  std::vector<Complex> turns_;  // exp(-2 pi i k / n), k < n / 2
  std::vector<int> reversed_;   // bits of the index in reverse
  std::unique_ptr<Fft> longer_;
  std::vector<Complex> chirp_, kernel_;  // exp(-pi i k^2 / n); transform of its conjugate
};

/// Both dimensions of a complex picture (CV_64FC2), in place.
void fft_2d(cv::Mat& values, bool inverse, int threads = 1);

}  // namespace assay
