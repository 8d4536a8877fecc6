#include "assay/ml/svm/smo_trace.h"

#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/cluster/trace_canvas.h"

namespace assay::svm {
namespace {

using kmeans::Canvas;
using kmeans::Color;
using kmeans::Plane;
using kmeans::tint;

constexpr Color kPlus{170, 90, 20}, kMinus{20, 100, 220}, kBlack{20, 20, 20}, kGrey{150, 150, 150}, kGrows{60, 140, 20},
    kFalls{40, 30, 190};
constexpr long kFirstPictures = 12;
constexpr Index kDrawn = 2000;  // rows of a picture, and vectors of a shaded one
constexpr int kGrid = 4;        // f is computed at every fourth pixel of each line, and interpolated

struct SmoStep {
  static constexpr const char* kind = "smo";
  static constexpr const char* title = "choose two variables, move them against each other [Fan2005, WSS 2]";
  static constexpr const char* source = "ml/svm/smo.cpp:step";
  SmoMove move;
  double beta_i, beta_j;  // before
  long can_rise, can_fall;
  double objective, gap;
  std::string why;
  static void fields(const SmoStep& s, auto&& field) {
    field("t", s.move.t, "step");
    field("i", s.move.i + 1, "row whose beta grows: argmax of -F - s epsilon over I_up [Fan2005, eq. 3]");
    field("j", s.move.j + 1, "row whose beta falls: the largest gain with i [Fan2005, WSS 2]");
    field("gain", s.move.gain, "(m - v_j)^2 / a: twice what an unclipped step with j takes off the objective");
    field("runner-up", s.move.runner_up + 1, "row with the next best gain; 0: none");
    field("its gain", s.move.runner_up_gain, "what it would have been");
    field("m", s.move.m, "max over I_up");
    field("M", s.move.M, "min over I_low");
    field("m - M", s.move.m - s.move.M, "violation of the optimality conditions");
    field("|I_up|", s.can_rise, "rows whose beta may grow");
    field("|I_low|", s.can_fall, "rows whose beta may fall");
    field("active", s.move.active, "rows that are not set aside");
    field("a", s.move.curvature, "K_ii + K_jj - 2 K_ij");
    field("unclipped", s.move.wanted, "step to the minimum along the line");
    field("room up", s.move.up, "how far beta_i may grow");
    field("room down", s.move.down, "how far beta_j may fall");
    field("step", s.move.length, "the least of the three");
    field("beta_i", std::vector<double>{s.beta_i, s.move.beta_i}, "before and after");
    field("beta_j", std::vector<double>{s.beta_j, s.move.beta_j}, "before and after");
    field("objective", s.objective, "smo.h (1), after the step");
    field("gap", s.gap, "primal minus dual, after the step");
  }
};

struct KktStep {
  static constexpr const char* kind = "kkt";
  static constexpr const char* title = "the KKT conditions at the end";
  static constexpr const char* source = "ml/svm/smo.cpp:finish";
  std::string rows_with, condition;
  long rows = 0;
  double worst = 0;
  long row = 0;
  static void fields(const KktStep& s, auto&& field) {
    field("rows with", s.rows_with, "where beta stands in its box");
    field("must have", s.condition, "the optimality condition of such a row");
    field("rows", s.rows, "how many there are");
    field("worst", s.worst, "largest violation of the condition");
    field("row", s.row, "where; 0: nowhere");
  }
};

std::string reason(const SmoMove& m) {
  const std::string pair = "i violates most, and j promises the most with it; ";
  if (m.length == m.wanted) return pair + "the minimum along the line lies inside the box";
  if (m.length == m.up && m.length == m.down) return pair + "both reach their bounds";
  return pair + (m.length == m.up ? "beta_i reaches its bound first" : "beta_j reaches its bound first");
}

}  // namespace

struct SmoTrace::State {
  State(const Context& c, const DualProblem& p, const KernelRows& r) : ctx(c), problem(p), rows(r.table(), r.rows()) {
    result.beta.assign(p.z.size(), 0.0);
    for (const double z : p.z) F.push_back(-z);
    classes = p.epsilon == 0 && std::all_of(p.z.begin(), p.z.end(), [](double z) { return z == 1 || z == -1; });
    if (classes && rows.is_dense()) plane = std::make_unique<Plane>(r.table().samples);
    for (auto& row : space) row.assign(static_cast<size_t>(padded(rows.n())), 0.0F);
  }

