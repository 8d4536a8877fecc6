// features/hough/lines.h: straight lines in an edge map, by the standard Hough transform.
//
//   votes(rho, theta) = number of edge pixels with x cos theta + y sin theta = rho, rho rounded       [DudaHart1972]
//
// Lines are the peaks of `votes`, the highest first, each refined by least squares. A pixel counts for one line only: a
// peak whose pixels lie on a stronger line is none.
//
// Takes      u8, 1 channel: an edge map, pixels that are not 0
// Gives      table rho_px, theta_rad, votes: most votes first. theta in [0, pi): direction of the line's normal, from x
//            towards y (down); rho: signed distance from the centre of the first pixel; votes: edge pixels within half a
//            pixel of the line, those of stronger lines left out
// Guarantees one line drawn is one line found; the same for any number of threads
// Cost       as vote_for_lines (accumulator.h); O(diagonal x angles) memory
// Errors     DataError where the space of votes would be too large (accumulator.h)
// Trace      pictures edges accumulator peaks lines; steps "line"
// See        [DudaHart1972]; [Desolneux2000] for votes=auto
#pragma once
#include "assay/features/feature.h"
#include "assay/features/hough/accumulator.h"
#include "assay/features/hough/line_fit.h"

namespace assay {

enum class VotesWord { automatic };
inline constexpr EnumNames<VotesWord, 1> votes_names{{{"auto", VotesWord::automatic}}};

struct LinesParams {
  std::variant<VotesWord, double> votes = VotesWord::automatic;
  double angle_step = 1;
  std::optional<int> max_lines;
  bool refine = true;
  static void fields(auto& p, auto&& field) {
    field("votes", p.votes, WordOrNumber<VotesWord, 1>{votes_names, at_least(2)},
          "a line has this many edge pixels; auto: more than chance would give anywhere in the picture", {"threshold"});
    field("angle-step", p.angle_step, Rule{0.01, 45}, "degrees from angle to angle (180 degrees in equal steps)",
          {"theta"});
    field("max-lines", p.max_lines, at_least(1), "keep this many of the strongest; none: all", {"num-peaks"});
    field("refine", p.refine, "fit each line to its pixels; false: the centre of its bin");
  }
};

struct Lines {
  using Params = LinesParams;
  static constexpr FeatureInfo info{
      "lines", "straight lines, by the standard Hough transform", "DudaHart1972", {"hough-lines"}, {kU8, kGrey}};
  static FeatureTable detect(const Params&, const cv::Mat& edges, const Context&);
};

inline FeatureTable lines(const cv::Mat& edges, const LinesParams& params = {}, const Context& ctx = {}) {
  return detect<Lines>(params, edges, ctx);
}

/// The votes that `lines` looks at.
LineSpace line_space(const cv::Mat& edges, const LinesParams& params, const Context& ctx = {});

/// Votes as f32, theta to the right, rho downwards: the bins that pixels can reach.
cv::Mat space_picture(const LineSpace& space);

/// Lines over the dimmed picture, the strongest red.
cv::Mat draw_lines(const cv::Mat& image, const FeatureTable& table);

}  // namespace assay
