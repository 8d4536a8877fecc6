#include "cli/report/html/report.h"

#include "tests/cli/report/page_check.h"
#include "tests/cli/report/sample_report.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr size_t kLimit = 400'000;

void check_page(const std::string& html) {
  const auto problems = page_problems(html);
  CAPTURE(problems);
  CHECK(problems.empty());
  CHECK(html.size() < kLimit);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("nan%") == std::string::npos);
  CHECK(html.find("=\"nan") == std::string::npos);
}

}  // namespace

TEST_CASE("report: two classes, many classes and regression are whole pages under 400 KB without script") {
  for (const int classes : {0, 2, 3, 12, 40}) {
    INFO("classes " << classes);
    check_page(sample_report(classes).html());
  }
}

TEST_CASE("report: names from the data stay text, whatever they hold") {
  for (const int classes : {0, 2, 3, 20}) {
    INFO("classes " << classes);
    const std::string html = sample_report(classes, 240, 9, true).html();
    check_page(html);
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("<img") == std::string::npos);
    CHECK(html.find("</style><b>") == std::string::npos);
    CHECK(html.find("\u202E") == std::string::npos);
    CHECK(html.find('\x1b') == std::string::npos);
    CHECK(html.find('\0') == std::string::npos);
    CHECK(html.find('\xFF') == std::string::npos);
    CHECK(html.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  }
}

TEST_CASE("report: it says first what to conclude, then the command, then what it rests on") {
  const std::string html = sample_report(2).html();
  size_t last = 0;
  for (const char* part :
       {"<h1>logistic and tree cannot be told apart.</h1>", "assay compare x.csv --report r.html", "Leaderboard",
        "Left out, and why", "The data", "What each learner saw", "The first three, closer", "Confusion", "ROC",
        "Precision and recall", "Calibration", "What it leans on", "The ten rows it gets most wrong"}) {
    INFO(part);
    const size_t at = html.find(part, last);
    REQUIRE(at != std::string::npos);
    last = at;
  }
}

TEST_CASE("report: the positive class, the switch of a default and the line of a bad row are named") {
  const std::string html = sample_report(2).html();
  CHECK(html.find("target_3 = class_1") != std::string::npos);
  CHECK(html.find("class_1</bdi> (positive)") != std::string::npos);
  CHECK(html.find("<code>--impute</code>") != std::string::npos);
  CHECK(html.find(">line<") != std::string::npos);
}

TEST_CASE("report: the dummy is in the leaderboard and not among those looked at closely") {
  const SampleReport s = sample_report(2);
  const auto shown = report::closely_shown(s.comparison);
  REQUIRE(shown.size() == 3);
  for (const CvResult* r : shown) CHECK(r->algorithm != "dummy");
  CHECK(count_of(s.html(), "<article>") == 3);
}

TEST_CASE("report: a learner without scores has a confusion matrix and no ROC, and says so") {
  SampleReport s = sample_report(2);
  s.comparison.leaderboard = {s.comparison.leaderboard[1], s.comparison.leaderboard[3]};
  const std::string html = s.html();
  check_page(html);
  CHECK(html.find("gives classes but no scores") != std::string::npos);
  CHECK(html.find("The learner, closer") != std::string::npos);
}

TEST_CASE("report: only the dummy, no test and nothing left out is still a page") {
  SampleReport s = sample_report(3);
  s.comparison.leaderboard = {s.comparison.leaderboard[3]};
  s.comparison.tests.clear();
  s.comparison.left_out.clear();
  s.comparison.verdict.clear();
  s.comparison.detectable_difference.reset();
  s.importances.clear();
  check_page(s.html());
}

TEST_CASE("report: a wide, long table with endless names stays under 400 KB and says what it does not show") {
  SampleReport s = sample_report(2, 4000, 600);
  for (Column& column : s.samples.columns) column.name += std::string(5000, 'x');
  for (std::string& name : s.target.classes) name += std::string(5000, 'y');
  for (CvResult& r : s.comparison.leaderboard) r.params.assign(300, {"name", std::string(3000, 'z')});
  s.comparison.positive = s.target.classes[1];
  s.comparison.verdict = {std::string(100000, 'v')};
  s.comparison.warnings.assign(500, std::string(2000, 'w'));
  s.comparison.left_out.assign(500, {"x", std::string(2000, 'r')});
  s.card = report::make_data_card("@wide", s.samples, s.target);
  s.card.findings.assign(700, std::string(3000, 'f'));
  s.command = std::string(50000, 'c');
  const std::string html = s.html();
  check_page(html);
  CHECK(html.find("540 more are not") != std::string::npos);
}

TEST_CASE("report: a hundred learners are ranked, and the page stays small") {
  SampleReport s = sample_report(2);
  while (s.comparison.leaderboard.size() < 100) {
    CvResult r = s.comparison.leaderboard[1];
    r.label += std::to_string(s.comparison.leaderboard.size());
    r.folds.assign(50, 0.8);
    s.comparison.leaderboard.push_back(r);
  }
  const std::string html = s.html();
  check_page(html);
  CHECK(html.find("40 learners further down are not shown") != std::string::npos);
}

TEST_CASE("report: a sparse table is described by what it stores") {
  SampleReport s = sample_report(2, 60, 4);
  Csr X;
  X.rows = 60, X.columns = 4;
  for (int i = 0; i < 60; ++i) {
    X.column.push_back(i % 4);
    X.value.push_back(i);
    X.row_start.push_back(i + 1);
  }
  s.samples.X = X;
  for (Column& column : s.samples.columns) column.levels.clear();
  s.card = report::make_data_card("s.libsvm", s.samples, s.target);
  const std::string html = s.html();
  check_page(html);
  CHECK(html.find("25 %") != std::string::npos);
}

TEST_CASE("report: equal inputs give equal bytes") { CHECK(sample_report(3).html() == sample_report(3).html()); }

TEST_CASE("data card: counts, medians and levels are those of the table") {
  Samples samples;
  Columns X(5, 2);
  X << 1, 0, 2, 1, NAN, 1, 10, NAN, 3, 1;
  samples.columns = {{"number", {}}, {"text", {"a", "b"}}};
  samples.X = X;
  Target target;
  target.classes = {"no", "yes"};
  target.code = {0, 1, 1, 1, 0};
  const report::DataCard card = report::make_data_card("x", samples, target);
  CHECK(card.rows == 5);
  CHECK(card.numeric == 1);
  CHECK(card.categorical == 1);
  CHECK(card.missing == 2);
  CHECK(card.shown[0].median == 2.5);
  CHECK(card.shown[1].levels == std::vector<std::pair<std::string, long long>>{{"b", 3}, {"a", 1}});
  CHECK(card.classes[1].second == 3);
}
