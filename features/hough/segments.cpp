// features/hough/segments.cpp
// Notation   rho, theta: a line (lines.h);  T: votes that make a cell worth a look
// Method     1 take edge pixels in random order; each votes for every angle   2 the first cell with T votes: its line
//            through the pixel that completed it   3 walk the line both ways while gaps are short   4 fit the pixels, walk
//            again, until it grows no more   5 take the segment's pixels from the map and their votes from the cells
//            6 keep it if it is long enough; go on at 1
// Departures from the paper: T is fixed for a picture, by the whole map's density (chance.h) or given; [Matas2000] raise it
//            with the votes so far. Step 4 is not in the paper. Pixels vote by blocks, angle by angle (segment_votes_internal.h),
//            which gives the same cells in the same order as pixel by pixel.

#include "assay/features/hough/segments.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <string>

#include "assay/core/error.h"
#include "assay/features/drawing.h"
#include "assay/features/hough/chance.h"
#include "assay/features/hough/segment_votes_internal.h"

namespace assay {

namespace {

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

// What no segment has claimed, with a frame of nothing: a corridor along the border needs no questions.
class EdgeMap {
 public:
  enum : uint8_t { kNothing, kEdge, kVoter };  // kVoter: an edge pixel that has voted
  explicit EdgeMap(const cv::Mat& edges) : framed_(edges.rows + 2 * kFrame, edges.cols + 2 * kFrame, kNothing) {
    map_ = framed_(cv::Rect(kFrame, kFrame, edges.cols, edges.rows));
    for (int y = 0; y < edges.rows; ++y) {
      const uint8_t* edge = edges.ptr<uint8_t>(y);
      uint8_t* to = map_[y];
      for (int x = 0; x < edges.cols; ++x) to[x] = edge[x] != 0 ? kEdge : kNothing;
    }
  }
  static constexpr int kFrame = 2;
  int rows() const { return map_.rows; }
  int cols() const { return map_.cols; }
  ptrdiff_t stride() const { return static_cast<ptrdiff_t>(framed_.step[0]); }
  uint8_t* row(int y) { return map_[y]; }
  const uint8_t* origin() const { return map_[0]; }

 private:
  cv::Mat_<uint8_t> framed_, map_;
};

// The edge pixels of a corridor, three pixels wide, that follows a line by columns (flat) or by rows.
template <bool flat>
class Corridor {
 public:
  Corridor(const EdgeMap& map, const Segment& line)
      : origin_(map.origin()),
        along_step_(flat ? 1 : map.stride()),
        across_step_(flat ? map.stride() : 1),
        count_(flat ? map.cols() : map.rows()),
        across_(flat ? map.rows() : map.cols()),
        start_(line.rho / (flat ? line.s : line.c)),
        slope_(flat ? -line.c / line.s : -line.s / line.c),
        step_(1 / std::abs(flat ? line.s : line.c)) {}
  // From column (or row) i on, +1 or -1 each, until a gap longer than max_gap or the picture ends. Every pixel is written, and
  // stays if it is an edge: which are, nobody can foretell.
  EdgePoint* list(int i, int way, double max_gap, EdgePoint* to) const {
    double gap = 0;
    for (; i >= 0 && i < count_; i += way) {
      const int j = static_cast<int>(std::floor(start_ + i * slope_ + 0.5));
      if (j < -1 || j > across_) break;  // the line has left the picture
      const uint8_t* pixel = origin_ + i * along_step_ + j * across_step_;
      const uint8_t three[] = {pixel[-across_step_], pixel[0], pixel[across_step_]};
      for (int k = 0; k < 3; ++k) {
        *to = flat ? EdgePoint{i, j + k - 1} : EdgePoint{j + k - 1, i};
        to += three[k] != EdgeMap::kNothing;
      }
      gap = (three[0] | three[1] | three[2]) != EdgeMap::kNothing ? 0 : gap + step_;
      if (gap > max_gap) break;
    }
    return to;
  }

