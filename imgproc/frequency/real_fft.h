// imgproc/frequency/real_fft.h: the Fourier transform of a real picture: half of it, since F(-k) is the conjugate of F(k).
//
//   F(u, v) = sum f(x, y) exp(-2 pi i (u x / w + v y / h)),   u = 0 .. w / 2,  v = 0 .. h - 1
//
// Cost       half of a complex transform; rows in pairs and four pairs at once, columns four at once
#pragma once
#include <opencv2/core/mat.hpp>

#include "assay/imgproc/frequency/fft.h"

namespace assay {

/// Four columns side by side: value (u, v) is lane u % 4 of at(u / 4, v). Lanes beyond w / 2 are 0.
class HalfSpectrum {
 public:
  /// What it holds is for the transform to say. An odd number of values a block: blocks do not meet in the same lines of a cache.
  HalfSpectrum(int w, int h) : w_(w), h_(h), values_(blocks(), 8 * (h | 1)) {}
  int width() const { return w_; }
  int height() const { return h_; }
  int columns() const { return w_ / 2 + 1; }
  int blocks() const { return (columns() + 3) / 4; }
  ComplexOf<Four>* block(int b) { return values_.ptr<ComplexOf<Four>>(b); }
  const ComplexOf<Four>* block(int b) const { return values_.ptr<ComplexOf<Four>>(b); }

 private:
  int w_, h_;
  cv::Mat_<double> values_;  // a row a block
};

/// One channel (u8, u16, f32), continued to the spectrum's size by its mirror image (twice as wide and high) or not at all.
void forward_2d(const cv::Mat& image, int channel, HalfSpectrum& spectrum, int threads);
/// The same but for the columns, each of which is still to be transformed.
void forward_rows(const cv::Mat& image, int channel, HalfSpectrum& spectrum, int threads);

/// The real picture, in place of the spectrum's values; rows 0 .. out.rows - 1 and columns 0 .. out.cols - 1 are kept.
void inverse_2d(HalfSpectrum& spectrum, cv::Mat_<double>& out, int threads);

}  // namespace assay
