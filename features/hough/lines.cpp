// features/hough/lines.cpp
// Notation   rho, theta: the line x cos theta + y sin theta = rho;  p: share of edge pixels in the picture
// Method     1 vote_for_lines   2 find_peaks: cells with enough votes and no more in the cells around   3 highest first:
//            votes less those claimed by others, refine, count again   4 claim the line's pixels
// Departures from the paper: [DudaHart1972] look at every cell above a threshold. Here a cell must be a maximum of its
//            surroundings, its pixels are taken away before the next is looked at, and the line is fitted to them; the
//            threshold may come from what chance would give (chance.h).

#include "assay/features/hough/lines.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/features/drawing.h"
#include "assay/features/hough/binning_kernels.h"
#include "assay/features/hough/chance.h"
#include "assay/features/hough/edge_bits_internal.h"

namespace assay {

namespace {

constexpr int kAround = 2;      // a peak has no more votes within so many bins and angles
constexpr double kClaimed = 2;  // pixels this near to a line are its own
constexpr double kHalfBin = 0.5;

int angle_count(const LinesParams& p) { return std::max(1, static_cast<int>(std::lround(180 / p.angle_step))); }
double angle_step_rad(const LinesParams& p) { return std::numbers::pi / angle_count(p); }

// --- how many votes are enough ---------------------------------------------------------------------------------------

// Length of the line within the picture: it rises from one corner's rho, stays, and falls to the opposite corner's.
class Chord {
 public:
  Chord(cv::Size size, double theta)
      : c_(std::abs(std::cos(theta))), s_(std::abs(std::sin(theta))), w_(size.width), h_(size.height) {
    lo_ = std::cos(theta) < 0 ? -(w_ - 1) * c_ : 0;  // theta in [0, pi): sin is never negative
    hi_ = lo_ + (w_ - 1) * c_ + (h_ - 1) * s_;
    flat_ = std::min(s_ > 0 ? w_ / s_ : w_ + h_, c_ > 0 ? h_ / c_ : w_ + h_);
    rise_ = 1 / std::max(c_ * s_, 1e-9);
  }
  /// Within the picture, in whole pixels; at least 1.
  int pixels(double rho) const {
    const double rising = (std::min(rho - lo_, hi_ - rho) + kHalfBin) * rise_;
    return std::max(1, static_cast<int>(std::ceil(std::min(flat_, rising))));
  }
  double lo() const { return lo_; }
  double hi() const { return hi_; }

 private:
  double c_, s_, w_, h_, lo_, hi_, flat_, rise_;
};

// Votes needed by a line of so many pixels: to be looked at, and to be accepted.
struct Needed {
  std::vector<int> candidate, line;
};

Needed votes_needed(const LinesParams& p, const cv::Mat& edges, const LineSpace& space, size_t pixels) {
  const auto longest = static_cast<size_t>(space.offset) + 2;
  if (p.votes.index() == 1) {
    const std::vector<int> given(longest + 1, static_cast<int>(std::min(1e9, std::ceil(std::get<double>(p.votes)))));
    return {given, given};
  }
  const double share = static_cast<double>(pixels) / static_cast<double>(edges.total());
  const double log_tests = std::log(static_cast<double>(space.votes.total()));
  // A line between two bins or angles shares its votes among cells: half of the evidence is enough to be looked at.
  return {meaningful_counts(static_cast<int>(longest), share, log_tests / 2),
          meaningful_counts(static_cast<int>(longest), share, log_tests)};
}

// --- 2 peaks ---------------------------------------------------------------------------------------------------------

struct Peak {
  int angle, bin, votes;
};

// The space of lines is a Moebius strip: beyond the last angle follows the first, rho negated.
const int* row_at(const LineSpace& space, int angle, bool& mirrored) {
  mirrored = angle < 0 || angle >= space.angles();
  return space.votes[(angle + space.angles()) % space.angles()];
}

// No more votes around; of equal ones the first.
bool is_peak(const LineSpace& space, int angle, int bin) {
  const int votes = space.votes(angle, bin), around = std::min(kAround, (space.angles() - 1) / 2);
  for (int da = -around; da <= around; ++da) {
    bool mirrored = false;
    const int* row = row_at(space, angle + da, mirrored);
    const int middle = mirrored ? space.bins() - 1 - bin : bin;
    const bool earlier = mirrored ? da > 0 : da < 0;
    for (int b = std::max(0, middle - kAround); b <= std::min(space.bins() - 1, middle + kAround); ++b) {
      if (da == 0 && b == bin) continue;
      if ((earlier || (da == 0 && b < bin)) ? row[b] >= votes : row[b] > votes) return false;
    }
  }
  return true;
}

std::vector<Peak> find_peaks(const LineSpace& space, cv::Size size, const std::vector<int>& needed) {
  std::vector<Peak> peaks;
  const int least = *std::min_element(needed.begin(), needed.end());
  for (int a = 0; a < space.angles(); ++a) {
    const Chord chord(size, space.theta[static_cast<size_t>(a)]);
    const int* row = space.votes[a];
    const int begin = std::max(1, space.offset + static_cast<int>(std::floor(chord.lo())));
    const int end = std::min(space.bins() - 1, space.offset + static_cast<int>(std::ceil(chord.hi())) + 1);
    constexpr int kSome = 32;  // most of them hold too few votes for any line
    for (int first = begin; first < end; first += kSome) {
      const int last = std::min(end, first + kSome);
      if (hough::most_votes(row + first, static_cast<size_t>(last - first)) < least) continue;
      for (int b = first; b < last; ++b)
        if (row[b] >= least && row[b] > row[b - 1] && row[b] >= row[b + 1] &&
            row[b] >= needed[static_cast<size_t>(chord.pixels(b - space.offset))] && is_peak(space, a, b))
          peaks.push_back({a, b, row[b]});
    }
  }
  std::stable_sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.votes > b.votes; });
  return peaks;
}

