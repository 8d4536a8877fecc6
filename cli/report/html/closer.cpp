#include "cli/report/html/closer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/report/figures/curves.h"
#include "cli/report/figures/scatter.h"
#include "cli/report/html/leaderboard.h"

namespace assay::report {
namespace {

constexpr int kMostClasses = 16;       // of a confusion matrix; above, the most frequent mistakes are listed
constexpr int kMostSpanned = 10;       // a confusion matrix of 6 to this many classes takes two of three columns
constexpr size_t kColouredCurves = 6;  // one-against-rest curves that get a colour; the others are thin
constexpr size_t kMostImportances = 12, kMostFeatures = 6;

bool spans_two_columns(const Target& target) { return target.K() > 5 && target.K() <= kMostSpanned; }

Judged judged(const ReportInput& in, const CvResult& r) {
  return {in.target, r.out_of_fold, in.samples.weight,
          in.target.K() == 2 ? positive_code(in.target, in.comparison.positive) : -1};
}

// ---- header
// -------------------------------------------------------------------------------------------------------------

Markup metric_tiles(const CvResult& r) {
  Markup content;
  for (size_t i = 0; i < r.means.size() && i < 14; ++i)
    content += element("div", r.means[i].first == r.metric ? "tile ranked" : "tile",
                       element("b", Attributes{}, three_digits(r.means[i].second)) +
                           element("span", Attributes{}, metric_words(r.means[i].first)));
  return element("div", "tiles small-tiles", content);
}

Markup parameters(const CvResult& r) {
  std::string text;
  for (const auto& p : r.params) text += (text.empty() ? "" : "  ") + p.first + "=" + shorten(p.second, 40);
  return text.empty() ? Markup() : element("p", "params mono", shorten(text, 600));
}

// ---- classification
// -----------------------------------------------------------------------------------------------------

Markup class_head(const Target& target, int k) { return data_name(target.classes[static_cast<size_t>(k)], 14); }

Markup confusion_table(const Target& target, const Matrix& C) {
  Row head{{element("span", "soft", "true \u2193 predicted \u2192"), "corner"}};
  for (int k = 0; k < target.K(); ++k) head.push_back({class_head(target, k), "num"});
  std::vector<Row> rows;
  for (int i = 0; i < target.K(); ++i) {
    const double total = C.row(i).sum();
    Row row{{class_head(target, i), "name"}};
    for (int j = 0; j < target.K(); ++j) {
      const double share = total > 0 ? C(i, j) / total : 0;
      const Markup numbers = element("b", Attributes{}, brief(C(i, j))) +
                             element("small", Attributes{}, coordinate(std::round(100 * share)) + "%");
      row.push_back({C(i, j) > 0 ? numbers : Markup("\u00B7"),
                     i == j        ? "hit"
                     : C(i, j) > 0 ? "miss"
                                   : "",
                     "--s:" + coordinate(share)});
    }
    rows.push_back(row);
  }
  return table("Confusion matrix", head, rows,
               target.K() > 5    ? "confusion dense"
               : target.K() == 2 ? "confusion roomy"
                                 : "confusion");
}

Markup frequent_mistakes(const Target& target, const Matrix& C) {
  struct Mistake {
    double count;
    int truth, said;
  };
  std::vector<Mistake> mistakes;
  for (int i = 0; i < C.rows(); ++i)
    for (int j = 0; j < C.cols(); ++j)
      if (i != j && C(i, j) > 0) mistakes.push_back({C(i, j), i, j});
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.count > b.count; });
  std::vector<Row> rows;
  for (size_t k = 0; k < mistakes.size() && k < 15; ++k) {
    const Mistake& m = mistakes[k];
    rows.push_back({{class_head(target, m.truth), "name"},
                    {class_head(target, m.said), "name"},
                    {brief(m.count), "num"},
                    {coordinate(std::round(100 * m.count / C.row(m.truth).sum())) + "%", "num soft"}});
  }
  return table("Most frequent mistakes", {{"true"}, {"predicted"}, {"rows", "num"}, {"of the class", "num"}}, rows);
}

