// features/sift/sift.cpp
// Notation   G_s: L at scale s of an octave;  D_s = G_(s+1) - G_s
// Method     1 octaves of G (scale_space.cpp)   2 extrema of D   3 refine   4 reject (extrema.cpp)   5 main directions
//            6 descriptors (describe.cpp)   7 rank
// Departures from the papers: steps 1 to 6 go through an octave strip by strip, from top to bottom, so that some rows of
//            one octave are in memory at a time. Each part names its own.

#include "assay/features/sift/sift.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "assay/core/parallel.h"
#include "assay/features/sift/sift_internal.h"

namespace assay {

namespace {

using namespace sift_stages;

struct Row {
  double x, y, sigma, angle, response;
  int octave;
  std::array<uint8_t, kLength> d;
};

std::vector<KeyPoint> kept(const std::vector<KeyPoint>& refined) {
  std::vector<KeyPoint> points;
  for (const KeyPoint& k : refined)
    if (k.fate == Fate::kept) points.push_back(k);
  return points;
}

// Step 5 for some points: one copy a direction.
std::vector<KeyPoint> directed(const Octave& octave, const std::vector<KeyPoint>& points, const SiftParams& p,
                               const Setting& setting, const Context& ctx) {
  if (p.upright) return points;
  std::vector<std::vector<double>> angles(points.size());
  parallel_for(ctx.threads, static_cast<Index>(points.size()), 16, [&](Index begin, Index end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      angles[i] = main_directions(direction_histogram(octave, points[i], p, setting), setting);
  });
  std::vector<KeyPoint> all;
  for (size_t i = 0; i < points.size(); ++i)
    for (double angle : angles[i]) {
      all.push_back(points[i]);
      all.back().angle = angle;
    }
  return all;
}

// Step 6 for some points.
void describe(const Octave& octave, const std::vector<KeyPoint>& points, const SiftParams& p, const Setting& setting,
              const Context& ctx, std::vector<Row>& rows) {
  const size_t first = rows.size();
  rows.resize(first + points.size());
  parallel_for(ctx.threads, static_cast<Index>(points.size()), 16, [&](Index begin, Index end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const KeyPoint& k = points[i];
      Row& row = rows[first + i];
      row = {
          k.x * octave.step_px, k.y * octave.step_px, k.sigma(p) * octave.step_px, k.angle, k.response, k.octave, {}};
      if (!p.descriptors) continue;
      Descriptor d = vote(octave, k, p, setting);
      normalise(d, p.root_sift);
      for (size_t j = 0; j < kLength; ++j) row.d[j] = static_cast<uint8_t>(std::min(255.0f, 512 * d[j] + 0.5f));
    }
  });
}

// Step 7. OpenCV takes out points that lie on one another.
std::vector<const Row*> rank(const std::vector<Row>& rows, const SiftParams& p) {
  const auto key = [](const Row* r) { return std::tuple(-r->response, r->octave, r->y, r->x, r->sigma, r->angle); };
  std::vector<const Row*> ranked;
  for (const Row& row : rows) ranked.push_back(&row);
  std::stable_sort(ranked.begin(), ranked.end(), [&](const Row* a, const Row* b) { return key(a) < key(b); });
  if (p.preset == SiftPreset::opencv)
    ranked.erase(
        std::unique(ranked.begin(), ranked.end(), [&](const Row* a, const Row* b) { return key(a) == key(b); }),
        ranked.end());
  if (p.max_features && ranked.size() > static_cast<size_t>(*p.max_features))
    ranked.resize(static_cast<size_t>(*p.max_features));
  return ranked;
}

FeatureTable table_of(const std::vector<const Row*>& rows, const SiftParams& p) {
  FeatureTable table{{"x", "y", "sigma_px", "angle_rad", "response", "octave"}, {}, {}};
  if (p.descriptors)
    for (int j = 0; j < kLength; ++j) table.columns.push_back("d" + std::to_string(j));
  table.values.reserve(rows.size() * table.columns.size());
  for (const Row* r : rows) {
    for (double v : {r->x, r->y, r->sigma, r->angle, r->response, double(r->octave)}) table.values.push_back(v);
    if (p.descriptors) table.values.insert(table.values.end(), r->d.begin(), r->d.end());
  }
  return table;
}

// Steps 1 to 6 for one octave, from top to bottom.
void search(ScaleSpace& space, const SiftParams& p, const Setting& setting, const Context& ctx, Watcher& watcher,
            std::vector<Row>& rows) {
  const Octave& octave = space.next();
  std::vector<KeyPoint> all_refined, all_directed;  // for who watches
  std::deque<std::vector<KeyPoint>> waiting;        // until their windows are complete
  const auto finish_first = [&] {
    const std::vector<KeyPoint> points = directed(octave, waiting.front(), p, setting, ctx);
    waiting.pop_front();
    describe(octave, points, p, setting, ctx, rows);
    if (ctx.trace) all_directed.insert(all_directed.end(), points.begin(), points.end());
  };
  for (int y0 = 0; y0 < octave.rows(); y0 += space.strip()) {
    ctx.check_cancelled();
    const int y1 = std::min(octave.rows(), y0 + space.strip());
    space.complete(y1);
    const auto refined = refine(octave, find_extrema(octave, y0, y1, p, setting, ctx), p, setting, ctx);
    waiting.push_back(kept(refined));
    if (ctx.trace) all_refined.insert(all_refined.end(), refined.begin(), refined.end());
    if (static_cast<int>(waiting.size()) > space.strips_waiting()) finish_first();
  }
  while (!waiting.empty()) finish_first();
  if (ctx.trace) watcher.octave(octave, all_refined, all_directed, p, setting, ctx);
}

}  // namespace

FeatureTable Sift::detect(const Params& p, const cv::Mat& image, const Context& ctx) {
  const Setting setting = setting_of(p.preset);
  ScaleSpace space(image, p, setting, ctx, static_cast<bool>(ctx.trace));
  std::vector<Row> rows;
  Watcher watcher;
  for (int o = 0; o < space.octaves(); ++o) search(space, p, setting, ctx, watcher, rows);
  const FeatureTable table = table_of(rank(rows, p), p);
  if (ctx.trace) watcher.funnel(image, table, ctx);
  return table;
}

}  // namespace assay