// --- 3, 4 lines ------------------------------------------------------------------------------------------------------

struct FoundLine {
  Peak peak;
  Line bin, line;
  int votes = 0;
};

std::vector<FoundLine> accept_lines(const cv::Mat& edges, const LineSpace& space, const std::vector<Peak>& peaks,
                                    const Needed& needed, const LinesParams& p, const Context& ctx) {
  // Half a step of angle moves the ends of a line of 500 pixels by this much.
  const double reach = std::clamp(1 + 125 * angle_step_rad(p), 2.0, 10.0);
  hough::EdgeBits left(edges);  // edge pixels that no line has claimed
  std::vector<FoundLine> found;
  for (const Peak& peak : peaks) {
    ctx.check_cancelled();
    FoundLine f{peak, {double(peak.bin - space.offset), space.theta[static_cast<size_t>(peak.angle)]}, {}, 0};
    const auto needed_by = [&](const std::vector<int>& counts, const Line& line) {
      return counts[static_cast<size_t>(Chord(edges.size(), line.theta).pixels(line.rho))];
    };
    // Most peaks are beside a stronger line, and have lost too many of their voters to it.
    const int least = needed_by(needed.candidate, f.bin);
    if (left.more_cleared_near(f.bin, kHalfBin, peak.votes - least) || left.count_near(f.bin, kHalfBin) < least)
      continue;
    f.line = p.refine ? refine_line(left.points_near(f.bin, 2 * reach), f.bin, reach, 1.5 * angle_step_rad(p)) : f.bin;
    f.votes = left.count_near(f.line, kHalfBin);
    if (f.votes < needed_by(needed.line, f.line)) continue;
    left.clear_near(f.line, kClaimed);
    found.push_back(f);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const FoundLine& a, const FoundLine& b) { return a.votes > b.votes; });
  if (p.max_lines && found.size() > static_cast<size_t>(*p.max_lines)) found.resize(static_cast<size_t>(*p.max_lines));
  return found;
}

// --- trace -----------------------------------------------------------------------------------------------------------

struct LineStep {
  static constexpr const char* kind = "line";
  static constexpr const char* title = "A peak of the votes, refined";
  static constexpr const char* source = "features/hough/lines.cpp:accept_lines";
  std::string why;
  long long rank;
  FoundLine f;
  static void fields(const LineStep& s, auto&& field) {
    field("rank", s.rank, "1 has the most votes");
    field("rho0", s.f.bin.rho, "the peak's bin, in pixels");
    field("theta0", s.f.bin.theta, "the peak's angle, in radians");
    field("votes0", s.f.peak.votes, "votes of that cell");
    field("rho", s.f.line.rho, "refined, in pixels");
    field("theta", s.f.line.theta, "refined, in radians");
    field("votes", s.f.votes, "edge pixels within half a pixel of the refined line, without those of stronger lines");
  }
};

// Votes with rho downwards and theta to the right, cut to the bins that any pixel can reach, angles drawn broader.
struct SpacePicture {
  cv::Mat_<float> votes;
  int first_bin = 0, broad = 1;
};

