// features/hough/segments.h: straight pieces of an edge map, by the progressive probabilistic Hough transform.
//
// Edge pixels vote one by one in random order. As soon as a cell has more votes than chance explains, the segment along
// that line is walked, and its pixels leave the map and take their votes back: most pixels of a picture never vote.
//
// Takes      u8, 1 channel: an edge map, pixels that are not 0
// Gives      table x1_px, y1_px, x2_px, y2_px: the longest first. Ends lie on the fitted line, beside the outermost pixels
// Guarantees one line drawn is one segment; the same for the same seed, and for any number of threads
// Cost       O(voting pixels x angles + pixels near segments)
// Errors     DataError: a side of more than 32767 pixels
// Trace      pictures edges segments; steps "segment"
// See        [Matas2000] sec. 3
#pragma once
#include "assay/features/feature.h"
#include "assay/features/hough/lines.h"

namespace assay {

struct SegmentsParams {
  std::variant<VotesWord, double> votes = VotesWord::automatic;
  double angle_step = 1;
  double min_length = 30;
  double max_gap = 5;
  bool refine = true;
  static void fields(auto& p, auto&& field) {
    field("votes", p.votes, WordOrNumber<VotesWord, 1>{votes_names, at_least(2)},
          "a cell with this many votes is looked at; auto: more than chance would give anywhere in the picture",
          {"threshold"});
    field("angle-step", p.angle_step, Rule{0.01, 45}, "degrees from angle to angle (180 degrees in equal steps)",
          {"theta"});
    field("min-length", p.min_length, non_negative, "pixels; shorter segments are dropped", {"min-line-length"});
    field("max-gap", p.max_gap, non_negative, "pixels without an edge that a segment may bridge", {"max-line-gap"});
    field("refine", p.refine, "fit each segment to its pixels and walk it again; false: the angle of the cell");
  }
};

struct Segments {
  using Params = SegmentsParams;
  static constexpr FeatureInfo info{"segments",
                                    "straight segments, by the progressive probabilistic Hough transform",
                                    "Matas2000",
                                    {"hough-segments", "probabilistic-hough"},
                                    {kU8, kGrey}};
  static FeatureTable detect(const Params&, const cv::Mat& edges, const Context&);
};

inline FeatureTable segments(const cv::Mat& edges, const SegmentsParams& params = {}, const Context& ctx = {}) {
  return detect<Segments>(params, edges, ctx);
}

/// The same with votes pixel by pixel, as the paper says it. For reading and for the tests.
FeatureTable segments_textbook(const cv::Mat& edges, const SegmentsParams& params = {}, const Context& ctx = {});

/// Segments over the dimmed picture, the longest red.
cv::Mat draw_segments(const cv::Mat& image, const FeatureTable& table);

}  // namespace assay