Markup confusion_part(const ReportInput& in, const CvResult& r) {
  const Matrix C = confusion_matrix(judged(in, r));
  const bool small = in.target.K() <= kMostClasses;
  const Markup caption = small ? Markup(
                                     "Rows of each true class by what they were taken for: counts, and per cent of the "
                                     "row. The diagonal is right.")
                               : Markup(std::to_string(in.target.K()) + " classes: their most frequent mistakes.");
  return with_caption(element("h4", Attributes{}, "Confusion") +
                          (small ? confusion_table(in.target, C) : frequent_mistakes(in.target, C)),
                      caption,
                      !small || in.target.K() <= 5   ? ""
                      : spans_two_columns(in.target) ? "span-2"
                                                     : "wide");
}

std::vector<Point> points_of(const assay::Curve& curve) {
  std::vector<Point> points;
  for (size_t i = 0; i < curve.x.size(); ++i) points.push_back({curve.x[i], curve.y[i]});
  return points;
}

double average_precision(const assay::Curve& pr) {
  double sum = 0, recall = 0;
  for (size_t i = 0; i < pr.x.size(); ++i) sum += (pr.x[i] - recall) * pr.y[i], recall = pr.x[i];
  return sum;
}

// One class against the rest: both curves and their areas; `known` is false where the learner has no scores or a class
// no rows.
struct OneAgainstRest {
  bool known = false;
  int k = 0;
  std::vector<Point> roc, pr;
  double auc = 0, precision = 0, prevalence = 0;
};

OneAgainstRest against_rest(const ReportInput& in, const CvResult& r, int k) {
  OneAgainstRest one;
  one.k = k;
  const auto scores = scores_of_class(r.out_of_fold, in.target.K(), k);
  const std::vector<char> is_k = rows_of_class(in.target, k);
  const auto count = std::count(is_k.begin(), is_k.end(), 1);
  if (!scores || count == 0 || count == static_cast<long>(is_k.size())) return one;
  const Score area = roc_auc(is_k, *scores, in.samples.weight);
  if (!area.value) return one;
  one.known = true;
  one.auc = *area.value;
  one.roc = points_of(roc_curve(is_k, *scores, in.samples.weight));
  const assay::Curve pr = pr_curve(is_k, *scores, in.samples.weight);
  one.pr = points_of(pr);
  one.precision = average_precision(pr);
  one.prevalence = static_cast<double>(count) / static_cast<double>(is_k.size());
  return one;
}

std::string class_text(const ReportInput& in, int k) {
  return shorten(in.target.name, 24) + " = " + shorten(in.target.classes[static_cast<size_t>(k)], 24);
}

Markup two_class_curves(const ReportInput& in, const CvResult& r, const std::vector<const CvResult*>& context) {
  const int k = positive_code(in.target, in.comparison.positive);
  const OneAgainstRest own = against_rest(in, r, k);
  if (!own.known) return paragraph("No ROC: this learner gives classes but no scores.", "note");
  std::vector<NamedLine> roc, pr;
  for (const CvResult* other : context) {
    const OneAgainstRest one = against_rest(in, *other, k);
    if (one.known) roc.push_back({other->label, one.roc}), pr.push_back({other->label, one.pr});
  }
  const std::string positive = class_text(in, k);
  const Markup grey = roc.empty() ? Markup() : Markup(" Thin: the other learners shown below or above.");
  return with_caption(
             element("h4", Attributes{}, "ROC") + roc_figure({shorten(r.label, 40), own.roc}, roc, own.auc, positive),
             Markup("Positive is ") + data_name(positive, 60) + ". The dashed diagonal is guessing." + grey) +
         with_caption(element("h4", Attributes{}, "Precision and recall") +
                          pr_figure({shorten(r.label, 40), own.pr}, pr, own.precision, own.prevalence, positive),
                      Markup("Of the rows called positive, how many are; of those that are, how many were found. "
                             "Dashed: guessing. Both curves pool the rows of all folds."));
}

