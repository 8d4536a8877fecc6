// features/sift/sift_trace.cpp: what SIFT shows to somebody who watches, octave by octave, and where the points went.

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "assay/features/sift/sift_internal.h"

namespace assay::sift_stages {

namespace {

const cv::Vec3b kPaper(250, 250, 250), kInk(60, 60, 60), kBlue(190, 110, 30), kRed(50, 60, 210);

void show(const Context& ctx, const char* stage, const std::string& title, const std::string& caption, const cv::Mat& m,
          const char* source, std::vector<TraceField> fields = {}, bool stretch = false) {
  ctx.trace.image([&] { return TraceImage{stage, title, caption, view_of(m), stretch, std::move(fields), source}; });
}

// --- strips ----------------------------------------------------------------------------------------------------------

cv::Mat_<float> picture_of(const Rows& rows) {
  cv::Mat_<float> m(rows.size());
  for (int y = 0; y < m.rows; ++y) std::copy_n(rows[y], m.cols, m[y]);
  return m;
}

// Pictures side by side, each shrunk by taking every n-th sample so that all fit 1600 pixels.
cv::Mat strip(const std::vector<cv::Mat_<float>>& pictures) {
  constexpr int kGap = 4, kWidth = 1600;
  const int count = static_cast<int>(pictures.size()), cols = pictures[0].cols, rows = pictures[0].rows;
  const int shrink = std::max(1, (count * cols + kWidth - 1) / kWidth), w = (cols + shrink - 1) / shrink;
  double low = 0, high = 0;
  cv::minMaxLoc(pictures[0], &low, &high);
  cv::Mat_<float> out((rows + shrink - 1) / shrink, count * (w + kGap) - kGap, static_cast<float>(high));
  for (int k = 0; k < count; ++k)
    for (int y = 0; y < out.rows; ++y)
      for (int x = 0; x < w; ++x) out(y, k * (w + kGap) + x) = pictures[static_cast<size_t>(k)](y * shrink, x * shrink);
  return out;
}

// --- one point -------------------------------------------------------------------------------------------------------

void fill(cv::Mat_<cv::Vec3b>& m, int x, int y, int w, int h, const cv::Vec3b& colour) {
  const cv::Rect inside = cv::Rect(x, y, w, h) & cv::Rect(0, 0, m.cols, m.rows);
  if (inside.area() > 0) m(inside).setTo(cv::Scalar(colour[0], colour[1], colour[2]));
}

void draw_line(cv::Mat_<cv::Vec3b>& m, double x0, double y0, double x1, double y1, const cv::Vec3b& colour) {
  const int steps = 1 + static_cast<int>(2 * std::hypot(x1 - x0, y1 - y0));
  for (int i = 0; i <= steps; ++i) {
    const double t = double(i) / steps;
    fill(m, static_cast<int>(std::lrint(x0 + t * (x1 - x0))), static_cast<int>(std::lrint(y0 + t * (y1 - y0))), 2, 2,
         colour);
  }
}

// D at a sample and its 26 neighbours: three blocks of 3 x 3, the scale below, its own, the scale above.
cv::Mat neighbours_picture(const std::vector<double>& D) {
  constexpr int kSide = 36, kGap = 18;
  const auto [least, greatest] = std::minmax_element(D.begin(), D.end());
  cv::Mat_<cv::Vec3b> m(3 * kSide + 2 * kGap, 9 * kSide + 4 * kGap, kPaper);
  for (int k = 0; k < 27; ++k) {
    const double share = (D[static_cast<size_t>(k)] - *least) / std::max(1e-12, *greatest - *least);
    const auto v = static_cast<uchar>(255 * share);
    const int x = kGap + (k / 9) * (3 * kSide + kGap) + (k % 3) * kSide, y = kGap + (k / 3 % 3) * kSide;
    if (k == 13) fill(m, x, y, kSide, kSide, kRed);
    const int inset = k == 13 ? 4 : 1;
    fill(m, x + inset, y + inset, kSide - 2 * inset, kSide - 2 * inset, {v, v, v});
  }
  return m;
}

cv::Mat histogram_picture(const DirectionHistogram& h) {
  constexpr int kBar = 16, kHeight = 180, kRim = 12;
  cv::Mat_<cv::Vec3b> m(kHeight + 2 * kRim, kBins * kBar + 2 * kRim, kPaper);
  const double highest = std::max(1e-30, *std::max_element(h.begin(), h.end()));
  for (int i = 0; i < kBins; ++i) {
    const double v = h[static_cast<size_t>(i)] / highest, before = h[static_cast<size_t>((i + kBins - 1) % kBins)],
                 after = h[static_cast<size_t>((i + 1) % kBins)];
    const bool peak = v >= 0.8 && h[static_cast<size_t>(i)] > before && h[static_cast<size_t>(i)] > after;
    const int height = static_cast<int>(std::lrint(v * kHeight));
    fill(m, kRim + i * kBar + 1, kRim + kHeight - height, kBar - 2, height, peak ? kRed : kBlue);
  }
  for (int x = kRim; x < m.cols - kRim; x += 10) fill(m, x, kRim + kHeight / 5, 6, 2, kInk);
  fill(m, kRim, kRim + kHeight, m.cols - 2 * kRim, 2, kInk);
  return m;
}

// 4 x 4 cells with eight rays each, as they lie in the point's own frame; before and after the cut.
cv::Mat descriptor_picture(const Descriptor& before, const Descriptor& after) {
  constexpr int kCell = 64, kRim = 12;
  cv::Mat_<cv::Vec3b> m(kCells * kCell + 2 * kRim, 2 * kCells * kCell + 3 * kRim, kPaper);
  const Descriptor* both[] = {&before, &after};
  for (int side = 0; side < 2; ++side) {
    const Descriptor& d = *both[side];
    const float largest = std::max(1e-30f, *std::max_element(before.begin(), before.end()));
    const int x0 = kRim + side * (kCells * kCell + kRim);
    for (int i = 0; i <= kCells; ++i) {
      fill(m, x0 + i * kCell, kRim, 1, kCells * kCell, {210, 210, 210});
      fill(m, x0, kRim + i * kCell, kCells * kCell, 1, {210, 210, 210});
    }
    for (int j = 0; j < kLength; ++j) {
      const int cell = j / kDirections;
      const double cx = x0 + (cell % kCells + 0.5) * kCell, cy = kRim + (cell / kCells + 0.5) * kCell;
      const double angle = -2 * CV_PI * (j % kDirections) / kDirections;
      const double length = 0.48 * kCell * std::min(1.0, double(d[static_cast<size_t>(j)] / largest));
      draw_line(m, cx, cy, cx + length * std::cos(angle), cy + length * std::sin(angle), side == 0 ? kBlue : kRed);
    }
  }
  return m;
}

struct FunnelStep {
  static constexpr const char* kind = "funnel";
  static constexpr const char* title = "From extrema to key points";
  static constexpr const char* source = "features/sift/extrema.cpp:refine_one";
  int octave;
  size_t extrema, unstable, contrast, edge, kept, directed;
  static void fields(const FunnelStep& s, auto&& field) {
    field("octave", s.octave, "-1 is the doubled picture");
    field("extrema", s.extrema, "samples of D beyond their 26 neighbours");
    field("unstable", s.unstable, "rejected: the refined place is too far from any sample");
    field("contrast", s.contrast, "rejected: |D| at the refined place is too small");
    field("edge", s.edge, "rejected: the curvatures differ by more than r");
    field("kept", s.kept, "key points");
    field("directed", s.directed, "with one copy a main direction");
  }
};

struct PointStep {
  static constexpr const char* kind = "point";
  static constexpr const char* title = "The strongest point of an octave";
  static constexpr const char* source = "features/sift/describe.cpp:direction_histogram";
  std::string why;
  const KeyPoint& k;
  double step_px, sigma;
  std::vector<double> D, histogram, before, after;
  static void fields(const PointStep& s, auto&& field) {
    field("octave", s.k.octave, "-1 is the doubled picture");
    field("s", s.k.s, "scale of the sample");
    field("row", s.k.row, "row of the sample, in the octave");
    field("col", s.k.col, "column of the sample, in the octave");
    field("z_s", s.k.scale - s.k.s, "refined offset in scale");
    field("z_y", s.k.y - s.k.row, "refined offset, rows");
    field("z_x", s.k.x - s.k.col, "refined offset, columns");
    field("x", s.k.x * s.step_px, "pixels of the picture");
    field("y", s.k.y * s.step_px, "pixels of the picture");
    field("sigma", s.sigma * s.step_px, "pixels of the picture");
    field("|D|", s.k.response, "at the refined place, full scale 1");
    field("theta", s.k.angle, "main direction, from x towards y");
    field("D", s.D, "27 values: three scales of 3 x 3");
    field("h", s.histogram, "36 directions, smoothed");
    field("d before", s.before, "votes of unit length");
    field("d after", s.after, "cut at 0.2, unit length again");
  }
};

std::vector<double> reals(std::span<const float> v) { return {v.begin(), v.end()}; }

void show_point(const Octave& octave, const KeyPoint& k, const SiftParams& p, const Setting& setting,
                const Context& ctx) {
  std::vector<double> D;
  for (int i = 0; i < 27; ++i) D.push_back(octave.D(k.s - 1 + i / 9, k.row - 1 + i / 3 % 3, k.col - 1 + i % 3));
  const DirectionHistogram h = direction_histogram(octave, k, p, setting);
  Descriptor before = vote(octave, k, p, setting), after = before;
  double square = 0;
  for (float v : before) square += double(v) * v;
  for (float& v : before) v = static_cast<float>(v / std::max(1e-30, std::sqrt(square)));
  normalise(after, p.root_sift);
  const bool top = D[13] > 0;
  PointStep step{
      top ? "Kept: greater than all 26 neighbours, a dark blob." : "Kept: less than all 26 neighbours, a bright blob.",
      k,
      octave.step_px,
      k.sigma(p),
      D,
      {h.begin(), h.end()},
      reals(before),
      reals(after)};
  ctx.trace.step([&] { return step; });
  const std::string where = "octave " + std::to_string(octave.index) + ", its strongest point";
  show(ctx, "neighbours", "D and its 26 neighbours: " + where,
       "Left: the scale below. Middle, framed: the sample. Right: the scale above. It is the extreme of all 27.",
       neighbours_picture(D), "features/sift/extrema.cpp:is_extremum",
       {{"z_s", k.scale - k.s, "refined offset"}, {"z_y", k.y - k.row, ""}, {"z_x", k.x - k.col, ""}});
  show(ctx, "directions", "36 directions: " + where,
       "Each bar is 10 degrees of gradient direction. Red: a peak above the dashed line at 80 % of the highest; each "
       "makes a key point.",
       histogram_picture(h), "features/sift/describe.cpp:main_directions", {{"theta", k.angle, "radians"}});
  show(ctx, "descriptor", "4 x 4 x 8: " + where,
       "Left: the votes of eight directions in each of 16 cells, unit length. Right: cut at 0.2 and unit length again: "
       "the short rays have grown.",
       descriptor_picture(before, after), "features/sift/describe.cpp:normalise");
}

}  // namespace

void Watcher::octave(const Octave& octave, const std::vector<KeyPoint>& refined, const std::vector<KeyPoint>& directed,
                     const SiftParams& p, const Setting& setting, const Context& ctx) {
  const std::string name = "octave " + std::to_string(octave.index);
  const std::string size = std::to_string(octave.cols()) + " x " + std::to_string(octave.rows()) + " samples";
  std::vector<cv::Mat_<float>> G, D;
  for (const Rows& rows : octave.G) G.push_back(picture_of(rows));
  for (size_t s = 0; s + 1 < G.size(); ++s) D.emplace_back(G[s + 1] - G[s]);
  show(ctx, "octave", "L = G_sigma * I: " + name,
       "From left to right each scale is blurred by 2^(1/scales) more; " + size + ", the picture's mean taken off.",
       strip(G), "features/sift/scale_space.cpp:complete", {{"step", octave.step_px, "pixels from sample to sample"}},
       true);
  show(ctx, "difference", "D = L(k sigma) - L(sigma): " + name,
       "Bright and dark spots are blobs of that size; outlines answer too, and are rejected later.", strip(D),
       "features/sift/extrema.cpp:find_in_tile", {}, true);
  std::array<size_t, 4> count{};
  for (const KeyPoint& k : refined) {
    ++count[static_cast<size_t>(k.fate)];
    KeyPoint at = k;
    if (k.fate == Fate::unstable) at.x = k.col, at.y = k.row, at.scale = k.s;  // its fitted place means nothing
    places_[static_cast<size_t>(k.fate)].push_back(
        {at.x * octave.step_px, at.y * octave.step_px, at.sigma(p) * octave.step_px});
  }
  ctx.trace.step([&] {
    return FunnelStep{octave.index,
                      refined.size(),
                      count[static_cast<size_t>(Fate::unstable)],
                      count[static_cast<size_t>(Fate::contrast)],
                      count[static_cast<size_t>(Fate::edge)],
                      count[static_cast<size_t>(Fate::kept)],
                      directed.size()};
  });
  if (directed.empty()) return;
  show_point(octave,
             *std::max_element(directed.begin(), directed.end(),
                               [](const KeyPoint& a, const KeyPoint& b) { return a.response < b.response; }),
             p, setting, ctx);
}

void Watcher::funnel(const cv::Mat& image, const FeatureTable& table, const Context& ctx) const {
  const auto picture = [&](const char* stage, const char* title, const char* caption,
                           std::initializer_list<Fate> fates) {
    FeatureTable points{{"x", "y", "sigma_px", "angle_rad"}, {}, {}};
    for (Fate fate : fates)
      for (const Place& at : places_[static_cast<size_t>(fate)])
        points.values.insert(points.values.end(), {at.x, at.y, at.sigma, 0});
    show(ctx, stage, title, caption, draw_points(image, points), "features/sift/extrema.cpp:refine_one",
         {{"points", static_cast<long long>(points.rows()), "in all octaves"}});
  };
  picture("extrema", "All extrema of D", "A ring around each extremum, of the size of its blob.",
          {Fate::kept, Fate::unstable, Fate::contrast, Fate::edge});
  picture("unstable", "Rejected: no stable place", "Their fitted place lies far from every sample.", {Fate::unstable});
  picture("contrast", "Rejected: low contrast, sec. 4", "Noise and weak texture.", {Fate::contrast});
  picture("edge", "Rejected: edges, sec. 4.1",
          "They lie along outlines, where a place is sharp across and vague along.", {Fate::edge});
  show(ctx, "points", "Key points with scale and direction",
       "Rings have the size of the blob, the line shows the main direction; the strongest are red.",
       draw_points(image, table), "features/sift/sift.cpp:rank",
       {{"points", static_cast<long long>(table.rows()), "one row a main direction"}});
}

}  // namespace assay::sift_stages
