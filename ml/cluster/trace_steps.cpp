#include "assay/ml/cluster/trace_steps.h"

#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/cluster/lloyd.h"
#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/trace_canvas.h"

namespace assay::kmeans {
namespace {

constexpr Color kBlack{20, 20, 20}, kGrey{150, 150, 150}, kHeat{30, 30, 190}, kWinner{60, 140, 20};
constexpr Index kDrawn = 5000;  // rows of a picture

Index stride_of(Index n) { return std::max<Index>(1, n / kDrawn); }

struct SeedStep {
  static constexpr const char* kind = "seed";
  static constexpr const char* title = "draw the first centres: k-means++ (seed.h, 1)";
  static constexpr const char* source = "ml/cluster/seed.cpp:plus_plus";
  long c, row;
  double potential, probability;
  std::vector<double> candidates, sums;
  std::string why;
  static void fields(const SeedStep& s, auto&& field) {
    field("c", s.c, "number of the centre");
    field("row", s.row, "the row it is");
    field("p", s.probability, "the chance of drawing that row, w D^2 over the sum");
    field("sum w D^2", s.potential, "what the centres before it leave");
    field("candidates", s.candidates, "rows that were drawn");
    field("sums", s.sums, "what each would leave; the least is taken");
  }
};

struct HalfStep {
  static constexpr const char* kind = "half-step";
  static constexpr const char* title = "half-steps: nearest centres, then means (kmeans.h, 1)";
  static constexpr const char* source = "ml/cluster/lloyd.cpp:iterate";
  long t;
  std::string half;
  double inertia;
  long changed;
  double moved;
  AssignCounts counts;
  std::vector<double> sizes;
  std::string why;
  static void fields(const HalfStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("half", s.half, "which half-step");
    field("inertia", s.inertia, "(1): no half-step can raise it");
    field("changed", s.changed, "rows that changed their cluster");
    field("moved", s.moved, "sum of the centres' squared moves");
    field("kept by s", s.counts.rows_kept_by_center, "rows whose u is below half the distance to the nearest centre");
    field("kept by l", s.counts.rows_kept_by_bound, "rows whose u is below the lower bound");
    field("kept by d", s.counts.rows_kept_by_distance, "rows kept after measuring the distance to their own centre");
    field("searched", s.counts.rows_searched, "rows whose other centres were measured");
    field("distances", s.counts.distances, "distances measured: n k without bounds");
    field("sizes", s.sizes, "rows of each cluster");
  }
};

struct EmptyStep {
  static constexpr const char* kind = "empty-cluster";
  static constexpr const char* title = "an empty cluster takes the farthest row";
  static constexpr const char* source = "ml/cluster/lloyd.cpp:fill_empty_clusters";
  long t, cluster, row, from;
  static void fields(const EmptyStep& s, auto&& field) {
    field("t", s.t, "iteration");
    field("cluster", s.cluster, "had no rows");
    field("row", s.row, "the row it takes: farthest from its centre");
    field("from", s.from, "the cluster that row leaves");
  }
};

struct StartStep {
  static constexpr const char* kind = "start";
  static constexpr const char* title = "several starts: the least inertia is kept";
  static constexpr const char* source = "ml/cluster/kmeans.cpp:fit";
  long start;
  double inertia;
  bool best;
  static void fields(const StartStep& s, auto&& field) {
    field("start", s.start, "number of the start");
    field("inertia", s.inertia, "at its end");
    field("best", s.best, "the one that is kept");
  }
};

}  // namespace

void trace_seed(const Context& ctx, const Samples& samples, const std::vector<Index>& chosen,
                const std::vector<double>& squared, const std::vector<Index>& candidates,
                const std::vector<double>& sums, size_t best) {
  if (!ctx.trace) return;
  const Matrix& X = samples.rows();
  const Index row = candidates[best];
  double potential = 0, largest = 0;
  for (Index i = 0; i < X.rows() && !squared.empty(); ++i) {
    potential += samples.weight_of(i) * squared[static_cast<size_t>(i)];
    largest = std::max(largest, squared[static_cast<size_t>(i)]);
  }
  const double p = potential > 0 ? samples.weight_of(row) * squared[static_cast<size_t>(row)] / potential : 0;
  const auto c = static_cast<long>(chosen.size()) + 1;
  ctx.trace.step([&] {
    SeedStep step{c, static_cast<long>(row + 1), potential, p, {}, sums, ""};
    for (const Index i : candidates) step.candidates.push_back(static_cast<double>(i + 1));
    step.why = squared.empty()          ? "drawn by weight alone: there is no centre yet"
               : candidates.size() == 1 ? "far rows are likely: the chance grows with the squared distance"
                                        : "of the rows that were drawn, it leaves the smallest sum";
    return step;
  });
  const Plane plane(samples);
  Canvas canvas;
  for (Index i = 0; i < X.rows(); i += stride_of(X.rows())) {
    const double heat = largest > 0 ? squared[static_cast<size_t>(i)] / largest : 0;
    canvas.disc(plane.x(X.row(i).data()), plane.y(X.row(i).data()), 3.2,
                squared.empty() ? kGrey : tint(kHeat, 0.08 + 0.92 * heat));
  }
  for (size_t j = 0; j < candidates.size(); ++j) {
    const double* x = X.row(candidates[j]).data();
    for (const double r : {6.0, 7.2}) canvas.ring(plane.x(x), plane.y(x), r, j == best ? kWinner : kGrey);
  }
  for (const Index i : chosen) canvas.disc(plane.x(X.row(i).data()), plane.y(X.row(i).data()), 5.5, kBlack);
  ctx.trace.image([&] {
    return TraceImage{"seed",
                      "Centre " + std::to_string(c) + ": seeding",
                      std::string(squared.empty() ? "Grey: the rows, all equally likely."
                                                  : "The redder a row, the larger its squared distance D^2 to the "
                                                    "nearest centre, and the likelier it is drawn.") +
                          " Black: centres so far. Ringed: drawn; green: taken. " + plane.text(samples.columns),
                      canvas.view(),
                      false,
                      {{"row", static_cast<long long>(row + 1), "the row that is taken"},
                       {"p", p, "its chance"},
                       {"sum w D^2", potential, "before it"}},
                      "ml/cluster/seed.cpp:plus_plus"};
  });
}

struct TraceHalfSteps::State {
  State(const Context& c, const Samples& s) : ctx(c), samples(s), plane(s) {}
  const Context& ctx;
  const Samples& samples;
  Plane plane;
  std::vector<Matrix> path;  ///< the centres of each iteration
  double before = 0;