SpacePicture picture_of(const LineSpace& space) {
  SpacePicture picture;
  int last = -1;
  picture.first_bin = space.bins();
  for (int a = 0; a < space.angles(); ++a)
    for (int b = 0; b < space.bins(); ++b)
      if (space.votes(a, b) > 0) picture.first_bin = std::min(picture.first_bin, b), last = std::max(last, b);
  if (last < 0) picture.first_bin = last = space.offset;
  const int rows = last - picture.first_bin + 1;
  picture.broad = std::clamp(rows / space.angles(), 1, 8);
  picture.votes.create(rows, space.angles() * picture.broad);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < picture.votes.cols; ++x)
      picture.votes(y, x) = static_cast<float>(space.votes(x / picture.broad, picture.first_bin + y));
  return picture;
}

cv::Mat ringed(const SpacePicture& space, const std::vector<FoundLine>& found) {
  Drawing picture = dimmed(brightness_of_votes(space.votes));
  for (size_t i = found.size(); i-- > 0;)
    draw_circle(picture, (found[i].peak.angle + 0.5) * space.broad - 0.5, found[i].peak.bin - space.first_bin, 7,
                rank_colour(i, found.size()));
  return picture;
}

void show(const cv::Mat& edges, const LineSpace& space, const std::vector<FoundLine>& found, size_t peaks,
          const FeatureTable& table, const Context& ctx) {
  const auto picture = [&](const char* stage, const char* title, const char* caption, const cv::Mat& m, bool stretch,
                           const char* source, std::vector<TraceField> fields) {
    ctx.trace.image([&] {
      return TraceImage{
          stage, title, caption, view_of(m), stretch, std::move(fields), std::string("features/hough/") + source};
    });
  };
  const SpacePicture votes = picture_of(space);
  const auto count = [](size_t n) { return static_cast<long long>(n); };
  picture("edges", "The edge map", "Every white pixel votes for all lines through it.", edges, false,
          "lines.cpp:detect", {{"pixels", count(static_cast<size_t>(cv::countNonZero(edges))), "edge pixels"}});
  picture(
      "accumulator", "Votes: rho = x cos theta + y sin theta",
      "theta to the right from 0 to 180 degrees, rho downwards. Each edge pixel is a sinusoid; where many cross, "
      "many pixels lie on one line. Brightness is the square root of votes.",
      brightness_of_votes(votes.votes), false, "accumulator.cpp:vote_for_lines",
      {{"angles", count(static_cast<size_t>(space.angles())), "columns of the space"},
       {"bins", count(static_cast<size_t>(votes.votes.rows)), "rows that pixels can reach, one pixel of rho each"}});
  picture("peaks", "Peaks that became lines",
          "A ring around each cell that became a line, the strongest red. Bright cells without a ring are the wings of "
          "a ringed one: their pixels were claimed.",
          ringed(votes, found), false, "lines.cpp:find_peaks",
          {{"peaks", count(peaks), "local maxima with enough votes"}, {"lines", count(found.size()), "of them lines"}});
  picture("lines", "Lines fitted to their pixels", "Each line, the strongest red, the weakest green.",
          draw_lines(edges, table), false, "line_fit.cpp:refine_line", {});
  for (size_t i = 0; i < found.size(); ++i)
    ctx.trace.step([&] {
      const FoundLine& f = found[i];
      const char* why = f.votes > f.peak.votes ? "The peak's cell had part of its pixels: the line runs between bins."
                                               : "The pixels of stronger lines that cross it no longer count.";
      return LineStep{why, count(i + 1), f};
    });
}

}  // namespace

LineSpace line_space(const cv::Mat& edges, const LinesParams& p, const Context& ctx) {
  check_params(p);
  check_image(Lines::info.name, Lines::info.traits, edges);
  return vote_for_lines(edges, even_angles(angle_count(p)), ctx);
}

FeatureTable Lines::detect(const Params& p, const cv::Mat& edges, const Context& ctx) {
  const LineSpace space = vote_for_lines(edges, even_angles(angle_count(p)), ctx);
  const Needed needed = votes_needed(p, edges, space, static_cast<size_t>(cv::countNonZero(edges)));
  const std::vector<Peak> peaks = find_peaks(space, edges.size(), needed.candidate);
  const std::vector<FoundLine> found = accept_lines(edges, space, peaks, needed, p, ctx);

  FeatureTable table{{"rho_px", "theta_rad", "votes"}, {}};
  for (const FoundLine& f : found)
    table.values.insert(table.values.end(), {f.line.rho, f.line.theta, static_cast<double>(f.votes)});
  if (ctx.trace) show(edges, space, found, peaks.size(), table, ctx);
  return table;
}

cv::Mat space_picture(const LineSpace& space) { return picture_of(space).votes; }

cv::Mat draw_lines(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)  // the strongest last, on top
    draw_line(picture, table.at(row, 0), table.at(row, 1), rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
