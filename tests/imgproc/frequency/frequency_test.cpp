// The Fourier transform, filters in the frequency domain, noise.
#include "assay/imgproc/frequency/frequency.h"

#include <cstring>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "assay/imgproc/frequency/fft.h"
#include "assay/imgproc/frequency/real_fft.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;
using Complex = Fft::Complex;

namespace {

std::vector<Complex> random_values(int n, uint64_t seed) {
  Rng rng(seed, 2);
  std::vector<Complex> v;
  for (int k = 0; k < n; ++k) v.emplace_back(rng.normal(), rng.normal());
  return v;
}

double largest(const std::vector<Complex>& a, const std::vector<Complex>& b) {
  double d = 0;
  for (size_t k = 0; k < a.size(); ++k) d = std::max(d, std::abs(a[k] - b[k]));
  return d;
}

template <class Op>
cv::Mat run(const cv::Mat& image, const typename Op::Params& p = {}, const Context& ctx = {}) {
  return apply_op<Op>(p, image, ctx);
}

}  // namespace

TEST_CASE("fft: equal to the definition for every length to 40 and some larger ones") {
  std::vector<int> lengths{59, 61, 97, 101, 122, 134, 202, 31 * 28, 37 * 41};
  for (int n = 1; n <= 40; ++n) lengths.push_back(n);
  for (int n : lengths) {
    const std::vector<Complex> f = random_values(n, 1);
    std::vector<Complex> F = f, defined(static_cast<size_t>(n));
    for (int k = 0; k < n; ++k)
      for (int x = 0; x < n; ++x)
        defined[static_cast<size_t>(k)] += f[static_cast<size_t>(x)] * std::polar(1.0, -2 * CV_PI * (k * x % n) / n);
    Fft(n).forward(F.data());
    CAPTURE(n);
    CHECK(largest(F, defined) < (n > 100 ? 1e-11 : 1e-12));
  }
}

TEST_CASE("fft: the inverse gives the values back, energy is kept (Parseval), an impulse is flat") {
  for (int n : {97, 128, 360, 1000, 1021, 4096}) {
    CAPTURE(n);
    const std::vector<Complex> f = random_values(n, 3);
    std::vector<Complex> F = f;
    const Fft transform(n);
    transform.forward(F.data());
    double before = 0, after = 0;
    for (int k = 0; k < n; ++k)
      before += std::norm(f[static_cast<size_t>(k)]), after += std::norm(F[static_cast<size_t>(k)]) / n;
    CHECK(after == Approx(before).epsilon(1e-13));
    transform.inverse(F.data());
    CHECK(largest(F, f) < 1e-13);
    std::vector<Complex> impulse(static_cast<size_t>(n), 0), flat(static_cast<size_t>(n), 1);
    impulse[0] = 1;
    transform.forward(impulse.data());
    CHECK(largest(impulse, flat) < 1e-13);
  }
}

TEST_CASE("fft: a product of transforms is a convolution around the circle") {
  const int n = 30;
  const std::vector<Complex> a = random_values(n, 5), b = random_values(n, 6);
  std::vector<Complex> A = a, B = b, direct(static_cast<size_t>(n));
  const Fft transform(n);
  transform.forward(A.data());
  transform.forward(B.data());
  for (size_t k = 0; k < A.size(); ++k) A[k] *= B[k];
  transform.inverse(A.data());
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      direct[static_cast<size_t>((i + j) % n)] += a[static_cast<size_t>(i)] * b[static_cast<size_t>(j)];
  CHECK(largest(A, direct) < 1e-12);
}

TEST_CASE(
    "lowpass: with all frequencies the identity; with highpass it adds up to the picture; a constant picture stays") {
  for (int type : {CV_8UC3, CV_16UC1, CV_32FC1})
    for (const cv::Size& size : {cv::Size(37, 29), cv::Size(64, 32), cv::Size(1, 9)})
      for (const auto border : {FrequencyBorder::wrap, FrequencyBorder::reflect}) {
        const cv::Mat image = test::random_image(size.height, size.width, type);
        PassParams p;
        p.border = border;
        p.shape = PassShape::ideal;
        p.cutoff = 1;
        CHECK(test::largest_difference(run<LowPass>(image, p), image) <= (type == CV_32FC1 ? 1e-7 : 0));
        for (const auto& [word, shape] : pass_shape_names.items) {
          p.shape = shape;
          p.cutoff = 0.13;
          cv::Mat real, low;
          image.convertTo(real, CV_32F);
          const cv::Mat sum = run<LowPass>(real, p) + run<HighPass>(real, p);
          CHECK(test::largest_difference(sum, real) <= 4e-7 * full_scale(image));
        }
        const cv::Mat flat(size, type, cv::Scalar::all(type == CV_32FC1 ? 0.5 : 99));
        CHECK(test::largest_difference(run<LowPass>(flat), flat) <= 1e-6);
        CHECK(cv::norm(run<BandPass>(flat), cv::NORM_INF) <= 1e-9 * full_scale(image));
      }
}