  void show(HalfStep step, const Matrix& centers, const std::vector<int>& labels, const std::vector<Change>& changes) {
    const Summary summary = summarize(samples, labels, centers, 1);
    step.inertia = summary.total();
    step.sizes.assign(summary.sizes.data(), summary.sizes.data() + summary.sizes.size());
    const double fell = before - step.inertia;
    if (before > 0 && step.why.empty()) step.why = "the inertia fell by " + significant(fell, 3);
    before = step.inertia;
    ctx.trace.step([&] { return step; });
    draw(step, centers, labels, changes);
  }

  void cells(Canvas& canvas, const Matrix& centers) const {
    Vector row(centers.cols());
    const Direct direct(centers);
    for (int y = 0; y < Canvas::kSize; ++y)
      for (int x = 0; x < Canvas::kSize; ++x) {
        plane.place(Canvas::across(x), Canvas::up(y), row.data());
        canvas.pixel(x, y, tint(cluster_color(direct.nearest(row.data()).label), 0.16));
      }
  }

  void draw(const HalfStep& step, const Matrix& centers, const std::vector<int>& labels,
            const std::vector<Change>& changes) {
    const Matrix& X = samples.rows();
    Canvas canvas;
    if (plane.whole()) cells(canvas, centers);
    for (Index i = 0; i < X.rows(); i += stride_of(X.rows()))
      canvas.disc(plane.x(X.row(i).data()), plane.y(X.row(i).data()), 2.6,
                  cluster_color(labels[static_cast<size_t>(i)]));
    if (step.t > 1 && static_cast<Index>(changes.size()) < kDrawn)
      for (const Change& change : changes)
        canvas.ring(plane.x(X.row(change.row).data()), plane.y(X.row(change.row).data()), 5, kBlack);
    for (Index c = 0; c < centers.rows(); ++c) {
      for (size_t s = 0; s + 1 < path.size(); ++s)
        canvas.line(plane.x(path[s].row(c).data()), plane.y(path[s].row(c).data()), plane.x(path[s + 1].row(c).data()),
                    plane.y(path[s + 1].row(c).data()), kBlack);
      const double x = plane.x(centers.row(c).data()), y = plane.y(centers.row(c).data());
      canvas.disc(x, y, 7, kBlack);
      canvas.disc(x, y, 5, cluster_color(static_cast<int>(c)));
    }
    const bool nearest = step.half == "nearest centre";
    ctx.trace.image([&] {
      return TraceImage{
          nearest ? "nearest" : "means",
          "Iteration " + std::to_string(step.t) + ": " +
              (nearest ? "every row takes the nearest centre" : "every centre moves to the mean of its rows"),
          std::string(plane.whole() ? "Shaded: the cell of each centre. " : "") +
              "Large dots: centres, their tails where they came from." +
              (nearest && step.t > 1 ? " Ringed: " + std::to_string(step.changed) +
                                           (step.changed == 1 ? " row" : " rows") + " that changed."
                                     : "") +
              " " + plane.text(samples.columns),
          canvas.view(),
          false,
          {{"inertia", step.inertia, "after this half-step"},
           {"changed", static_cast<long long>(step.changed), "rows that changed their cluster"},
           {"moved", step.moved, "sum of the centres' squared moves"}},
          "ml/cluster/lloyd.cpp:iterate",
          step.why};
    });
  }
};

TraceHalfSteps::TraceHalfSteps(const Context& ctx, const Samples& samples) {
  if (ctx.trace) state_ = std::make_unique<State>(ctx, samples);
}
TraceHalfSteps::~TraceHalfSteps() = default;

void TraceHalfSteps::assigned(long t, const Matrix& centers, const Assigner& assigner,
                              const std::vector<Change>& changes) {
  if (!state_) return;
  if (state_->path.empty()) state_->path.push_back(centers);
  HalfStep step{t, "nearest centre", 0, static_cast<long>(changes.size()), 0, assigner.counts(), {}, ""};
  if (changes.empty()) step.why = "no row changed: the centres are the means of their rows, and stay";
  state_->show(step, centers, assigner.labels(), changes);
}

void TraceHalfSteps::filled(long t, const std::vector<Change>& moved) {
  if (!state_) return;
  for (const Change& m : moved)
    state_->ctx.trace.step([&] { return EmptyStep{t, m.to, static_cast<long>(m.row + 1), m.from}; });
}

void TraceHalfSteps::moved(long t, const Matrix& centers, const Assigner& assigner, double squared_move) {
  if (!state_) return;
  state_->path.push_back(centers);
  state_->show({t, "means", 0, 0, squared_move, {}, {}, ""}, centers, assigner.labels(), {});
}

void trace_starts(const Context& ctx, const std::vector<double>& inertias, int best) {
  if (!ctx.trace || inertias.size() < 2) return;
  for (size_t s = 0; s < inertias.size(); ++s)
    ctx.trace.step([&] { return StartStep{static_cast<long>(s + 1), inertias[s], static_cast<int>(s) == best}; });
  const auto [lo, hi] = std::minmax_element(inertias.begin(), inertias.end());
  const double least = *lo, range = std::max(*hi - least, 1e-12 * *hi);
  Canvas canvas;
  canvas.line(0, 0.5, 1, 0.5, kGrey);
  for (size_t s = 0; s < inertias.size(); ++s) {
    const double x = (inertias[s] - least) / range;
    int same = 0;  // equal starts are stacked
    for (size_t r = 0; r < s; ++r) same += std::abs(inertias[r] - inertias[s]) < 0.01 * range;
    canvas.disc(x, 0.5 + 0.028 * (same + 1), 5, static_cast<int>(s) == best ? kWinner : kGrey);
  }
  const std::string text = "One dot a start, its inertia across from " + six_digits(least) + " (left) to " +
                           six_digits(*hi) + "; equal ones are stacked. Green: the one that is kept.";
  ctx.trace.image([&] {
    return TraceImage{"starts",
                      "The starts",
                      text,
                      canvas.view(),
                      false,
                      {{"best", static_cast<long long>(best + 1), "start"}},
                      "ml/cluster/kmeans.cpp:fit"};
  });
}

}  // namespace assay::kmeans