  const Context& ctx;
  const DualProblem& problem;
  KernelRows rows;
  SmoResult result;
  std::vector<double> F;
  std::vector<float> space[2];
  bool classes = false;
  std::unique_ptr<Plane> plane;  // of classes in dense rows
  std::vector<double> violation, gap, objective;
  long next_picture = 0;

  double upper(Index t) const { return problem.upper[static_cast<size_t>(t)]; }
  double lower(Index t) const { return problem.lower[static_cast<size_t>(t)]; }
  double beta(Index t) const { return result.beta[static_cast<size_t>(t)]; }
  const double* x(Index t) const { return rows.table().samples.rows().row(rows.rows()[static_cast<size_t>(t)]).data(); }

  void take(const SmoMove& m) {
    const Index pair[2] = {m.i, m.j};
    float* const out[2] = {space[0].data(), space[1].data()};
    rows.compute(pair, 2, 0, padded(rows.n()), out);
    for (size_t t = 0; t < F.size(); ++t)
      F[t] += m.length * (static_cast<double>(out[0][t]) - static_cast<double>(out[1][t]));
    result.beta[static_cast<size_t>(m.i)] = m.beta_i;
    result.beta[static_cast<size_t>(m.j)] = m.beta_j;
    finish(problem, F, result);
    violation.push_back(result.violation);
    gap.push_back(result.gap);
    objective.push_back(result.objective);
  }

  void show(const SmoMove& m, double beta_i, double beta_j) {
    ctx.trace.step([&] {
      SmoStep s{m, beta_i, beta_j, 0, 0, result.objective, result.gap, reason(m)};
      for (Index t = 0; t < rows.n(); ++t) s.can_rise += beta(t)<upper(t), s.can_fall += beta(t)> lower(t);
      return s;
    });
    if (m.t < next_picture) return;
    if (m.t >= kFirstPictures) next_picture = m.t + m.t / 4;
    if (plane) draw_machine(&m);
    draw_box(m, beta_i, beta_j);
  }

  double value_at(const double* query) const {
    const Index d = rows.table().samples.d();
    const double zz = dot(query, query, d);
    double f = -result.rho;
    for (Index t = 0; t < rows.n(); ++t) {
      if (beta(t) == 0) continue;
      const double* own = x(t);
      f += beta(t) * kernel_value(rows.table().k, dot(own, query, d), dot(own, own, d), zz);
    }
    return f;
  }

  // Sides in two tints, lines where f is -1, 0 and 1.
  void shade(Canvas& canvas) const {
    constexpr int kPoints = Canvas::kSize / kGrid + 2;
    std::vector<double> grid(static_cast<size_t>(kPoints) * kPoints),
        f(static_cast<size_t>(Canvas::kSize) * Canvas::kSize);
    double query[2] = {};
    for (int v = 0; v < kPoints; ++v)
      for (int u = 0; u < kPoints; ++u) {
        plane->place(Canvas::across(u * kGrid), Canvas::up(v * kGrid), query);
        grid[static_cast<size_t>(v * kPoints + u)] = value_at(query);
      }
    for (int y = 0; y < Canvas::kSize; ++y)
      for (int px = 0; px < Canvas::kSize; ++px) {
        const double a = static_cast<double>(px % kGrid) / kGrid, b = static_cast<double>(y % kGrid) / kGrid;
        const double* at = grid.data() + y / kGrid * kPoints + px / kGrid;
        f[static_cast<size_t>(y * Canvas::kSize + px)] =
            (1 - b) * ((1 - a) * at[0] + a * at[1]) + b * ((1 - a) * at[kPoints] + a * at[kPoints + 1]);
      }
    for (int y = 0; y + 1 < Canvas::kSize; ++y)
      for (int px = 0; px + 1 < Canvas::kSize; ++px) {
        const double* at = f.data() + y * Canvas::kSize + px;
        canvas.pixel(px, y, tint(*at > 0 ? kPlus : kMinus, std::abs(*at) < 1 ? 0.08 : 0.18));
        for (const double level : {-1.0, 0.0, 1.0})
          if ((*at > level) != (at[1] > level) || (*at > level) != (at[Canvas::kSize] > level))
            canvas.pixel(px, y, level == 0 ? kBlack : kGrey);
      }
  }