TEST_CASE("lowpass, highpass, bandpass: a wave passes or not by its frequency; mirrored edges do not ring across") {
  cv::Mat wave(32, 64, CV_32F);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 64; ++x)
      wave.at<float>(y, x) = static_cast<float>(std::cos(2 * CV_PI * 8 * x / 64));  // 0.125 a pixel
  PassParams p;
  p.border = FrequencyBorder::wrap;
  p.shape = PassShape::ideal;
  p.cutoff = 0.13;
  CHECK(test::largest_difference(run<LowPass>(wave, p), wave) < 1e-6);
  CHECK(cv::norm(run<HighPass>(wave, p), cv::NORM_INF) < 1e-6);
  p.cutoff = 0.12;
  CHECK(cv::norm(run<LowPass>(wave, p), cv::NORM_INF) < 1e-6);
  p.shape = PassShape::butterworth;
  p.cutoff = 0.125;
  CHECK(test::largest_difference(run<LowPass>(wave, p), wave * 0.5) < 1e-6);  // half at the cutoff
  BandPassParams b;
  b.border = FrequencyBorder::wrap;
  b.shape = PassShape::ideal;
  b.low = 0.1, b.high = 0.15;
  CHECK(test::largest_difference(run<BandPass>(wave, b), wave) < 1e-6);
  b.low = 0.2;
  CHECK_THROWS_AS(run<BandPass>(wave, b), ParameterError);
  cv::Mat half(16, 64, CV_32F, cv::Scalar(0));
  half.colRange(32, 64).setTo(1);
  PassParams g;
  g.cutoff = 0.05;
  CHECK(run<LowPass>(half, g).at<float>(8, 0) < 1e-3);
  g.border = FrequencyBorder::wrap;
  CHECK(run<LowPass>(half, g).at<float>(8, 0) > 0.3);
}

TEST_CASE("spectrum: a wave is two points beside the middle") {
  cv::Mat wave(32, 64, CV_32F);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 64; ++x)
      wave.at<float>(y, x) = static_cast<float>(std::cos(2 * CV_PI * (8 * x / 64.0 + 4 * y / 32.0)));
  const cv::Mat s = run<Spectrum>(wave);
  CHECK(cv::countNonZero(s > 1) == 2);
  CHECK(s.at<float>(16 + 4, 32 + 8) == Approx(std::log1p(1024)).epsilon(1e-6));
  CHECK(s.at<float>(16 - 4, 32 - 8) == Approx(std::log1p(1024)).epsilon(1e-6));
}

TEST_CASE("noise: amount 0 is the identity, the seed decides, deviations are as wide as said") {
  const cv::Mat grey(200, 300, CV_32FC4, cv::Scalar::all(0.5));
  for (const auto& [word, kind] : noise_kind_names.items) {
    CAPTURE(word);
    NoiseParams p;
    p.kind = kind;
    p.amount = 0;
    CHECK(test::same_pixels(run<Noise>(grey, p), grey));
    p.amount = 0.1;
    const cv::Mat a = run<Noise>(grey, p, Context(1, 1)), b = run<Noise>(grey, p, Context(2, 1));
    CHECK(test::same_pixels(run<Noise>(grey, p, Context(1, 2)), a));
    CHECK_FALSE(test::same_pixels(a, b));
    std::vector<cv::Mat> planes;
    cv::split(a, planes);
    CHECK(cv::countNonZero(planes[3] != 0.5f) == 0);
    cv::Scalar mean, deviation;
    cv::meanStdDev(planes[0], mean, deviation);
    CHECK(mean[0] == Approx(0.5).margin(0.003));
    const double expected = kind == NoiseKind::gaussian  ? 0.1
                            : kind == NoiseKind::uniform ? 0.1 / std::sqrt(3)
                                                         : 0.5 * std::sqrt(0.1);
    CHECK(deviation[0] == Approx(expected).epsilon(0.03));
  }
}

TEST_CASE("fft: four side by side are each what one alone is") {
  for (int n : {1, 2, 6, 16, 27, 77, 97, 169, 360, 1080}) {
    CAPTURE(n);
    const Fft fft(n);
    std::vector<ComplexOf<Four>> values(static_cast<size_t>(n)), work(fft.work_size());
    std::vector<Complex> alone[4];
    for (int lane = 0; lane < 4; ++lane) {
      alone[lane] = random_values(n, static_cast<uint64_t>(lane));
      for (size_t k = 0; k < values.size(); ++k)
        values[k].re[lane] = alone[lane][k].real(), values[k].im[lane] = alone[lane][k].imag();
      fft.forward(alone[lane].data());
    }
    std::vector<ComplexOf<Four>> other(values.size());
    fft.forward(values.data(), other.data(), work.data());
    fft.forward(values.data(), values.data(), work.data());
    CHECK(std::memcmp(values.data(), other.data(), values.size() * sizeof(values[0])) == 0);
    for (int lane = 0; lane < 4; ++lane)
      for (size_t k = 0; k < values.size(); ++k)
        REQUIRE(std::abs(Complex(values[k].re[lane], values[k].im[lane]) - alone[lane][k]) < 1e-12);
  }
}

TEST_CASE("fft: half of a real picture's transform is the definition's, and the way back gives the picture") {
  for (const cv::Size& size : {cv::Size(1, 1), cv::Size(5, 3), cv::Size(12, 19), cv::Size(16, 9), cv::Size(37, 8)}) {
    const int w = size.width, h = size.height;
    const cv::Mat image = test::random_image(h, w, CV_8UC1);
    HalfSpectrum spectrum(w, h);
    forward_2d(image, 0, spectrum, 1);
    double off = 0;
    for (int v = 0; v < h; ++v)
      for (int u = 0; u <= w / 2; ++u) {
        Complex F = 0;
        for (int y = 0; y < h; ++y)
          for (int x = 0; x < w; ++x)
            F += std::polar(static_cast<double>(image.at<uint8_t>(y, x)),
                            -2 * CV_PI * (static_cast<double>(u * x % w) / w + static_cast<double>(v * y % h) / h));
        const ComplexOf<Four>& value = spectrum.block(u / 4)[v];
        off = std::max(off, std::abs(Complex(value.re[u % 4], value.im[u % 4]) - F));
      }
    CHECK(off < 1e-8);
    cv::Mat_<double> back(size);
    inverse_2d(spectrum, back, 1);
    CHECK(test::largest_difference(back, image) < 1e-10);
  }
}
