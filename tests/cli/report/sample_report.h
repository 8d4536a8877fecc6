// A comparison made by hand, with names as hostile as a data file may hold them.
#pragma once
#include <cmath>
#include <string>

#include "cli/report/html/report.h"

namespace assay::test {

inline const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> names{"<script>alert(1)</script>",
                                              "\"><img src=x onerror=alert(1)>",
                                              "]]></style><b>",
                                              "\u202Egnp.exe",
                                              std::string("a\0b\x1b[31m", 8),
                                              "\xFF\xFE not UTF-8",
                                              "' onmouseover='x",
                                              "javascript:alert(1)",
                                              "https://example.org/?a&b",
                                              "\u05E9\u05DC\u05D5\u05DD"};
  return names;
}

struct SampleReport {
  Samples samples;
  Target target;
  Comparison comparison;
  std::vector<report::Importance> importances;
  report::DataCard card;
  std::string command = "assay compare x.csv --report r.html";

  std::string html() const {
    return report::render_report(
        {comparison, card, samples, target, command, "0.1.0", 7, importances, [](int row) { return row + 2; }});
  }
};

/// `classes`: 0 is regression. Everything follows from the row number by arithmetic.
inline SampleReport sample_report(int classes, int rows = 240, int columns = 6, bool hostile = false) {
  SampleReport s;
  const auto name = [&](const std::string& base, int i) {
    const auto& bad = hostile_names();
    return hostile ? bad[static_cast<size_t>(i) % bad.size()] + std::to_string(i) : base + std::to_string(i);
  };
  const auto noise = [](int i) { return std::fmod(std::abs(std::sin(i * 12.9898) * 43758.5453), 1.0); };
  Columns X(rows, columns);
  for (int f = 0; f < columns; ++f) {
    Column column{name("feature_", f), {}};
    if (f % 3 == 2) column.levels = {name("level_", 0), name("level_", 1), name("level_", 2)};
    for (int i = 0; i < rows; ++i) X(i, f) = f % 3 == 2 ? i % 3 : i % 17 == 3 ? NAN : noise(i + 1000 * f) * 10;
    s.samples.columns.push_back(column);
  }
  s.samples.X = X;
  s.target.name = name("target_", 3);
  for (int k = 0; k < classes; ++k) s.target.classes.push_back(name("class_", k));
  if (classes == 0) s.target.value.resize(rows);
  for (int i = 0; i < rows; ++i) {
    if (classes == 0)
      s.target.value[i] = 100 * noise(i);
    else
      s.target.code.push_back(i % classes);
  }
  Comparison& c = s.comparison;
  c.task = s.target.task();
  c.metric = classes ? "accuracy" : "rmse";
  c.higher_is_better = classes > 0;
  c.rows = rows, c.folds = 5, c.repeats = 1, c.fold_note = "5 folds";
  if (classes == 2) c.positive = s.target.classes[1];
  const char* algorithms[] = {"logistic", "tree", "knn", "dummy"};
  for (int a = 0; a < 4; ++a) {
    CvResult r;
    r.algorithm = algorithms[a];
    r.label = hostile ? name("", a) : algorithms[a];
    r.metric = c.metric;
    r.params = {{"C", "1"}, {name("p", 1), name("v", 2)}};
    for (int f = 0; f < 5; ++f)
      r.folds.push_back((classes ? 0.9 - 0.02 * a : 10.0 + a) + 0.01 * noise(7 * a + f) - (a == 3 ? 0.3 : 0));
    for (const double v : r.folds) r.mean += v / 5;
    r.sd = 0.01;
    r.means = {{c.metric, r.mean}, {"log_loss", 0.4}};
    r.run = {0.012, 0.011, 0.003, 0.003};
    r.pipeline = {"impute: median of " + name("x", 1) + "  [--impute]"};
    if (a == 2) r.warnings = {name("warning ", 1)};
    r.out_of_fold.value.resize(rows);
    if (classes && a != 1) r.out_of_fold.proba = Matrix::Zero(rows, classes);
    for (int i = 0; i < rows; ++i) {
      if (classes == 0) {
        r.out_of_fold.value[i] = s.target.value[i] + 10 * (noise(i + a) - 0.5);
        continue;
      }
      const int truth = s.target.code[static_cast<size_t>(i)],
                said = noise(i + 31 * a) < 0.15 ? (truth + 1) % classes : truth;
      r.out_of_fold.value[i] = said;
      if (a == 1) continue;
      const double sure = 0.5 + 0.5 * noise(i + 5 * a);
      for (int k = 0; k < classes; ++k) r.out_of_fold.proba(i, k) = k == said ? sure : (1 - sure) / (classes - 1);
    }
    c.leaderboard.push_back(r);
  }
  for (size_t a = 1; a < 4; ++a)
    c.tests.push_back({c.leaderboard[0].label, c.leaderboard[a].label, 0.02, 0.01, 0.2, 0.3, 0.03, a == 3});
  c.detectable_difference = 0.03;
  c.top = {c.leaderboard[0].label, c.leaderboard[1].label, c.leaderboard[2].label};
  c.verdict = {c.top[0] + " and " + c.top[1] + " cannot be told apart.",
               "A second sentence about " + name("x", 5) + "."};
  c.left_out = {{name("algorithm", 4), "a reason with " + name("", 0)}};
  c.warnings = {name("w", 6)};
  s.card = report::make_data_card(hostile ? name("", 0) : "@sample", s.samples, s.target);
  s.card.positive = c.positive;
  s.card.findings = {"the column " + name("", 2) + " is constant"};
  report::Importance importance{c.leaderboard[0].label, "mean " + name("", 3), {}};
  for (const Column& column : s.samples.columns)
    importance.features.emplace_back(column.name, noise(static_cast<int>(importance.features.size())) - 0.3);
  s.importances = {importance};
  if (hostile) s.command = "assay compare '<script>alert(1)</script>.csv'";
  return s;
}

}  // namespace assay::test