// The classes with the smallest area get colours, for they are what one looks for; the others stay thin.
Markup many_class_curves(const ReportInput& in, const CvResult& r) {
  std::vector<OneAgainstRest> classes;
  for (int k = 0; k < in.target.K() && k < 100; ++k) {
    OneAgainstRest one = against_rest(in, r, k);
    if (one.known) classes.push_back(std::move(one));
  }
  if (classes.empty()) return paragraph("No ROC: this learner gives classes but no scores.", "note");
  std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.auc < b.auc; });
  static constexpr const char* kCurve[] = {"curve-0", "curve-1", "curve-2", "curve-3", "curve-4", "curve-5"};
  static constexpr const char* kKey[] = {"key-0", "key-1", "key-2", "key-3", "key-4", "key-5"};
  std::vector<NamedLine> roc, pr;
  double auc = 0, precision = 0;
  Markup keys;
  for (size_t i = 0; i < classes.size(); ++i) {
    const std::string name = class_text(in, classes[i].k);
    const bool coloured = i < kColouredCurves;
    if (i < 30) {
      roc.push_back({name, classes[i].roc, coloured ? kCurve[i] : "curve-context"});
      pr.push_back({name, classes[i].pr, coloured ? kCurve[i] : "curve-context"});
    }
    auc += classes[i].auc / static_cast<double>(classes.size());
    precision += classes[i].precision / static_cast<double>(classes.size());
    if (coloured)
      keys += element("li", kKey[i],
                      data_name(in.target.classes[static_cast<size_t>(classes[i].k)], 20) + " " +
                          element("span", "soft", brief(classes[i].auc)));
  }
  std::reverse(roc.begin(), roc.end()), std::reverse(pr.begin(), pr.end());  // the coloured ones on top
  const Markup more = classes.size() > kColouredCurves
                          ? Markup(" The classes hardest to rank have a colour, the others are thin.")
                          : Markup();
  return with_caption(element("h4", Attributes{}, "ROC") + roc_by_class_figure(shorten(r.label, 40), roc, auc),
                      Markup("Each class as the positive one against the rest; its area beside its name.") + more +
                          element("ul", "keys", keys)) +
         with_caption(element("h4", Attributes{}, "Precision and recall") +
                          pr_by_class_figure(shorten(r.label, 40), pr, precision),
                      "The same classes: of the rows called so, how many are; of those that are, how many were found.");
}

Markup calibration_part(const ReportInput& in, const CvResult& r) {
  const Matrix& P = r.out_of_fold.proba;
  if (P.cols() == 0) return {};
  const int K = in.target.K();
  std::vector<char> is_true(static_cast<size_t>(P.rows()));
  Vector probability(P.rows());
  std::string of_what, caption;
  if (K == 2) {
    const int k = positive_code(in.target, in.comparison.positive);
    is_true = rows_of_class(in.target, k);
    probability = P.col(k);
    of_what = class_text(in, k);
    caption = "When it says 0.8, is it right in 8 of 10 rows? On the diagonal: yes. ";
  } else {
    for (Index i = 0; i < P.rows(); ++i) {
      Index said = 0;
      probability[i] = P.row(i).maxCoeff(&said);
      is_true[static_cast<size_t>(i)] = said == in.target.code[static_cast<size_t>(i)];
    }
    of_what = "a right answer";
    caption = "The probability of the class it chose, against how often that class was right. ";
  }
  const auto bins = calibration_bins(is_true, probability, in.samples.weight);
  return with_caption(
      element("h4", Attributes{}, "Calibration") + calibration_figure(bins, of_what),
      caption + "Lines: 95 % intervals; the bars at the foot show how many rows got which probability.");
}

// ---- regression
// ---------------------------------------------------------------------------------------------------------