 private:
  const uint8_t* origin_;
  ptrdiff_t along_step_, across_step_;
  int count_, across_;
  double start_, slope_, step_;  // step_: pixels along the line for one column (or row)
};

// Edge pixels of the corridor from (x, y) both ways. `space`: room for three pixels of each column or row, and one.
Segment walk(const EdgeMap& map, const Line& line, double x, double y, double max_gap, std::vector<EdgePoint>& space) {
  Segment segment(line);
  const auto follow = [&]<bool flat>(std::bool_constant<flat>) {
    const Corridor<flat> corridor(map, segment);
    const int middle = static_cast<int>(std::lround(flat ? x : y));
    EdgePoint* end = corridor.list(middle, 1, max_gap, space.data());
    segment.points.assign(space.data(), corridor.list(middle - 1, -1, max_gap, end));
  };
  if (std::abs(segment.s) >= std::abs(segment.c))
    follow(std::true_type());
  else
    follow(std::false_type());
  segment.from = segment.to = segment.along(x, y);
  for (const EdgePoint& p : segment.points) {
    segment.from = std::min(segment.from, segment.along(p.x, p.y));
    segment.to = std::max(segment.to, segment.along(p.x, p.y));
  }
  return segment;
}

Segment find_segment(const EdgeMap& map, const Line& cell, int x, int y, const SegmentsParams& p,
                     std::vector<EdgePoint>& space) {
  const Line through{x * std::cos(cell.theta) + y * std::sin(cell.theta), cell.theta};
  Segment segment = walk(map, through, x, y, p.max_gap, space);
  constexpr int kRounds = 8;
  for (int t = 0; p.refine && t < kRounds; ++t) {
    const Line fitted = refine_line(segment.points, segment.line(), 2, 0.1);
    const Segment on_fit(fitted);
    const double middle = (segment.from + segment.to) / 2;
    const double foot = on_fit.along(segment.x_at(middle), segment.y_at(middle));
    Segment longer = walk(map, fitted, on_fit.x_at(foot), on_fit.y_at(foot), p.max_gap, space);
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

struct Pixel {
  int16_t x, y;
};

// Those that vote together.
struct Block {
  std::vector<int> x, y;
  std::vector<const uint8_t*> edge;  // where they stand in the map
  size_t size = 0;

  explicit Block(size_t longest) : x(longest + 1), y(longest + 1), edge(longest + 1) {}
  // The next pixels, in the order of their turns, that have not been claimed: each is written, and stays if it is an edge.
  void fill(const std::vector<Pixel>& turns, size_t& next, EdgeMap& map) {
    for (size = 0; next < turns.size() && size + 1 < x.size(); ++next) {
      const Pixel at = turns[next];
      uint8_t* pixel = map.row(at.y) + at.x;
      x[size] = at.x, y[size] = at.y, edge[size] = pixel;
      const bool is_edge = *pixel != EdgeMap::kNothing;
      *pixel = is_edge ? EdgeMap::kVoter : EdgeMap::kNothing;
      size += is_edge;
    }
  }
};

constexpr double kClaimed = 2 + 1e-9;  // pixels: at exactly 2, rounding shall not decide

// Takes the pixels within two pixels of the segment from the map; those that have voted take their votes back.
void claim(EdgeMap& map, const Segment& segment, hough::SegmentVotes& votes) {
  const auto box = [](double a, double b, int n) {  // of the segment and three pixels around
    return cv::Range(std::clamp(static_cast<int>(std::min(a, b)) - 3, 0, n),
                     std::clamp(static_cast<int>(std::max(a, b)) + 4, 0, n));
  };
  const cv::Range columns = box(segment.x_at(segment.from), segment.x_at(segment.to), map.cols()),
                  rows = box(segment.y_at(segment.from), segment.y_at(segment.to), map.rows());
  const Line in_box{segment.rho - columns.start * segment.c - rows.start * segment.s, segment.line().theta};
  std::vector<int> x, y;
  for_runs_near(in_box, kClaimed, columns.size(), rows.size(), [&](int box_row, int x0, int x1) {
    const int y_px = rows.start + box_row;
    uint8_t* edge = map.row(y_px);
    for (int x_px = columns.start + x0; x_px < columns.start + x1; ++x_px) {
      if (edge[x_px] == EdgeMap::kNothing) continue;
      const double t = segment.along(x_px, y_px);
      if (t < segment.from - 0.5 || t > segment.to + 0.5) continue;
      if (edge[x_px] == EdgeMap::kVoter) x.push_back(x_px), y.push_back(y_px);
      edge[x_px] = EdgeMap::kNothing;
    }
  });
  votes.take_back(x, y);
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

FeatureTable find_segments(const cv::Mat& edges, const SegmentsParams& p, size_t longest_block, const Context& ctx) {
  if (std::max(edges.cols, edges.rows) > 32767)
    throw DataError("segments takes pictures of up to 32767 pixels a side, this one has " + std::to_string(edges.cols) +
                    " x " + std::to_string(edges.rows));
  const EdgePixels pixels = edge_pixels(edges);
  std::vector<Pixel> turns(pixels.size());
  for (size_t i = 0; i < turns.size(); ++i)
    turns[i] = {static_cast<int16_t>(pixels.x[i]), static_cast<int16_t>(pixels.y[i])};
  ctx.rng().shuffle(turns);
  const int angles = std::max(1, static_cast<int>(std::lround(180 / p.angle_step)));
  hough::SegmentVotes votes(edges.size(), angles, votes_needed(p, edges, pixels.size(), angles));
  EdgeMap map(edges);
  std::vector<EdgePoint> space(3 * static_cast<size_t>(std::max(edges.cols, edges.rows)) + 1);
  std::vector<Segment> found;
  Block block(longest_block);
  size_t next = 0;
  while (true) {
    ctx.check_cancelled();
    block.fill(turns, next, map);
    if (block.size == 0) break;
    std::optional<hough::FullCell> full;
    if (longest_block == 1) {
      full = votes.vote_one(block.x[0], block.y[0]);
    } else {
      votes.vote(block.x.data(), block.y.data(), block.edge.data(), block.size);
      full = votes.next_full();
    }
    for (; full; full = votes.next_full()) {
      const int x = block.x[full->pixel], y = block.y[full->pixel];
      const double theta = votes.theta()[static_cast<size_t>(full->angle)];
      Segment segment = find_segment(map, {0, theta}, x, y, p, space);
      claim(map, segment, votes);
      const bool kept = segment.length() >= p.min_length;
      ctx.trace.step([&] {
        return SegmentStep{
            kept ? "Long enough: its pixels have left the map and taken their votes back."
                 : "Too short: its pixels have left the map all the same, so that they cannot vote again.",
            x,
            y,
            theta,
            segment,
            kept};
      });
      if (kept) found.push_back(std::move(segment));
    }
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
  FeatureTable table = find_segments(edges, p, hough::kBlock, ctx);
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
  return find_segments(edges, p, 1, ctx);
}

cv::Mat draw_segments(const cv::Mat& image, const FeatureTable& table) {
  Drawing picture = dimmed(image);
  for (size_t row = table.rows(); row-- > 0;)
    draw_segment(picture, table.at(row, 0), table.at(row, 1), table.at(row, 2), table.at(row, 3),
                 rank_colour(row, table.rows()));
  return picture;
}

}  // namespace assay
