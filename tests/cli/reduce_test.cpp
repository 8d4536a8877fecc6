// reduce, and predict and explain of its models: what they print, write and refuse.
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

Outcome run_line(const std::string& line, const std::vector<std::string>& more = {}) {
  std::vector<std::string> args = split(line, ' ');
  args.insert(args.end(), more.begin(), more.end());
  return assay_run(args);
}

/// The numbers of a CSV text below its header, row by row.
std::vector<std::vector<double>> numbers_of(const std::string& csv) {
  std::vector<std::vector<double>> rows;
  const std::vector<std::string> lines = split(csv, '\n');
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    rows.emplace_back();
    for (const std::string& cell : split(lines[i], ',')) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

/// Means of the products of two columns, after taking their means away; divided by n - 1.
double covariance(const std::vector<std::vector<double>>& rows, size_t a, size_t b) {
  double mean_a = 0, mean_b = 0, sum = 0;
  const auto n = static_cast<double>(rows.size());
  for (const auto& row : rows) mean_a += row[a] / n, mean_b += row[b] / n;
  for (const auto& row : rows) sum += (row[a] - mean_a) * (row[b] - mean_b);
  return sum / (n - 1);
}

}  // namespace

TEST_CASE("reduce: scores are columns pc1, pc2, ... without correlation, and their variances are those it prints") {
  const Scratch folder;
  const std::string out = folder / "scores.csv";
  const Outcome o = run_line("reduce pca @iris --truth species --out", {out});
  REQUIRE(o.code == 0);
  CHECK(o.prints("4.22824"));  // the first variance, with n - 1
  CHECK(o.prints("petal_length"));
  CHECK(o.says("scores written to"));
  CHECK(file_text(out).starts_with("pc1,pc2,pc3,pc4\n"));
  const auto scores = numbers_of(file_text(out));
  REQUIRE(scores.size() == 150);
  const auto j = run_line("reduce pca @iris --truth species --json").json();
  for (size_t a = 0; a < 4; ++a)
    for (size_t b = 0; b < 4; ++b) {
      const double expected = a == b ? j["explained_variance"][a].get<double>() : 0;
      CHECK(covariance(scores, a, b) == Approx(expected).margin(1e-12));
    }
}

TEST_CASE("reduce: whitened scores have variance one") {
  const Scratch folder;
  const std::string out = folder / "scores.csv";
  REQUIRE(run_line("reduce pca @wine --truth cultivar --components 5 --whiten true --out", {out}).code == 0);
  const auto scores = numbers_of(file_text(out));
  for (size_t a = 0; a < 5; ++a) CHECK(covariance(scores, a, a) == Approx(1).margin(1e-10));
}

TEST_CASE("reduce: --json holds what scripts rely on, the same twice but for run") {
  const Outcome o = run_line("reduce pca @iris --truth species --components 2 --json");
  REQUIRE(o.code == 0);
  CHECK(o.err.empty());
  const auto j = o.json();
  for (const char* key :
       {"verb", "assay", "seed", "warnings", "run", "algorithm", "params", "pipeline", "rows", "features", "report",
        "components", "explained_variance", "explained_variance_ratio", "singular_values"})
    CHECK(j.contains(key));
  CHECK(j["components"] == 2);
  CHECK(j["rows"] == 150);
  CHECK(j["features"] == 4);
  CHECK(j["explained_variance"].size() == 2);
  CHECK(j["explained_variance_ratio"][0].get<double>() == Approx(0.924618723201727).epsilon(1e-12));
  for (const char* key : {"load_s", "load_cpu_s", "fit_s", "fit_cpu_s"}) CHECK(j["run"]["timing"].contains(key));
  CHECK(without_run(j) == without_run(run_line("reduce pca @iris --truth species --components 2 --json").json()));
}

TEST_CASE("reduce: a model projects new rows as it projected its own, and explain shows its directions") {
  const Scratch folder;
  for (const Reducer& reducer : reducers()) {
    INFO(reducer.name());
    const std::string model = folder / "m.json", scores = folder / "s.csv", again = folder / "a.csv";
    const std::string line = "reduce " + std::string(reducer.name()) + " @iris --truth species --components 2";
    REQUIRE(run_line(line, {"--model", model, "--out", scores}).code == 0);
    REQUIRE(run_line("predict", {model, "@iris", "--out", again}).code == 0);
    CHECK(file_text(again) == file_text(scores));
    CHECK(file_text(again).starts_with("pc1,pc2\n"));
    CHECK(run_line("predict", {model, "@iris", "--json"}).json()["task"] == "reduction");
    CHECK(run_line("predict", {model, "@iris", "--keep"}).out.starts_with("sepal_length,"));
    CHECK(run_line("predict", {model, "@iris", "--proba"}).code == 2);
    CHECK(run_line("predict", {model, "@wine"}).code == 3);
    CHECK(run_line("evaluate", {model, "@iris"}).code == 4);
    const Outcome explained = run_line("explain", {model});
    CHECK(explained.code == 0);
    CHECK(explained.prints("petal_length"));
  }
}