  // A row, larger with its alpha; a tick above it if beta may grow, one below if it may fall.
  void draw_row(Canvas& canvas, Index t) const {
    constexpr double kPixel = 1.0 / Canvas::kSize;
    const double C = std::max(upper(t), -lower(t)), px = plane->x(x(t)), y = plane->y(x(t));
    const double radius = 2.4 + 4 * std::abs(beta(t)) / C;
    const Color color = problem.z[static_cast<size_t>(t)] > 0 ? kPlus : kMinus;
    canvas.disc(px, y, radius, beta(t) != 0 ? color : tint(color, 0.6));
    if (beta(t) < upper(t)) canvas.line(px, y + radius * kPixel, px, y + (radius + 4) * kPixel, color);
    if (beta(t) > lower(t)) canvas.line(px, y - radius * kPixel, px, y - (radius + 4) * kPixel, color);
  }

  void draw_machine(const SmoMove* m) {
    Canvas canvas;
    Index vectors = 0;
    for (Index t = 0; t < rows.n(); ++t) vectors += beta(t) != 0;
    const bool shaded = plane->whole() && rows.table().samples.d() == 2 && vectors <= kDrawn;
    if (shaded) shade(canvas);
    for (Index t = 0; t < rows.n(); t += std::max<Index>(1, rows.n() / kDrawn)) draw_row(canvas, t);
    const auto ring = [&](Index t, Color color) {
      for (const double r : {8.0, 9.2}) canvas.ring(plane->x(x(t)), plane->y(x(t)), r, color);
    };
    if (m) {
      if (m->runner_up >= 0) ring(m->runner_up, kGrey);
      ring(m->i, kGrows);
      ring(m->j, kFalls);
    }
    ctx.trace.image([&] {
      return TraceImage{
          "machine",
          m ? "Step " + std::to_string(m->t + 1) + ": the machine after it" : "The machine at the end",
          std::string(shaded ? "Shaded: the side of each place; black: f = 0; grey: f = -1 and 1. " : "") +
              "Dots grow with alpha; pale: alpha = 0. A tick above: in I_up, beta may grow; below: in I_low, it may "
              "fall." +
              (m ? " Ringed green: i, red: j, grey: the runner-up. " : " ") + plane->text(rows.table().samples.columns),
          canvas.view(),
          false,
          {{"support vectors", static_cast<long long>(vectors), "rows with alpha > 0"},
           {"rho", result.rho, "f(x) = sum beta k - rho"},
           {"violation", result.violation, "m - M"}},
          "ml/svm/smo.cpp:solve"};
    });
  }

  void draw_box(const SmoMove& m, double beta_i, double beta_j) {
    Canvas canvas;
    const auto across = [&](double b) { return 0.2 + 0.6 * (b - lower(m.i)) / (upper(m.i) - lower(m.i)); };
    const auto up = [&](double b) { return 0.2 + 0.6 * (b - lower(m.j)) / (upper(m.j) - lower(m.j)); };
    for (const double side : {0.2, 0.8}) {
      canvas.line(side, 0.2, side, 0.8, kBlack);
      canvas.line(0.2, side, 0.8, side, kBlack);
    }
    const double width = std::max(upper(m.i) - lower(m.i), upper(m.j) - lower(m.j));
    canvas.line(across(beta_i - width), up(beta_j + width), across(beta_i + width), up(beta_j - width), kGrey);
    const double x = across(beta_i + m.wanted), y = up(beta_j - m.wanted);
    const bool visible = x < 1.03 && y > -0.03;
    for (const double r : {6.0, 7.0})
      if (visible) canvas.ring(x, y, r, kFalls);
    canvas.disc(across(beta_i), up(beta_j), 5, kGrey);
    canvas.disc(across(m.beta_i), up(m.beta_j), 4, kBlack);
    ctx.trace.image([&] {
      return TraceImage{
          "box",
          "Step " + std::to_string(m.t + 1) + ": the two-variable problem and its box",
          std::string(
              "Across: beta_i, up: beta_j, each in its box. Their sum is kept: they move along the grey line. Grey: "
              "before; red ring: the minimum along the line") +
              (visible ? "" : " (outside this picture)") + "; black: where the step ends.",
          canvas.view(),
          false,
          {{"unclipped", m.wanted, "step to the minimum"}, {"step", m.length, "as far as the box allows"}},
          "ml/svm/smo.cpp:plan",
          reason(m)};
    });
  }

