#include "cli/report/html/leaderboard.h"

#include <algorithm>

#include "cli/report/figures/strip.h"

namespace assay::report {
namespace {

constexpr size_t kMostLearners = 60;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const PairTest* test_against_best(const Comparison& c, const std::string& label) {
  for (const PairTest& test : c.tests)
    if (test.b == label) return &test;
  return nullptr;
}

std::vector<StripRow> strip_rows(const Comparison& c) {
  std::vector<StripRow> rows;
  for (const CvResult& r : c.leaderboard)
    rows.push_back({r.label, r.folds, r.mean, r.algorithm == "dummy", contains(c.top, r.label)});
  return rows;
}

std::string p_text(double p) { return p < 0.001 ? "p < 0.001" : "p = " + brief(p); }

Markup against_best(const Comparison& c, size_t rank) {
  const CvResult& r = c.leaderboard[rank];
  if (rank == 0) return element("b", Attributes{}, c.top.size() > 1 ? "first" : "best");
  const PairTest* test = test_against_best(c, r.label);
  if (!test) return "\u2013";
  const Markup p = element("small", "soft", p_text(test->p_holm));
  if (!test->distinguishable) return Markup("cannot be told apart") + p;
  return Markup("worse by " + brief(std::abs(test->difference))) + p;
}

Row learner_row(const Comparison& c, const StripScale& scale, const StripRow& strip, size_t rank) {
  const CvResult& r = c.leaderboard[rank];
  Markup name = element("span",
                        strip.among_best ? "learner among"
                        : strip.is_dummy ? "learner quiet"
                                         : "learner",
                        data_name(r.label, 48));
  if (!r.converged) name += element("span", "warn small", " did not converge");
  return {{name, "b-name"},
          {strip_row(scale, strip), "b-strip"},
          {element("b", Attributes{}, three_digits(r.mean)) +
               element("span", "soft", " \u00B1 " + spread_text(r.mean, r.sd)),
           "num b-mean"},
          {against_best(c, rank), "b-test"},
          {duration(r.run.fit_s), "num b-fit"},
          {duration(r.run.predict_s), "num b-predict"}};
}

Markup legend(const Comparison& c, const StripScale& scale) {
  Markup text = "Each dot is a fold, and the same fold stands at the same height in every row; the bar is the mean. ";
  if (scale.band)
    text += "Shaded: the smallest difference these folds typically detect, " + brief(*c.detectable_difference) +
            "; each learner's own test decides. ";
  if (scale.dummy)
    text += scale.dummy_is_outside ? "The dummy, which ignores the features, is so far away that it is off this scale. "
                                   : "Dashed: the dummy, which ignores the features. ";
  text +=
      "\u00B1 is the standard deviation over the folds. Times are seconds of one fit and of predicting one fold; p "
      "values are adjusted for the number of learners (Holm).";
  return paragraph(text, "note");
}

Markup left_out(const Comparison& c) {
  if (c.left_out.empty()) return {};
  Markup items;
  for (size_t i = 0; i < c.left_out.size() && i < 40; ++i)
    items += element("li", Attributes{},
                     element("b", Attributes{}, data_name(c.left_out[i].algorithm)) + " " +
                         element("span", "soft", shorten(c.left_out[i].reason, 300)));
  return element("h4", "spaced", "Left out, and why") + element("ul", "plain", items);
}

Markup warnings(const Comparison& c) {
  Markup items;
  size_t count = 0;
  const auto add = [&](const std::string& who, const std::string& what) {
    if (++count <= 20)
      items += element("li", Attributes{}, (who.empty() ? Markup() : data_name(who) + ": ") + shorten(what, 400));
  };
  for (const std::string& w : c.warnings) add("", w);
  for (const CvResult& r : c.leaderboard)
    for (const std::string& w : r.warnings) add(r.label, w);
  return items.empty() ? Markup() : element("ul", "findings", items);
}

}  // namespace

std::string metric_words(const std::string& name) {
  static const std::pair<const char*, const char*> kWords[] = {
      {"macro_f1", "macro F1"}, {"f1", "F1"},      {"roc_auc", "ROC AUC"},  {"rmse", "RMSE"},
      {"mae", "MAE"},           {"r2", "R\u00B2"}, {"brier", "Brier score"}};
  for (const auto& word : kWords)
    if (name == word.first) return word.second;
  std::string words = name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

Markup render_leaderboard(const Comparison& c) {
  const std::string metric = metric_words(c.metric);
  const std::vector<StripRow> strips = strip_rows(c);
  const StripScale scale = strip_scale(strips, metric, c.higher_is_better, c.detectable_difference);
  std::vector<Row> rows;
  for (size_t i = 0; i < strips.size() && i < kMostLearners; ++i) rows.push_back(learner_row(c, scale, strips[i], i));
  rows.push_back({{{}, "b-name"},
                  {strip_axis(scale), "b-strip b-axis"},
                  {{}, "b-mean"},
                  {{}, "b-test"},
                  {{}, "b-fit"},
                  {{}, "b-predict"}});
  const Markup head =
      heading(2, "Leaderboard", "leaderboard") +
      paragraph(metric + ", " + (c.higher_is_better ? "higher" : "lower") + " is better · " + c.fold_note, "note");
  const Row titles{{"learner", "b-name"},           {"folds", "b-strip"}, {metric, "num b-mean"},
                   {"against the first", "b-test"}, {"fit", "num b-fit"}, {"predict", "num b-predict"}};
  Markup board = element("div", {{"role", "group"}, {"aria-label", strip_sentence(strips, metric)}},
                         table("Leaderboard", titles, rows, "board"));
  if (strips.size() > kMostLearners)
    board += paragraph(std::to_string(strips.size() - kMostLearners) + " learners further down are not shown.", "note");
  return head + board + legend(c, scale) + warnings(c) + left_out(c);
}

}  // namespace assay::report