TEST_CASE("reduce: scaled columns weigh the same, unasked nothing is scaled, and spreads that differ are warned of") {
  const auto plain = run_line("reduce pca @wine --truth cultivar --json").json();
  CHECK(plain["explained_variance_ratio"][0].get<double>() > 0.99);  // proline alone
  REQUIRE(plain["warnings"].size() == 1);
  CHECK_THAT(plain["warnings"][0].get<std::string>(), Contains("proline") && Contains("--scale standard"));
  const auto scaled = run_line("reduce pca @wine --truth cultivar --scale standard --json").json();
  CHECK(scaled["warnings"].empty());
  CHECK(scaled["explained_variance_ratio"][0].get<double>() == Approx(0.361988).epsilon(1e-5));
}

TEST_CASE("reduce: svd is about zero, keeps a share on demand, and its default fits tables of one column") {
  const auto j = run_line("reduce svd @iris --truth species --json").json();
  CHECK(j["components"] == 2);
  CHECK_FALSE(j.contains("explained_variance"));
  CHECK_THAT(j["report"]["note"].get<std::string>(), Contains("X'X"));
  CHECK(run_line("reduce svd @iris --truth species --components 0.9999 --json").json()["components"] == 4);
  CHECK(run_line("reduce svd @iris --truth species --components 0.5 --json").json()["components"] == 1);
  const Scratch folder;
  const std::string column = put_file(folder / "column.csv", "x\n3\n4\n"),
                    row = put_file(folder / "r.csv", "x,y\n3,4\n");
  for (const std::string& table : {column, row}) {
    const auto one = run_line("reduce svd --json", {table}).json();
    CHECK(one["components"] == 1);
    CHECK(one["singular_values"][0].get<double>() == Approx(5).epsilon(1e-14));
  }
}

TEST_CASE("reduce: bad numbers of components are refused with the rule") {
  for (const char* bad : {"0", "-1", "two", "1.5", "nan", "1e300"}) {
    INFO(bad);
    const Outcome o = run_line("reduce pca @iris --truth species --components", {bad});
    CHECK(o.code == 2);
    CHECK(o.says("components"));
  }
  const Outcome many = run_line("reduce pca @iris --truth species --components 5");
  CHECK((many.code == 2 || many.code == 3));
  CHECK(many.says("at most 4"));
  CHECK(run_line("reduce pca @iris --solver randomized").says("how many components"));
  CHECK(run_line("reduce pca @iris --componets 2").says("did you mean '--components'"));
}

TEST_CASE("reduce: bad tables are refused with the place, tiny ones answer") {
  const Scratch folder;
  CHECK(run_line("reduce pca", {put_file(folder / "none.csv", "x,y\n")}).code == 3);
  CHECK(run_line("reduce pca", {put_file(folder / "hole.csv", "x,y\n1,2\n,3\n2,2\n")}).says("impute"));
  CHECK(run_line("reduce pca", {put_file(folder / "one.csv", "x,y\n1,2\n")}).code == 0);
  const auto equal = run_line("reduce pca --json", {put_file(folder / "eq.csv", "x,y\n1,2\n1,2\n1,2\n")}).json();
  for (const auto& variance : equal["explained_variance"]) CHECK(variance == 0);
  CHECK(run_line("reduce pca", {folder / "absent.csv"}).code == 3);
  for (const char* option : {"--out", "--model", "--plot"}) {
    INFO(option);
    CHECK(run_line("reduce pca @iris --truth species", {option, "/dev/full"}).code == 7);
  }
}

TEST_CASE("reduce: the picture shows scores, directions of the columns and the shares; one component is enough") {
  const Scratch folder;
  const std::string plot = folder / "p.svg";
  REQUIRE(run_line("reduce pca @iris --truth species --plot", {plot}).code == 0);
  const std::string svg = file_text(plot);
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.find("pc1 (92.5 % of the variance)") != std::string::npos);
  CHECK(svg.find("petal_length") != std::string::npos);
  CHECK(svg.find("virginica") != std::string::npos);
  REQUIRE(run_line("reduce svd @iris --truth species --components 1 --plot", {plot}).code == 0);
  CHECK(file_text(plot).find("% of the squares)") != std::string::npos);
  CHECK(run_line("reduce pca @iris --plot", {folder / "p.png"}).code == 2);
}

TEST_CASE("reduce: standard output holds the scores alone where they go there") {
  const Outcome o = assay_process(split("reduce pca @iris --truth species --components 2 --out -", ' '));
  CHECK(o.code == 0);
  CHECK(o.out.starts_with("pc1,pc2\n"));
  CHECK(numbers_of(o.out).size() == 150);
  CHECK(run_line("reduce pca @iris --out - --json").code == 2);
}

TEST_CASE("reduce: a sparse table is projected without being centred or made dense") {
  const Scratch folder;
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i % 2) + " " + std::to_string(1 + i % 7) + ":1.5 " + std::to_string(900000 + i % 3) + ":2\n";
  const std::string data = put_file(folder / "d.libsvm", text);
  const auto j = run_line("reduce svd --components 3 --json", {data}).json();
  CHECK(j["components"] == 3);
  const Outcome all = run_line("reduce svd --components all", {data});
  CHECK(all.code == 3);
  CHECK(all.says("--components 10"));
}

TEST_CASE("reduce: names of algorithms, swapped arguments and other kinds get a way out") {
  CHECK(run_line("reduce dbscan @iris").says("is a clusterer"));
  CHECK(run_line("reduce @iris").says("an algorithm stands before it"));
  CHECK(run_line("reduce no-such @iris").code == 2);
  CHECK(run_line("reduce").code == 2);
}
