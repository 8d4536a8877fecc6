// features/sift/extrema.cpp: steps 2 to 4, from the octave to refined key points.
// Notation   D_s = G_(s+1) - G_s;  g, H: gradient and Hessian of D at a sample, in (s, y, x);  z: offset from the sample
// Method     2 samples of D that exceed their 26 neighbours   3 z = -H^-1 g; move to the next sample where z is too long
//            4 D(z) = D + g' z / 2 too small: contrast; curvatures too unequal: edge
// Departures from the papers: D is not stored: differences are taken where they are needed. An extremum must pass a share
//            of the contrast threshold before it is refined, as in [ReyOtero2014, sec. 2.4]; [Lowe2004] does not say so.
//            [Lowe2004, sec. 4] moves by more than half a sample, we (as [ReyOtero2014]) by more than 0.6, which cannot
//            go back and forth; and never beyond kFar samples.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "assay/core/parallel.h"
#include "assay/features/sift/sift_internal.h"
#include "assay/features/sift/sift_kernels.h"

namespace assay::sift_stages {

namespace {

constexpr int kMoves = 5;

double contrast_of(const SiftParams& p) { return p.contrast.value_or(p.preset == SiftPreset::lowe ? 0.03 : 0.04); }

float early_threshold(const SiftParams& p, const Setting& setting) {
  const double threshold = contrast_of(p) / p.scales;
  if (p.preset == SiftPreset::opencv)  // a whole number of grey levels
    return static_cast<float>(std::floor(setting.early * threshold * 255) / 255);
  return static_cast<float>(setting.early * threshold);
}

// The definition for one sample.
bool is_extremum(const Octave& octave, int s, int y, int x, float early, bool strict) {
  const float v = octave.D(s, y, x);
  if (strict ? std::abs(v) < early : std::abs(v) <= early) return false;
  bool top = v > 0, bottom = v < 0;
  for (int k = s - 1; k <= s + 1; ++k)
    for (int j = y - 1; j <= y + 1 && (top || bottom); ++j) {
      const float *G = octave.G[static_cast<size_t>(k)][j], *next = octave.G[static_cast<size_t>(k + 1)][j];
      for (int i = x - 1; i <= x + 1; ++i) {
        if (k == s && j == y && i == x) continue;
        const float other = next[i] - G[i];
        top &= strict ? v > other : v >= other;
        bottom &= strict ? v < other : v <= other;
      }
    }
  return top || bottom;
}

// Rows [y0, y1) and columns [x0, x1) of an octave, x0 at a whole block. Three rows of D are kept of each scale that may
// hold extrema; the few samples that are extreme in these go on to the definition.
void find_in_tile(const Octave& octave, const Setting& setting, float early, int y0, int y1, int x0, int x1,
                  std::vector<Extremum>& found) {
  constexpr int kRim = 16;
  const int blocks = (x1 - x0 + kMarkBlock - 1) / kMarkBlock, n = blocks * kMarkBlock, scales = octave.scales();
  cv::Mat_<float> ring(3 * scales, n + 2 * kRim, 0.0f);
  cv::Mat_<uchar> mark(1, n);
  const auto D = [&](int s, int y) { return ring[3 * (s - 1) + y % 3] + kRim; };
  const int left = std::max(0, x0 - kRim), right = std::min(x1 + kRim, octave.cols());
  const auto enter = [&](int y) {
    for (int s = 1; s <= scales; ++s)
      subtract(octave.G[static_cast<size_t>(s)][y] + left, octave.G[static_cast<size_t>(s + 1)][y] + left,
               D(s, y) + (left - x0), right - left);
  };
  enter(y0 - 1);
  enter(y0);
  for (int y = y0; y < y1; ++y) {
    enter(y + 1);
    for (int s = 1; s <= scales; ++s) {
      const float* rows[9];
      int count = 0;
      for (int k = std::max(1, s - 1); k <= std::min(scales, s + 1); ++k)
        for (int j = y - 1; j <= y + 1; ++j) rows[count++] = D(k, j);
      mark_extremes(D(s, y), rows, count, early, mark[0], n);
      const uchar *begin = mark[0], *end = begin + std::min(x1, octave.cols() - setting.margin) - x0,
                  *at = begin + std::max(0, setting.margin - x0);
      while (at < end && (at = static_cast<const uchar*>(std::memchr(at, 1, static_cast<size_t>(end - at))))) {
        const int x = x0 + static_cast<int>(at++ - begin);
        if (is_extremum(octave, s, y, x, early, setting.strict)) found.push_back({s, y, x});
      }
    }
  }
}

// --- 3 refine --------------------------------------------------------------------------------------------------------

// D around a sample to second order: g, and H as ss ys xs yy xy xx.
struct Taylor {
  double D, s, y, x, ss, ys, xs, yy, xy, xx;
};

Taylor expand(const Octave& octave, int s, int y, int x) {
  const auto D = [&](int k, int j, int i) { return static_cast<double>(octave.D(s + k, y + j, x + i)); };
  const double here = D(0, 0, 0);
  Taylor t;
  t.D = here;
  t.s = (D(1, 0, 0) - D(-1, 0, 0)) / 2;
  t.y = (D(0, 1, 0) - D(0, -1, 0)) / 2;
  t.x = (D(0, 0, 1) - D(0, 0, -1)) / 2;
  t.ss = D(1, 0, 0) + D(-1, 0, 0) - 2 * here;
  t.yy = D(0, 1, 0) + D(0, -1, 0) - 2 * here;
  t.xx = D(0, 0, 1) + D(0, 0, -1) - 2 * here;
  t.ys = (D(1, 1, 0) - D(1, -1, 0) - D(-1, 1, 0) + D(-1, -1, 0)) / 4;
  t.xs = (D(1, 0, 1) - D(1, 0, -1) - D(-1, 0, 1) + D(-1, 0, -1)) / 4;
  t.xy = (D(0, 1, 1) - D(0, 1, -1) - D(0, -1, 1) + D(0, -1, -1)) / 4;
  return t;
}

struct Offset {
  double s, y, x;
};

// z = -H^-1 g by Cramer's rule; 0 where H has no inverse.
Offset solve(const Taylor& t) {
  const double a = t.yy * t.xx - t.xy * t.xy, b = t.xy * t.xs - t.ys * t.xx, c = t.ys * t.xy - t.yy * t.xs;
  const double det = t.ss * a + t.ys * b + t.xs * c;
  if (!(std::abs(det) > 1e-30)) return {0, 0, 0};
  const double d = t.ss * t.xx - t.xs * t.xs, e = t.ys * t.xs - t.ss * t.xy, f = t.ss * t.yy - t.ys * t.ys;
  return {-(a * t.s + b * t.y + c * t.x) / det, -(b * t.s + d * t.y + e * t.x) / det,
          -(c * t.s + e * t.y + f * t.x) / det};
}

int step_of(double offset, const Setting& setting) {
  if (std::abs(offset) <= setting.move) return 0;
  if (setting.moves_in_scale) return static_cast<int>(std::lrint(std::clamp(offset, -1e6, 1e6)));
  return offset > 0 ? 1 : -1;
}

KeyPoint refine_one(const Octave& octave, const Extremum& e, const SiftParams& p, const Setting& setting) {
  KeyPoint k;
  k.octave = octave.index;
  int s = e.s, y = e.y, x = e.x;
  const int m = setting.margin, rows = octave.rows(), cols = octave.cols();
  const auto inside = [&] {
    return s >= 1 && s <= octave.scales() && y >= m && y < rows - m && x >= m && x < cols - m &&
           std::abs(y - e.y) <= kFar && std::abs(x - e.x) <= kFar;
  };
  Taylor t{};
  Offset z{};
  for (int move = 0;; ++move) {
    t = expand(octave, s, y, x);
    z = solve(t);
    const int ds = setting.moves_in_scale ? step_of(z.s, setting) : 0;
    const int dy = step_of(z.y, setting), dx = step_of(z.x, setting);
    if ((ds == 0 && dy == 0 && dx == 0) || move + 1 == kMoves) break;
    const int s0 = s, y0 = y, x0 = x;
    s += ds, y += dy, x += dx;
    if (inside()) continue;
    s = s0, y = y0, x = x0;
    if (p.preset == SiftPreset::opencv) z = {2, 2, 2};  // it gives up
    break;
  }
  k.s = s, k.row = y, k.col = x;
  k.scale = s + z.s, k.y = y + z.y, k.x = x + z.x;
  const double value = t.D + (t.s * z.s + t.y * z.y + t.x * z.x) / 2;
  k.response = std::abs(value);
  const double trace = t.xx + t.yy, det = t.xx * t.yy - t.xy * t.xy;
  if (!(std::abs(z.s) < setting.accept && std::abs(z.y) < setting.accept && std::abs(z.x) < setting.accept) ||
      !(k.y >= 0 && k.y <= rows - 1 && k.x >= 0 && k.x <= cols - 1 && k.scale >= 0 && k.scale <= octave.scales() + 1))
    k.fate = Fate::unstable;
  else if (k.response * p.scales < contrast_of(p))
    k.fate = Fate::contrast;
  else if (!(det > 0 && trace * trace * p.edge < (p.edge + 1) * (p.edge + 1) * det))  // [Lowe2004, sec. 4.1]
    k.fate = Fate::edge;
  return k;
}

}  // namespace

double KeyPoint::sigma(const SiftParams& p) const { return p.sigma * std::exp2(scale / p.scales); }

std::vector<Extremum> find_extrema(const Octave& octave, int y0, int y1, const SiftParams& p, const Setting& setting,
                                   const Context& ctx) {
  const int m = setting.margin, cols = octave.cols();
  y0 = std::max(y0, m), y1 = std::min(y1, octave.rows() - m);
  if (y0 >= y1) return {};
  constexpr int kTile = 512;  // columns: three rows of each difference stay in the first-level cache
  std::vector<std::vector<Extremum>> tiles(static_cast<size_t>((cols + kTile - 1) / kTile));
  parallel_for(ctx.threads, cols, kTile, [&](Index begin, Index end) {
    find_in_tile(octave, setting, early_threshold(p, setting), y0, y1, static_cast<int>(begin), static_cast<int>(end),
                 tiles[static_cast<size_t>(begin / kTile)]);
  });
  std::vector<Extremum> all;
  for (const auto& tile : tiles) all.insert(all.end(), tile.begin(), tile.end());
  return all;
}

std::vector<Extremum> find_extrema_textbook(const Octave& octave, const SiftParams& p, const Setting& setting) {
  std::vector<Extremum> found;
  const float early = early_threshold(p, setting);
  for (int y = setting.margin; y < octave.rows() - setting.margin; ++y)
    for (int s = 1; s <= octave.scales(); ++s)
      for (int x = setting.margin; x < octave.cols() - setting.margin; ++x)
        if (is_extremum(octave, s, y, x, early, setting.strict)) found.push_back({s, y, x});
  return found;
}

std::vector<KeyPoint> refine(const Octave& octave, const std::vector<Extremum>& extrema, const SiftParams& p,
                             const Setting& setting, const Context& ctx) {
  std::vector<KeyPoint> points(extrema.size());
  parallel_for(ctx.threads, static_cast<Index>(extrema.size()), 256, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      points[static_cast<size_t>(i)] = refine_one(octave, extrema[static_cast<size_t>(i)], p, setting);
  });
  return points;
}

}  // namespace assay::sift_stages
