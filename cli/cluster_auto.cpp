#include "cli/cluster_auto.h"

#include <cmath>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/ml/cluster/choose_k.h"
#include "cli/report/figures/axis.h"
#include "cli/report/svg/svg_file.h"
#include "cli/terminal.h"

namespace assay::cli {
namespace {

using report::Markup;
using report::Point;

constexpr std::pair<int, int> kAutomatic{2, 10};

// ---- the picture: one small panel a curve

struct Curve {
  std::string name, says;
  std::vector<Point> points;
  std::vector<double> spread{};  ///< half the height of a bar at each point
  int mark = 0;                  ///< the k it points to; 0: none
  double rule = NAN;             ///< a line across
};

std::vector<Curve> curves_of(const KChoice& choice) {
  Curve elbow{"inertia (elbow)", "bends where more clusters stop paying", {}};
  Curve silhouette{"silhouette", "higher is better; 0.5: reasonable", {}, {}, choice.best_silhouette, 0.5};
  Curve gap{"gap, with its spread", "above noise; ring: k + 1 is no better", {}, {}, choice.best_gap};
  Curve calinski{"Calinski-Harabasz", "higher is better", {}, {}, choice.best_calinski};
  Curve davies{"Davies-Bouldin", "lower is better", {}, {}, choice.best_davies};
  Curve bic{"BIC", "lower is better", {}, {}, choice.best_bic};
  for (size_t j = 0; j < choice.rows.size(); ++j) {
    const KRow& r = choice.rows[j];
    const double k = r.k;
    gap.points.push_back({k, r.gap});
    gap.spread.push_back(r.gap_spread);
    if (j + 1 == choice.rows.size()) break;
    elbow.points.push_back({k, r.inertia});
    bic.points.push_back({k, r.bic});
    if (r.silhouette) silhouette.points.push_back({k, *r.silhouette});
    if (r.calinski_harabasz) calinski.points.push_back({k, *r.calinski_harabasz});
    if (r.davies_bouldin) davies.points.push_back({k, *r.davies_bouldin});
  }
  return {elbow, silhouette, gap, calinski, davies, bic};
}

Markup panel(const Curve& curve, double left, double top, double width, double height, std::pair<double, double> ks,
             const std::optional<int>& chosen) {
  std::vector<double> values;
  for (size_t j = 0; j < curve.points.size(); ++j) {
    const double s = curve.spread.empty() ? 0 : curve.spread[j];
    values.push_back(curve.points[j].y - s);
    values.push_back(curve.points[j].y + s);
  }
  if (!std::isnan(curve.rule)) values.push_back(curve.rule);
  report::Frame frame;
  frame.width = left + width, frame.height = top + height;
  frame.left = left + 52, frame.right = 10, frame.top = top + 34, frame.bottom = 26;
  frame.x.lo = ks.first - 0.3, frame.x.hi = ks.second + 0.3;
  frame.y = report::axis_over(values.empty() ? std::vector<double>{0, 1} : values, 0.08);
  frame.y_ticks = 4;
  frame.fit_axes();
  Markup content = frame.draw() + report::label(left + 52, top + 14, curve.name, "title") +
                   report::label(left + 52, top + 28, curve.says, "caption");
  if (chosen)
    content += report::line(frame.x(*chosen), frame.y.from, frame.x(*chosen), frame.y.to, "cursor",
                            "the verdict: " + std::to_string(*chosen));
  if (!std::isnan(curve.rule))
    content += report::line(frame.x.from, frame.y(curve.rule), frame.x.to, frame.y(curve.rule), "guide");
  std::vector<Point> pixels;
  for (size_t j = 0; j < curve.points.size(); ++j) {
    const Point p = frame.at(curve.points[j].x, curve.points[j].y);
    pixels.push_back(p);
    if (!curve.spread.empty())
      content += report::line(p.x, frame.y(curve.points[j].y - curve.spread[j]), p.x,
                              frame.y(curve.points[j].y + curve.spread[j]), "curve");
  }
  content += report::polyline(pixels, "curve") + report::dots(pixels, "curve-dots");
  for (const Point& p : curve.points)
    if (static_cast<int>(p.x) == curve.mark) {
      const Point at = frame.at(p.x, p.y);
      content += report::circle(at.x, at.y, 6, "ring", "points to " + std::to_string(curve.mark));
    }
  return content;
}

std::string choice_picture(const KChoice& choice) {
  const double width = 300, height = 210;
  const std::vector<Curve> curves = curves_of(choice);
  Markup content = report::label(16, 24, choice.verdict, "title");
  for (size_t j = 0; j < curves.size(); ++j)
    content +=
        panel(curves[j], static_cast<double>(j % 3) * width, 40 + std::floor(static_cast<double>(j) / 3) * height,
              width, height, {1, choice.rows.back().k}, choice.k);
  return report::svg_file(3 * width + 10, 2 * height + 50, {"How many clusters?", choice.verdict}, content,
                          ".ring{fill:none;stroke:var(--ink);stroke-width:1.5}.guide{stroke:var(--soft);"
                          "stroke-dasharray:4 3}");
}

// ---- the table

void put_choice(Invocation& call, const KChoice& choice) {
  const auto text = [](const std::optional<double>& v) { return v ? score_text(*v) : std::string(); };
  const auto marked = [](std::string value, int k, int best) { return value + (k == best ? " *" : "  "); };
  const auto number = [](const std::optional<double>& v) { return v ? Json(*v) : Json(); };
  TextTable table({"k", "inertia", "silhouette", "calinski_harabasz", "davies_bouldin", "gap", "spread", "bic"});
  Json rows = Json::array();
  for (size_t j = 0; j + 1 < choice.rows.size(); ++j) {
    const KRow& r = choice.rows[j];
    table.add({std::to_string(r.k), six_digits(r.inertia), marked(text(r.silhouette), r.k, choice.best_silhouette),
               marked(text(r.calinski_harabasz), r.k, choice.best_calinski),
               marked(text(r.davies_bouldin), r.k, choice.best_davies),
               marked(significant(r.gap, 4), r.k, choice.best_gap), significant(r.gap_spread, 2),
               marked(six_digits(r.bic), r.k, choice.best_bic)});
    rows.push_back({{"k", r.k},
                    {"inertia", r.inertia},
                    {"silhouette", number(r.silhouette)},
                    {"calinski_harabasz", number(r.calinski_harabasz)},
                    {"davies_bouldin", number(r.davies_bouldin)},
                    {"gap", r.gap},
                    {"gap_spread", r.gap_spread},
                    {"bic", r.bic}});
  }
  call.result["choice"] = rows;
  call.result["verdict"] = choice.verdict;
  print_beside_answer(call, table.text() + "* where the curve points; gap: the first k that k + 1 does not better\n\n" +
                                choice.verdict + "\n");
  if (!call.options.given("k-plot")) return;
  write_file(call.options.text("k-plot"), choice_picture(choice));
  call.say("picture written to " + call.options.text("k-plot"));
}

}  // namespace

std::optional<std::pair<int, int>> take_cluster_range(Invocation& call) {
  if (!call.options.knows("clusters") || !call.options.given("clusters")) return std::nullopt;
  const std::string text = call.options.text("clusters");
  std::pair<int, int> range = kAutomatic;
  if (const size_t dots = text.find(".."); dots != std::string::npos) {
    const auto lo = parse_int(text.substr(0, dots)), hi = parse_int(text.substr(dots + 2));
    if (!lo || !hi || *lo < 2 || *hi < *lo || *hi > 100)
      throw UsageError("--clusters: " + quoted(text) + " is no range A..B with 2 <= A <= B <= 100");
    range = {static_cast<int>(*lo), static_cast<int>(*hi)};
  } else if (text != "auto") {
    return std::nullopt;
  }
  if (find_clusterer(split(call.argument(0, "an algorithm"), ':')[0]).name() != "kmeans")
    throw UsageError("--clusters " + text + " is known to kmeans alone", "cluster kmeans DATA --clusters " + text);
  call.options.set("clusters", std::to_string(range.first));
  return range;
}

std::vector<Option> cluster_range_options() {
  return {{.name = "k-plot",
           .value = "FILE",
           .text = "with --clusters auto or A..B (kmeans): the six curves over k (SVG)"}};
}

std::optional<int> choose_number_of_clusters(Invocation& call, const Chosen<Clusterer>& chosen, const Features& data,
                                             std::pair<int, int> range) {
  const Stopwatch watch;
  const ClusterModel first =
      fit_model(*chosen.algorithm, *chosen.params, data.samples, scaling_of(call.options), call.ctx);
  Samples seen;
  seen.columns = first.pipeline.output_columns();
  seen.X = seen_rows(first, data.samples, call.ctx.threads);
  seen.weight = data.samples.weight;
  range.second = std::min(range.second, static_cast<int>(std::min<Index>(seen.n() - 1, 100)));
  const KMeansParams& params = dynamic_cast<const ParamsOf<KMeansParams>&>(*chosen.params).value;
  const KChoice choice = choose_clusters(params, {range.first, range.second}, seen, call.ctx);
  call.time("choose", watch);
  put_choice(call, choice);
  return choice.k;
}

}  // namespace assay::cli
