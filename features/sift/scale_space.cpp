// features/sift/scale_space.cpp: step 1, the octaves of L = G_sigma * I.
// Notation   delta = step_px;  sigma_s = sigma 2^(s / scales), in samples of the octave
// Method     1 double the picture   2 blur it from the camera's 0.5 px to sigma_0   3 blur scale s-1 by
//            sqrt(sigma_s^2 - sigma_(s-1)^2) to scale s (blur.cpp)   4 every second sample of scale `scales` begins the
//            next octave
// Departures from the papers: [Lowe2004] and OpenCV double w pixels to 2w samples; under preset lowe it is 2w - 1, the
//            first and last pixel on the first and last sample, so that the grid turns with the picture. [ReyOtero2014]
//            reflect, we reflect without repeating the edge, which every octave then shares. All scales of an octave are
//            made at once, strip by strip: scale s-1 is ahead of scale s by the reach of its weights.
//            Under preset lowe values are multiples of 2^-21 before doubling, which is then exact in any order.

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <opencv2/core.hpp>

#include "assay/features/sift/sift_internal.h"
#include "assay/features/sift/sift_kernels.h"

namespace assay::sift_stages {

namespace {

constexpr double kCameraBlur = 0.5;  // [Lowe2004, sec. 3.3]: of every picture, in its pixels

// --- 1 double the picture --------------------------------------------------------------------------------------------

cv::Size doubled(cv::Size size, Doubling doubling) {
  const int less = doubling == Doubling::symmetric ? 1 : 0;
  return {2 * size.width - less, 2 * size.height - less};
}

// Twice as many samples along one line. The last one of an even count has no right neighbour.
void double_line(const float* in, int n, Doubling doubling, float* out, int count) {
  if (doubling == Doubling::half_pixel) {
    half_pixel_line(in, out, n);
    return;
  }
  double_samples(in, out, n - 1);
  for (int i = 2 * (n - 1); i < count; ++i) out[i] = in[n - 1];
}

void double_row(const cv::Mat_<float>& in, Doubling doubling, int y, const Rows& out) {
  std::vector<float> line(static_cast<size_t>(in.cols));
  const int k = y / 2;
  int other = k;
  float share = 0;  // of the other row
  if (doubling == Doubling::half_pixel) {
    other = std::clamp(y % 2 == 0 ? k - 1 : k + 1, 0, in.rows - 1);
    share = 0.25f;
  } else if (y % 2 == 1) {
    other = std::min(k + 1, in.rows - 1);
    share = 0.5f;
  }
  mix(in[k], in[other], share, line.data(), in.cols);
  double_line(line.data(), in.cols, doubling, out[y], out.cols);
}

int octaves_of(cv::Size first, const SiftParams& p) {
  const double side = std::min(first.width, first.height), begin = p.double_size ? 1 : 0;
  double count = 0;
  if (p.preset == SiftPreset::opencv) count = std::lrint(std::log2(side) - 2) + begin;
  if (p.preset == SiftPreset::vlfeat)
    count = std::max(1.0, std::floor(std::log2(side / (p.double_size ? 2 : 1))) + begin - 3);
  if (p.preset == SiftPreset::lowe) count = std::floor(std::log2(side / 12)) + 1;  // [ReyOtero2014, sec. 2.2]
  if (p.octaves) count = std::min<double>(*p.octaves, std::max(1.0, std::floor(std::log2(side)) + 1));
  return std::max(0, static_cast<int>(count));
}

}  // namespace

Setting setting_of(SiftPreset preset) {
  switch (preset) {
    case SiftPreset::opencv:
      return {Doubling::half_pixel, false, Border::reflect101, 5, 0.5, false, 0.5, true, 0.5, false, false, 0, kBins};
    case SiftPreset::vlfeat:
      return {Doubling::repeat_last, false, Border::replicate, 1, 0.8, true, 0.6, false, 1.5, true, true, 0, 4};
    default:
      return {Doubling::symmetric, true, Border::reflect101, 1, 0.8, true, 0.6, true, 1.5, true, true,
              std::exp(-4.5),      kBins};
  }
}

Rows::Rows(cv::Size size, float* memory, int height)
    : rows(size.height), cols(size.width), at_(static_cast<size_t>(rows)) {
  for (int y = 0; y < rows; ++y) at_[static_cast<size_t>(y)] = memory + (y % height) * stride_of(cols);
}

Rows::Rows(cv::Size size) {
  cv::Mat_<float> memory(size.height, static_cast<int>(stride_of(size.width)));
  *this = Rows(size, memory.ptr<float>(), size.height);
  memory_ = memory;
}

LargeBlock::LargeBlock(size_t floats) : size_(floats) {
  constexpr size_t kPage = size_t{1} << 21;
  const size_t bytes = (floats * sizeof(float) + kPage - 1) / kPage * kPage;
  data_.reset(static_cast<float*>(std::aligned_alloc(kPage, bytes)));
  if (!data_) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  ::madvise(data_.get(), bytes, MADV_HUGEPAGE);
#endif
}

ScaleSpace::ScaleSpace(const cv::Mat& image, const SiftParams& p, const Setting& setting, const Context& ctx,
                       bool whole)
    : p_(p), setting_(setting), ctx_(ctx), whole_(whole), window_(window_reach(p)) {
  const cv::Size size = p.double_size ? doubled(image.size(), setting.doubling) : image.size();
  octaves_ = octaves_of(size, p);
  octave_.index = p.double_size ? -1 : 0;
  octave_.step_px = p.double_size ? 0.5 : 1;
  const double have = kCameraBlur / octave_.step_px;  // the doubled picture has twice the camera's blur
  weights_.push_back(blur_weights(std::sqrt(std::max(p.sigma * p.sigma - have * have, 0.01)), 0));
  for (int s = 1; s < p.scales + 3; ++s) {
    const double before = p.sigma * std::exp2((s - 1.0) / p.scales), now = p.sigma * std::exp2(double(s) / p.scales);
    weights_.push_back(blur_weights(std::sqrt(now * now - before * before), before));
  }
  lead_.assign(weights_.size() + 1, 0);
  for (size_t s = weights_.size() - 1; s > 0; --s) lead_[s - 1] = lead_[s] + weights_[s].reach();
  lead_.back() = lead_[0] + weights_[0].reach();
  // D and gradients do not see a constant: without the mean, in steps of 1/256, single precision rounds finer.
  const double mean = std::round(256 * cv::mean(image)[0] / full_scale(image)) / 256;
  image.convertTo(reals_, CV_32F, 1 / full_scale(image), -mean);
  if (!setting.turns) return;
  constexpr float kGrid = 1 << 21;  // multiples of 2^-21: doubling adds and halves them without rounding, in any order
  for (float& v : reals_) v = std::nearbyint(v * kGrid) / kGrid;
}

int ScaleSpace::strips_waiting() const {
  const int short_of = std::max(0, window_ - lead_[static_cast<size_t>(p_.scales)]);
  return (short_of + strip_ - 1) / strip_;
}

// Rows of a scale that are in memory: those ahead of the last scale, the strip under work, and those above that are still
// looked at, by the blur to the next scale, by moving points, by windows.
int ScaleSpace::height_of(size_t s) const {
  const size_t scales = static_cast<size_t>(p_.scales), picture = lead_.size() - 1;
  if (s == picture) return strip_ + 2 * weights_[0].reach();
  int above = 2 * kFar + 2;
  if (s + 1 < picture) above = std::max(above, weights_[s + 1].reach());
  if (s >= 1 && s <= scales) above = std::max(above, 2 * kFar + 2 + strips_waiting() * strip_ + window_);
  return lead_[s] + strip_ + above;
}

void ScaleSpace::begin(cv::Size size) {
  // One thread's strip stays in the second-level cache; several wait for one another at each scale, so they take more rows.
  const int strip_bytes = (ctx_.threads == 1 ? 1 : 4) << 20;
  strip_ = std::clamp(strip_bytes / static_cast<int>(sizeof(float)) / size.width, 16, 1024);
  std::vector<int> heights;
  for (size_t s = 0; s < lead_.size(); ++s)
    heights.push_back(whole_ ? size.height : std::min(size.height, height_of(s)));
  const ptrdiff_t stride = Rows::stride_of(size.width);
  size_t floats = 0;
  for (int height : heights) floats += static_cast<size_t>(height * stride);
  if (floats > memory_.size()) memory_ = LargeBlock(floats);
  float* at = memory_.data();
  octave_.G.clear();
  for (int height : heights) {
    octave_.G.emplace_back(size, at, height);
    at += height * stride;
  }
  first_ = octave_.G.back();
  octave_.G.pop_back();
  done_.assign(lead_.size(), 0);
  front_ = -lead_.back();
}

const Octave& ScaleSpace::next() {
  if (octave_.G.empty()) {
    begin(p_.double_size ? doubled(reals_.size(), setting_.doubling) : reals_.size());
  } else {
    begin(base_.size());
    octave_.G[0] = base_;
    done_[0] = done_.back() = base_.rows;
    octave_.index += 1;
    octave_.step_px *= 2;
  }
  // Preset lowe keeps the last sample of an odd side; the others' sides are halved and rounded down.
  const int more = p_.preset == SiftPreset::lowe ? 1 : 0;
  base_ = Rows({std::max(1, (octave_.cols() + more) / 2), std::max(1, (octave_.rows() + more) / 2)});
  return octave_;
}

void ScaleSpace::complete(int y1) {
  for (const int goal = y1 + 1 + kFar; front_ < goal;) {
    front_ = std::min(front_ + strip_, goal);
    go_on();
  }
}

// All scales up to the row that `front_` asks of them.
void ScaleSpace::go_on() {
  const auto goal = [&](size_t s) { return std::min(octave_.rows(), front_ + lead_[s]); };
  for (int& y = done_.back(); y < goal(lead_.size() - 1); ++y)
    if (p_.double_size)
      double_row(reals_, setting_.doubling, y, first_);
    else
      std::copy_n(reals_[y], reals_.cols, first_[y]);
  for (size_t s = 0; s < octave_.G.size(); ++s) {
    const int from = done_[s], to = goal(s);
    if (from >= to) continue;
    blur(s == 0 ? first_ : octave_.G[s - 1], weights_[s], setting_.border, setting_.turns, from, to, octave_.G[s],
         ctx_);
    done_[s] = to;
    if (static_cast<int>(s) != p_.scales) continue;
    for (int y = (from + 1) / 2; y < base_.rows && 2 * y < to; ++y)
      every_second(octave_.G[s][2 * y], base_[y], base_.cols);
  }
}

}  // namespace assay::sift_stages
