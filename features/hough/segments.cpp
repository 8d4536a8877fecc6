// features/hough/segments.cpp
// Notation   rho, theta: a line (lines.h);  T: votes that make a cell worth a look
// Method     1 take edge pixels in random order; each votes for every angle   2 the first cell with T votes: its line
//            through the pixel that completed it   3 walk the line both ways while gaps are short   4 fit the pixels, walk
//            again, until it grows no more   5 take the segment's pixels from the map and their votes from the cells
//            6 keep it if it is long enough; go on at 1
// Departures from the paper: T is fixed for a picture, by the whole map's density (chance.h) or given; [Matas2000] raise it
//            with the votes so far. Step 4 is not in the paper. Votes are counted for a batch of pixels angle by angle
//            (vote_batch), which gives the same cells in the same order as pixel by pixel.

#include "assay/features/hough/segments.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <string>

#include "assay/core/error.h"
#include "assay/features/drawing.h"
#include "assay/features/hough/accumulator_internal.h"
#include "assay/features/hough/chance.h"

namespace assay {

namespace {

// --- 1 votes ---------------------------------------------------------------------------------------------------------

enum Pixel : uint8_t { kNothing = 0, kEdge = 1, kVoted = 2 };

// A cell that has reached T, and the number of the pixel in its batch that completed it.
struct Event {
  size_t pixel = 0;
  int angle = -1;
};

// The votes: a row an angle, only the bins that this picture's pixels can reach, so that all of it stays in the cache.
class Voting {
 public:
  Voting(cv::Size size, int angles, int needed) : theta_(even_angles(angles)), needed_(needed), bins_(kLongestBatch) {
    const int width = hough::offset_for(size) + 3;  // no angle reaches more bins than the diagonal is long
    for (int a = 0; a < angles; ++a) {
      const double theta = theta_[static_cast<size_t>(a)];
      binning_.emplace_back(size, theta,
                            1 + static_cast<int>(std::ceil(std::max(0.0, (1 - size.width) * std::cos(theta)))));
      first_.push_back(static_cast<size_t>(a) * static_cast<size_t>(width));
    }
    votes_.assign(static_cast<size_t>(angles) * static_cast<size_t>(width), 0);
  }

  static constexpr size_t kLongestBatch = 512;
  const std::vector<double>& theta() const { return theta_; }

  /// Votes of n pixels, up to the first that completes a cell; those after it have not voted.
  std::optional<Event> vote_batch(const int* x, const int* y, size_t n) {
    size_t first = n;  // the first pixel that completes a cell
    for (size_t a = 0; a < theta_.size(); ++a) {
      binning_[a](x, y, n, bins_.data());
      int* row = &votes_[first_[a]];
      hough::count_votes(bins_.data(), n, row);
      int most = 0;
      for (size_t i = 0; i < n; ++i) most = std::max(most, row[bins_[i]]);
      if (most >= needed_) first = std::min(first, first_complete(a, n));
    }
    if (first == n) return std::nullopt;
    take_back(x + first + 1, y + first + 1, n - first - 1);
    return Event{first, best_angle(x[first], y[first])};
  }

  /// The same pixel by pixel.
  std::optional<Event> vote_one_by_one(const int* x, const int* y, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      int most = 0;
      for (size_t a = 0; a < theta_.size(); ++a) most = std::max(most, ++cell(a, x[i], y[i]));
      if (most >= needed_) return Event{i, best_angle(x[i], y[i])};
    }
    return std::nullopt;
  }

  void take_back(const int* x, const int* y, size_t n) {
    for (size_t begin = 0; begin < n; begin += kLongestBatch) {
      const size_t count = std::min(kLongestBatch, n - begin);
      for (size_t a = 0; a < theta_.size(); ++a) {
        binning_[a](x + begin, y + begin, count, bins_.data());
        int* row = &votes_[first_[a]];
        for (size_t i = 0; i < count; ++i) --row[bins_[i]];
      }
    }
  }

 private:
  int& cell(size_t a, int x, int y) {
    int bin = 0;
    binning_[a](&x, &y, 1, &bin);
    return votes_[first_[a] + static_cast<size_t>(bin)];
  }
  // Which of the pixels just counted was the first to bring its cell of angle a to T votes? Counted back from the last.
  size_t first_complete(size_t a, size_t n) {
    size_t first = n;
    int* row = &votes_[first_[a]];
    for (size_t i = n; i-- > 0;)
      if (row[bins_[i]]-- >= needed_) first = i;
    for (size_t i = 0; i < n; ++i) ++row[bins_[i]];
    return first;
  }
  // The angle with the most votes in the pixel's own cells; the first of equal ones.
  int best_angle(int x, int y) {
    int most = -1, angle = 0;
    for (size_t a = 0; a < theta_.size(); ++a)
      if (const int votes = cell(a, x, y); votes > most) most = votes, angle = static_cast<int>(a);
    return angle;
  }