  void draw_progress() const {
    if (violation.empty()) return;
    double hi = 1e-300;
    for (const auto* v : {&violation, &gap})
      for (const double value : *v) hi = std::max(hi, value);
    const double top = std::ceil(std::log10(hi)), bottom = top - 12;
    const double first = *std::max_element(objective.begin(), objective.end()), last = objective.back();
    Canvas canvas;
    const auto curve = [&](const std::vector<double>& v, Color color, const auto& height) {
      const size_t n = v.size(), stride = std::max<size_t>(1, n / kDrawn);
      for (size_t t = stride; t < n; t += stride)
        canvas.line(static_cast<double>(t - stride) / static_cast<double>(n), height(v[t - stride]),
                    static_cast<double>(t) / static_cast<double>(n), height(v[t]), color);
    };
    const auto logarithm = [&](double v) { return std::max(0.0, (std::log10(std::max(v, 1e-300)) - bottom) / 12); };
    curve(gap, kPlus, logarithm);
    curve(violation, kFalls, logarithm);
    curve(objective, kBlack, [&](double v) { return first > last ? (v - last) / (first - last) : 0.0; });
    ctx.trace.image([&] {
      return TraceImage{"progress",
                        "Violation, gap and objective over the steps",
                        "Across: steps, " + std::to_string(violation.size()) +
                            " in all. Red: violation, blue: duality gap, both on a scale of powers of ten from 1e" +
                            std::to_string(static_cast<int>(bottom)) + " (foot) to 1e" +
                            std::to_string(static_cast<int>(top)) + ". Black: the objective, from " +
                            six_digits(first) + " (top) to " + six_digits(last) + "; it never rises.",
                        canvas.view(),
                        false,
                        {{"violation", violation.back(), "at the end"},
                         {"gap", gap.back(), "at the end"},
                         {"objective", last, "at the end"}},
                        "ml/svm/smo.cpp:finish"};
    });
  }

  void show_conditions() const {
    const std::string e = six_digits(problem.epsilon);
    KktStep table[3];
    if (classes) {
      table[0] = {"alpha = 0", "y f >= 1"};
      table[1] = {"0 < alpha < C", "y f = 1"};
      table[2] = {"alpha = C", "y f <= 1"};
    } else {
      table[0] = {"beta = 0", "|f - y| <= " + e};
      table[1] = {"0 < |beta| < C", "|f - y| = " + e};
      table[2] = {"|beta| = C", "|f - y| >= " + e};
    }
    for (Index t = 0; t < rows.n(); ++t) {
      const double error = F[static_cast<size_t>(t)] - result.rho, b = beta(t);
      // How far the row is beyond its margin (classes: 1 - y f) or its tube, on the side that its beta stands for.
      const double side = b != 0 ? (b > 0 ? 1 : -1) : classes ? problem.z[static_cast<size_t>(t)] : error < 0 ? 1 : -1;
      const double beyond = -side * error - problem.epsilon;
      const bool bounded = b != 0 && (b >= upper(t) || b <= lower(t));
      KktStep& s = table[b == 0 ? 0 : bounded ? 2 : 1];
      const double wrong = b == 0 ? beyond : bounded ? -beyond : std::abs(beyond);
      ++s.rows;
      if (wrong > s.worst) s.worst = wrong, s.row = t + 1;
    }
    for (const KktStep& s : table) ctx.trace.step([&] { return s; });
  }
};

SmoTrace::SmoTrace(const Context& ctx, const DualProblem& problem, const KernelRows& rows)
    : state_(std::make_unique<State>(ctx, problem, rows)) {}
SmoTrace::~SmoTrace() = default;

void SmoTrace::moved(const SmoMove& move) {
  const double beta_i = state_->beta(move.i), beta_j = state_->beta(move.j);
  state_->take(move);
  state_->show(move, beta_i, beta_j);
}

void SmoTrace::finished() {
  finish(state_->problem, state_->F, state_->result);
  if (state_->plane) state_->draw_machine(nullptr);
  state_->draw_progress();
  state_->show_conditions();
}

}  // namespace assay::svm