Markup regression_figures(const ReportInput& in, const CvResult& r) {
  const Vector &y = in.target.value, &p = r.out_of_fold.value;
  const std::vector<double> actual(y.data(), y.data() + y.size()), predicted(p.data(), p.data() + p.size());
  std::vector<double> residuals(actual.size());
  for (size_t i = 0; i < actual.size(); ++i) residuals[i] = actual[i] - predicted[i];
  const Histogram h = histogram(residuals);
  const Markup cut = actual.size() > kMostDots
                         ? Markup(" " + count_text(kMostDots) + " of " +
                                  count_text(static_cast<long long>(actual.size())) + " rows are drawn.")
                         : Markup();
  return with_caption(
             element("h4", Attributes{}, "Predicted against actual") +
                 predicted_against_actual(actual, predicted, in.target.name),
             Markup("A dot a row, each predicted by a model that had not seen it. The diagonal is perfect.") + cut) +
         with_caption(element("h4", Attributes{}, "Residuals") + residual_figure(actual, predicted, in.target.name),
                      "What is left over. A bend or a funnel means that the model misses something.") +
         with_caption(
             element("h4", Attributes{}, "How large the errors are") +
                 histogram_figure(h, "actual \u2212 predicted",
                                  {"Histogram of the residuals", "From " + brief(h.lo) + " to " + brief(h.hi) + "."}),
             "A long tail on one side: rows that are systematically under- or overestimated.");
}

// ---- both
// ---------------------------------------------------------------------------------------------------------------