  std::vector<double> theta_;
  int needed_;
  std::vector<int> votes_;
  std::vector<size_t> first_;  // where angle a's votes begin
  std::vector<int> bins_;
  std::vector<hough::Binning> binning_;
};

// --- 3, 4 the segment ------------------------------------------------------------------------------------------------

struct Segment {
  double rho = 0, c = 1, s = 0;  // c, s: cosine and sine of theta
  double from = 0, to = 0;       // along (-s, c), from the foot of the origin
  std::vector<EdgePoint> points;
  Segment(const Line& line) : rho(line.rho), c(std::cos(line.theta)), s(std::sin(line.theta)) {}
  double length() const { return to - from; }
  double along(double x, double y) const { return y * c - x * s; }
  double x_at(double t) const { return rho * c - t * s; }
  double y_at(double t) const { return rho * s + t * c; }
  Line line() const { return {rho, std::atan2(s, c)}; }
};

// Edge pixels of the corridor, three pixels wide, from (x, y) both ways; a way ends at a gap longer than max_gap.
Segment walk(const cv::Mat_<uint8_t>& map, const Line& line, double x, double y, double max_gap) {
  Segment segment(line);
  const double c = segment.c, s = segment.s;
  const bool flat = std::abs(s) >= std::abs(c);
  const double step = 1 / std::max(std::abs(s), std::abs(c));  // pixels along the line for one column (or row)
  const int middle = static_cast<int>(std::lround(flat ? x : y)), count = flat ? map.cols : map.rows,
            across = flat ? map.rows : map.cols;
  const double start = line.rho / (flat ? s : c), slope = flat ? -c / s : -s / c;
  segment.from = segment.to = segment.along(x, y);
  for (const int way : {1, -1}) {
    double gap = 0;
    for (int i = way > 0 ? middle : middle - 1; i >= 0 && i < count; i += way) {
      const int j = static_cast<int>(std::lround(start + i * slope));
      bool any = false;
      for (int k = std::max(0, j - 1); k <= std::min(across - 1, j + 1); ++k) {
        if (!(flat ? map(k, i) : map(i, k))) continue;
        any = true;
        segment.points.push_back(flat ? EdgePoint{i, k} : EdgePoint{k, i});
      }
      gap = any ? 0 : gap + step;
      if (gap > max_gap) break;
    }
  }
  for (const EdgePoint& p : segment.points) {
    segment.from = std::min(segment.from, segment.along(p.x, p.y));
    segment.to = std::max(segment.to, segment.along(p.x, p.y));
  }
  return segment;
}

Segment find_segment(const cv::Mat_<uint8_t>& map, const Line& cell, int x, int y, const SegmentsParams& p) {
  const Line through{x * std::cos(cell.theta) + y * std::sin(cell.theta), cell.theta};
  Segment segment = walk(map, through, x, y, p.max_gap);
  constexpr int kRounds = 8;
  for (int t = 0; p.refine && t < kRounds; ++t) {
    const Line fitted = refine_line(segment.points, segment.line(), 2, 0.1);
    const Segment on_fit(fitted);
    const double middle = (segment.from + segment.to) / 2;
    const double foot = on_fit.along(segment.x_at(middle), segment.y_at(middle));
    Segment longer = walk(map, fitted, on_fit.x_at(foot), on_fit.y_at(foot), p.max_gap);
    const double grown = longer.length() - segment.length();
    if (grown < -2) break;  // the middle lies in a gap, or the fit went astray
    segment = std::move(longer);
    if (grown < 0.5) break;
  }
  return segment;
}

// --- the loop --------------------------------------------------------------------------------------------------------

int votes_needed(const SegmentsParams& p, const cv::Mat& edges, size_t pixels, int angles) {
  if (p.votes.index() == 1) return static_cast<int>(std::min(1e9, std::ceil(std::get<double>(p.votes))));
  const int longest = hough::offset_for(edges.size());
  const double cells = (2.0 * longest + 1) * angles;
  return meaningful_counts(longest, static_cast<double>(pixels) / static_cast<double>(edges.total()), std::log(cells))
      .back();
}

// Takes the pixels within two pixels of the segment from the map; those that had voted take their votes back.
void claim(cv::Mat_<uint8_t>& map, const Segment& segment, Voting& voting) {
  std::vector<int> x, y;
  for_runs_near(segment.line(), 2, map.cols, map.rows, [&](int row, int x0, int x1) {
    for (int column = x0; column < x1; ++column) {
      if (map(row, column) == kNothing) continue;
      const double t = segment.along(column, row);
      if (t < segment.from - 0.5 || t > segment.to + 0.5) continue;
      if (map(row, column) == kVoted) x.push_back(column), y.push_back(row);
      map(row, column) = kNothing;
    }
  });
  voting.take_back(x.data(), y.data(), x.size());
}

struct SegmentStep {
  static constexpr const char* kind = "segment";
  static constexpr const char* title = "A cell has enough votes: its line is walked";
  static constexpr const char* source = "features/hough/segments.cpp:find_segment";
  std::string why;
  int x, y;
  double theta0;
  const Segment& s;
  bool kept;
  static void fields(const SegmentStep& step, auto&& field) {
    field("x", step.x, "column of the pixel that completed the cell");
    field("y", step.y, "row of that pixel");
    field("theta0", step.theta0, "the cell's angle, in radians");
    field("theta", with_theta_in_half_turn(step.s.line()).theta, "fitted, in radians");
    field("rho", with_theta_in_half_turn(step.s.line()).rho, "fitted, in pixels");
    field("length", step.s.length(), "pixels");
    field("points", static_cast<long long>(step.s.points.size()), "edge pixels on it");
    field("kept", step.kept, "at least min-length long");
  }
};

FeatureTable find_segments(const cv::Mat& edges, const SegmentsParams& p, bool batches, const Context& ctx) {
  if (std::max(edges.cols, edges.rows) > 32767)
    throw DataError("segments takes pictures of up to 32767 pixels a side, this one has " + std::to_string(edges.cols) +
                    " x " + std::to_string(edges.rows));
  const EdgePixels pixels = edge_pixels(edges);
  const int angles = std::max(1, static_cast<int>(std::lround(180 / p.angle_step)));
  Voting voting(edges.size(), angles, votes_needed(p, edges, pixels.size(), angles));
  cv::Mat_<uint8_t> map = (edges != 0) & kEdge;
  const std::vector<int> order = ctx.rng().permutation(static_cast<int>(pixels.size()));
  std::vector<Segment> found;
  std::vector<int> x, y;
  size_t batch = Voting::kLongestBatch;
  for (size_t next = 0; next < order.size();) {
    ctx.check_cancelled();
    x.clear(), y.clear();
    std::vector<size_t> place;  // in `order`, of each pixel of the batch
    for (size_t i = next; i < order.size() && x.size() < batch; ++i) {
      const auto pixel = static_cast<size_t>(order[i]);
      if (map(pixels.y[pixel], pixels.x[pixel]) == kNothing) continue;
      x.push_back(pixels.x[pixel]), y.push_back(pixels.y[pixel]);
      place.push_back(i);
    }
    if (x.empty()) break;
    const std::optional<Event> event = batches ? voting.vote_batch(x.data(), y.data(), x.size())
                                               : voting.vote_one_by_one(x.data(), y.data(), x.size());
    const size_t voted = event ? event->pixel + 1 : x.size();
    for (size_t i = 0; i < voted; ++i) map(y[i], x[i]) = kVoted;
    next = place[voted - 1] + 1;
    batch = event ? std::max<size_t>(32, batch / 2) : std::min(2 * batch, Voting::kLongestBatch);
    if (!event) continue;
    const int ex = x[event->pixel], ey = y[event->pixel];
    const double theta = voting.theta()[static_cast<size_t>(event->angle)];
    Segment segment = find_segment(map, {0, theta}, ex, ey, p);
    claim(map, segment, voting);
    const bool kept = segment.length() >= p.min_length;
    ctx.trace.step([&] {
      return SegmentStep{kept ? "Long enough: its pixels have left the map and taken their votes back."
                              : "Too short: its pixels have left the map all the same, so that they cannot vote again.",
                         ex,
                         ey,
                         theta,
                         segment,
                         kept};
    });
    if (kept) found.push_back(std::move(segment));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Segment& a, const Segment& b) { return a.length() > b.length(); });
  FeatureTable table{{"x1_px", "y1_px", "x2_px", "y2_px"}, {}};
  for (const Segment& s : found)
    table.values.insert(table.values.end(), {s.x_at(s.from), s.y_at(s.from), s.x_at(s.to), s.y_at(s.to)});
  return table;
}

}  // namespace

FeatureTable Segments::detect(const Params& p, const cv::Mat& edges, const Context& ctx) {
  FeatureTable table = find_segments(edges, p, true, ctx);
  if (ctx.trace) {
    ctx.trace.image([&] {
      return TraceImage{"edges",
                        "The edge map",
                        "Its pixels vote in random order.",
                        view_of(edges),
                        false,
                        {},
                        "features/hough/segments.cpp:detect"};
    });
    const cv::Mat drawn = draw_segments(edges, table);
    ctx.trace.image([&] {
      return TraceImage{"segments",
                        "Segments",
                        "Each segment, the longest red, the shortest green.",
                        view_of(drawn),
                        false,
                        {},
                        "features/hough/segments.cpp:find_segment"};
    });
  }
  return table;
}

FeatureTable segments_textbook(const cv::Mat& edges, const SegmentsParams& p, const Context& ctx) {
  check_params(p);
  check_image(Segments::info.name, Segments::info.traits, edges);
  return find_segments(edges, p, false, ctx);
}

cv::Mat draw_segments(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)
    draw_segment(picture, table.at(row, 0), table.at(row, 1), table.at(row, 2), table.at(row, 3),
                 rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
