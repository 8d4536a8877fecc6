// features/sift/sift.h: the scale-invariant key points and descriptors of Lowe.
//
//   L(x, y, sigma) = G_sigma * I         D(x, y, sigma) = L(x, y, k sigma) - L(x, y, sigma),   k = 2^(1/scales)       (1)
//
// Key points are the local extrema of D over x, y and sigma: blobs, at the size at which they stand out. Each gets the
// main direction of the gradient around it, and a descriptor: 4 x 4 histograms of 8 directions, in the frame of that
// scale and direction.
//
// Takes      u8, u16, f32; 1 channel; any size
// Gives      table x, y, sigma_px, angle_rad, response, octave, d0 .. d127: strongest response first; one row a point and
//            main direction
// Units      x, y: pixels, centres at integers; sigma_px: of the Gaussian at which D is extreme; angle_rad in [0, 2 pi):
//            from x towards y (clockwise as seen); response: |D| at the refined extremum, full scale 1; octave: -1 is the
//            doubled picture; d: 512 times the unit descriptor, rounded, cut at 255, row of cells by row, each with the
//            directions 0, -45, -90 .. degrees from the point's own (OpenCV's and Lowe's order)
// Guarantees under preset lowe points turn with the picture: rotations by 90 degrees of pictures whose sides are
//            m 2^octaves + 1 move x, y by less than 1e-9 px and angle by less than 1e-4; results do not depend on threads
// Cost       about 9 blurs of the doubled picture (1.33 of it in all octaves; twice that under preset lowe), and 0.1 ms
//            for 20 points; memory a float for each pixel and for each sample of the second octave, and some hundred rows
//            of the first
// Errors     ParameterError, DataError (colour); a picture too small for an octave has no points
// Trace      pictures octave, difference, extrema and each reason of a rejection; step "funnel"; for a few points "point"
// See        [Lowe2004] sec. 3-6; [ReyOtero2014], whose pseudo-code this follows; [Arandjelovic2012] for root-sift
//
// Presets
//   lowe    ours: unbiased doubling of w pixels to 2w - 1, borders reflect101, contrast 0.03
//   opencv  cv::SIFT 4.6, contrast 0.04: its positions are 0.25 px too large in x and y (half-pixel doubling, OpenCV issue 23123), its
//           descriptors stand around the nearest sample
//   vlfeat  vl_sift with peak_thresh = 255 contrast / scales, contrast 0.04: replicated borders, at most 4 directions a point
#pragma once
#include <optional>

#include "assay/features/feature.h"

namespace assay {

enum class SiftPreset { lowe, opencv, vlfeat };
inline constexpr EnumNames<SiftPreset, 3> sift_preset_names{
    {{"lowe", SiftPreset::lowe}, {"opencv", SiftPreset::opencv}, {"vlfeat", SiftPreset::vlfeat}}};

struct SiftParams {
  std::optional<double> contrast;
  double edge = 10;
  int scales = 3;
  double sigma = 1.6;
  std::optional<int> octaves;
  bool double_size = true;
  std::optional<int> max_features;
  bool upright = false;
  bool descriptors = true;
  bool root_sift = false;
  SiftPreset preset = SiftPreset::lowe;
  static void fields(auto& p, auto&& field) {
    field("contrast", p.contrast, Rule{0, 1},
          "points respond above this share of full scale, divided by scales; none: 0.03, opencv and vlfeat 0.04",
          {"contrast-threshold"});
    field("edge", p.edge, at_least(1), "r: the larger of the two curvatures of D is at most r times the smaller",
          {"edge-threshold"});
    field("scales", p.scales, between(1, 16), "in each octave", {"octave-layers", "n-octave-layers"});
    field("sigma", p.sigma, Rule{1.01, 10}, "blur of the first scale of an octave, in its samples");
    field("octaves", p.octaves, between(1, 32), "none: as many as the picture holds");
    field("double-size", p.double_size, "begin with the doubled picture: four times the points, the smallest ones");
    field("max-features", p.max_features, at_least(1), "keep this many of the strongest; none: all", {"nfeatures"});
    field("upright", p.upright, "no main direction: angle 0, for pictures that are not turned");
    field("descriptors", p.descriptors, "d0 .. d127");
    field("root-sift", p.root_sift, "square roots of the descriptor's shares: matches better under Euclidean distance");
    field("preset", p.preset, sift_preset_names, "whose borders, rounding and limits");
  }
};

struct Sift {
  using Params = SiftParams;
  static constexpr FeatureInfo info{
      "sift", "blobs of any size with descriptors", "Lowe2004, sec. 3-6", {}, {kAnyDepth, kGrey, Law::none, Law::none}};
  static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
};

inline FeatureTable sift(const cv::Mat& image, const SiftParams& params = {}, const Context& ctx = {}) {
  return detect<Sift>(params, image, ctx);
}

}  // namespace assay