std::vector<std::pair<std::string, double>> strongest(const Importance& importance) {
  auto features = importance.features;
  std::stable_sort(features.begin(), features.end(),
                   [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  return features;
}

const Importance* importance_of(const ReportInput& in, const std::string& label) {
  for (const Importance& i : in.importances)
    if (i.label == label && !i.features.empty()) return &i;
  return nullptr;
}

Markup importance_part(const ReportInput& in, const CvResult& r) {
  const Importance* importance = importance_of(in, r.label);
  if (!importance) return {};
  const auto features = strongest(*importance);
  const double most = std::abs(features[0].second);
  const bool has_negative = std::any_of(features.begin(), features.end(), [](const auto& f) { return f.second < 0; });
  std::vector<Row> rows;
  for (size_t i = 0; i < features.size() && i < kMostImportances; ++i)
    rows.push_back({{data_name(features[i].first, 26), "name"},
                    {bar(most > 0 ? features[i].second / most : 0, has_negative), "bar-cell"},
                    {brief(features[i].second), "num"}});
  const size_t more = features.size() - rows.size();
  return with_caption(
      element("h4", Attributes{}, "What it leans on") + table("Importance", {}, rows, "importance"),
      shorten(importance->what, 160) +
          (more ? "; " + count_text(static_cast<long long>(more)) + " further features are smaller." : "."),
      in.target.task() == Task::regression || spans_two_columns(in.target) ? "" : "span-2");
}

std::vector<Index> features_to_show(const ReportInput& in, const CvResult& r) {
  std::vector<Index> columns;
  const auto add = [&](Index f) {
    if (columns.size() < kMostFeatures && std::find(columns.begin(), columns.end(), f) == columns.end())
      columns.push_back(f);
  };
  if (const Importance* importance = importance_of(in, r.label))
    for (const auto& feature : strongest(*importance))
      for (Index f = 0; f < in.samples.d() && columns.size() < kMostFeatures; ++f)
        if (in.samples.columns[static_cast<size_t>(f)].name == feature.first) add(f);
  for (Index f = 0; f < in.samples.d() && columns.size() < kMostFeatures; ++f) add(f);
  return columns;
}

double cell_value(const Samples& samples, Index i, Index f) {
  if (const Columns* X = std::get_if<Columns>(&samples.X)) return (*X)(i, f);
  if (const Matrix* R = std::get_if<Matrix>(&samples.X)) return (*R)(i, f);
  const Csr& S = samples.sparse();
  const auto begin = S.column.begin() + S.row_start[static_cast<size_t>(i)],
             end = S.column.begin() + S.row_start[static_cast<size_t>(i) + 1];
  const auto found = std::lower_bound(begin, end, static_cast<int32_t>(f));
  return found != end && *found == f ? S.value[static_cast<size_t>(found - S.column.begin())] : 0;
}

Markup cell_markup(const Samples& samples, Index i, Index f) {
  const Column& column = samples.columns[static_cast<size_t>(f)];
  const double value = cell_value(samples, i, f);
  if (std::isnan(value)) return element("span", "warn", "missing");
  if (!column.categorical()) return brief(value);
  return value >= 0 && value < static_cast<double>(column.levels.size())
             ? data_name(column.levels[static_cast<size_t>(value)], 18)
             : Markup("?");
}

Markup worst_part(const ReportInput& in, const CvResult& r) {
  const std::vector<WorstRow> worst = worst_rows(judged(in, r), 10);
  if (worst.empty()) return {};
  const bool classes = in.target.task() == Task::classification, proba = r.out_of_fold.proba.cols() > 0;
  const std::vector<Index> columns = features_to_show(in, r);
  Row head{{in.line_of_row ? "line" : "row", "num"},
           {"true"},
           {"predicted"},
           {classes ? (proba ? "p of the truth" : "error") : "off by", "num"}};
  for (const Index f : columns) head.push_back({data_name(in.samples.columns[static_cast<size_t>(f)].name, 18)});
  std::vector<Row> rows;
  for (const WorstRow& w : worst) {
    const double said = r.out_of_fold.value[w.row];
    Row row{{std::to_string(in.line_of_row ? in.line_of_row(w.row) : w.row + 1), "num soft"}};
    if (classes) {
      const int truth = in.target.code[static_cast<size_t>(w.row)];
      row.push_back({data_name(in.target.classes[static_cast<size_t>(truth)], 18)});
      row.push_back(
          {data_name(in.target.classes[static_cast<size_t>(said)], 18), static_cast<int>(said) == truth ? "" : "warn"});
      row.push_back({proba ? brief(r.out_of_fold.proba(w.row, truth)) : brief(w.loss), "num"});
    } else {
      row.push_back({brief(in.target.value[w.row])});
      row.push_back({brief(said), "warn"});
      row.push_back({brief(in.target.value[w.row] - said), "num"});
    }
    for (const Index f : columns) row.push_back({cell_markup(in.samples, w.row, f)});
    rows.push_back(row);
  }
  const Markup more =
      in.samples.d() > static_cast<Index>(columns.size())
          ? Markup(" Columns: " + std::to_string(columns.size()) + " of " + count_text(in.samples.d()) + ".")
          : Markup();
  return with_caption(element("h4", Attributes{}, "The ten rows it gets most wrong") +
                          table("Rows predicted worst", head, rows, "worst"),
                      Markup("Look at them: wrong labels and broken measurements gather here.") + more,
                      (classes && spans_two_columns(in.target)) || classes == (importance_of(in, r.label) != nullptr)
                          ? "full"
                          : "span-2");
}

}  // namespace

Markup render_closer(const ReportInput& in, const CvResult& r, const std::vector<const CvResult*>& context, int rank) {
  Markup figures;
  if (in.comparison.task == Task::regression)
    figures = regression_figures(in, r);
  else
    figures = confusion_part(in, r) +
              (in.target.K() == 2 ? two_class_curves(in, r, context) : many_class_curves(in, r)) +
              calibration_part(in, r);
  figures += importance_part(in, r) + worst_part(in, r);
  return element("article", Attributes{},
                 heading(3, element("span", "rank", std::to_string(rank)) + data_name(r.label, 60),
                         "learner-" + std::to_string(rank)) +
                     parameters(r) + metric_tiles(r) + element("div", "figures", figures));
}

}  // namespace assay::report
