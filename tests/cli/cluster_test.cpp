// cluster, and predict and explain of its models: what they print, write and refuse.
#include <cmath>
#include <filesystem>

#include "assay/core/text.h"
#include "assay/ml/catalogue.h"
#include "assay/ml/metrics/clustering.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> words(const std::string& line) { return split(line, ' '); }

Outcome run_line(const std::string& line, const std::vector<std::string>& more = {}) {
  std::vector<std::string> args = words(line);
  args.insert(args.end(), more.begin(), more.end());
  return assay_run(args);
}

/// Two tight groups of three rows and one row far from both.
constexpr const char* kSeven = "x,y,side\n0,0,a\n0,1,a\n1,0,a\n10,10,b\n10,11,b\n11,10,b\n5,30,\n";

/// The column of labels of a CSV text.
std::vector<int> labels_of(const std::string& csv) {
  std::vector<int> labels;
  const std::vector<std::string> lines = split(csv, '\n');
  for (size_t i = 1; i < lines.size(); ++i)
    if (!lines[i].empty()) labels.push_back(static_cast<int>(*parse_int(split(lines[i], ',').back())));
  return labels;
}

}  // namespace

TEST_CASE("cluster: prints sizes, means and the most typical row of each cluster, and writes labels in row order") {
  const Scratch folder;
  const std::string data = put_file(folder / "seven.csv", kSeven), out = folder / "labels.csv";
  const Outcome o =
      run_line("cluster dbscan", {data, "--truth", "side", "--eps", "2", "--min-points", "3", "--out", out});
  REQUIRE(o.code == 0);
  CHECK(file_text(out) == "cluster\n0\n0\n0\n1\n1\n1\n-1\n");
  CHECK(o.prints("0.333333"));  // mean of 0, 0, 1
  CHECK(o.prints("row 1"));
  CHECK(o.prints("noise"));
  CHECK(o.says("labels written to"));
  CHECK(o.says("1 rows without a known group"));
}

TEST_CASE("cluster: --json holds what scripts rely on, the same twice but for run") {
  const Scratch folder;
  const std::string data = put_file(folder / "seven.csv", kSeven);
  const std::vector<std::string> more{data, "--truth", "side", "--eps", "2", "--min-points", "3", "--json"};
  const Outcome o = run_line("cluster dbscan", more);
  REQUIRE(o.code == 0);
  CHECK(o.err.empty());
  const auto j = o.json();
  for (const char* key : {"verb", "assay", "seed", "warnings", "run", "algorithm", "params", "pipeline", "rows",
                          "features", "report", "clusters", "noise", "groups", "indices", "truth"})
    CHECK(j.contains(key));
  CHECK(j["clusters"] == 2);
  CHECK(j["noise"] == 1);
  CHECK(j["rows"] == 7);
  CHECK(j["features"] == 2);
  CHECK(j["groups"][0]["rows"] == 3);
  CHECK(j["groups"][0]["typical_row"]["row"] == 1);
  CHECK(j["groups"][0]["typical_row"]["line"] == 2);
  CHECK(j["groups"][1]["mean"]["x"].get<double>() == Approx(31 / 3.0));
  CHECK(j["indices"]["ari"] == 1);  // among the six rows whose group is known
  CHECK(j["silhouette"]["exact"] == true);
  CHECK(j["silhouette"]["rows"] == 6);  // noise is left out
  CHECK(j["truth"]["counts"] == nlohmann::json::parse("[[3,0],[0,3]]"));
  for (const char* key : {"load_s", "load_cpu_s", "fit_s", "fit_cpu_s"}) CHECK(j["run"]["timing"].contains(key));
  CHECK(without_run(j) == without_run(run_line("cluster dbscan", more).json()));
}

TEST_CASE("cluster: every index of the catalogue stands in the JSON, with the library's numbers") {
  const auto j = run_line("cluster gmm @iris --truth species --clusters 3 --json").json();
  for (const ClusterIndex& index : cluster_indices()) {
    INFO(index.name);
    CHECK(j["indices"].contains(index.name));
  }
  CHECK(j["indices"]["v_measure"] == j["indices"]["nmi"]);
}

TEST_CASE("cluster: all columns are features; --truth and --ignore take columns out; text is said to take part") {
  const Outcome all = run_line("cluster gmm @iris --clusters 3 --no-score --json");
  CHECK(all.json()["features"] == 5);
  CHECK_THAT(all.json()["warnings"].dump(), Contains("text takes part"));
  CHECK_THAT(all.json()["pipeline"].dump(), Contains("encode"));
  const auto truth = run_line("cluster gmm @iris --clusters 3 --truth species --json").json();
  CHECK(truth["features"] == 4);
  CHECK(truth["warnings"].empty());
  CHECK(run_line("cluster gmm @iris --clusters 3 --ignore species,petal_width --json").json()["features"] == 3);
  const Outcome unknown = run_line("cluster gmm @iris --truth specie");
  CHECK(unknown.code == 2);
  CHECK(unknown.says("did you mean 'species'"));
  CHECK(run_line("cluster gmm @iris --ignore no").code == 2);
}

TEST_CASE("cluster: text that names each row is refused with the way out") {
  const Scratch folder;
  std::string text = "name,x\n";
  for (int i = 0; i < 150; ++i) text += "n" + std::to_string(i) + "," + std::to_string(i % 7) + "\n";
  const std::string data = put_file(folder / "names.csv", text);
  const Outcome o = run_line("cluster dbscan", {data});
  CHECK(o.code == 3);
  CHECK(o.says("--ignore name"));
  CHECK(run_line("cluster dbscan", {data, "--ignore", "name"}).code == 0);
}

TEST_CASE("cluster: nothing is scaled unless asked, and spreads that differ ten times are warned of once") {
  const auto plain = run_line("cluster gmm @wine --truth cultivar --clusters 3 --json").json();
  CHECK(plain["warnings"].size() == 1);
  CHECK_THAT(plain["warnings"][0].get<std::string>(), Contains("proline") && Contains("--scale standard"));
  const auto scaled = run_line("cluster gmm @wine --truth cultivar --clusters 3 --scale standard --json").json();
  CHECK(scaled["warnings"].empty());
  CHECK_THAT(scaled["pipeline"].dump(), Contains("standard"));
  CHECK(scaled["groups"][0]["mean"]["proline"].get<double>() > 200);  // in the table's units
  CHECK(run_line("cluster gmm @wine --truth cultivar --scale none --json").json()["warnings"].empty());  // asked for
}

TEST_CASE("cluster: a model places new rows as it placed its own; a method that cannot says so before it reads them") {
  const Scratch folder;
  const std::string model = folder / "m.json", labels = folder / "l.csv", said = folder / "p.csv";
  REQUIRE(run_line("cluster gmm @iris --truth species --clusters 3", {"--model", model, "--out", labels}).code == 0);
  REQUIRE(run_line("predict", {model, "@iris", "--out", said}).code == 0);
  CHECK(file_text(said) == file_text(labels));
  CHECK(file_text(said).starts_with("cluster\n"));
  const Outcome proba = run_line("predict", {model, "@iris", "--proba"});
  CHECK(proba.out.starts_with("cluster,proba:0,proba:1,proba:2\n"));
  CHECK(run_line("predict", {model, "@iris", "--keep"}).out.starts_with("sepal_length,"));
  CHECK(run_line("predict", {model, "@iris", "--json"}).json()["task"] == "clustering");
  CHECK(run_line("predict", {model, "@iris", "--decision"}).code == 2);
  CHECK(run_line("predict", {model, "@wine"}).code == 3);
  const Outcome explained = run_line("explain", {model});
  CHECK(explained.code == 0);
  CHECK(explained.prints("gmm"));
  CHECK(run_line("explain", {model, "@iris"}).code == 2);
  CHECK(run_line("evaluate", {model, "@iris"}).code == 4);  // no target to score against

  REQUIRE(run_line("cluster dbscan @iris --truth species", {"--model", model}).code == 0);
  const Outcome refused = run_line("predict", {model, folder / "absent.csv"});
  CHECK(refused.code == 2);
  CHECK(refused.says("cannot place new ones"));
}

TEST_CASE("cluster: a damaged model file is exit 4, an output that is full 7, each with one line") {
  const Scratch folder;
  const std::string bad =
      put_file(folder / "m.json", "{\"format\":\"assay-model\",\"version\":1,\"task\":\"clustering\"}\n");
  const Outcome o = run_line("predict", {bad, "@iris"});
  CHECK(o.code == 4);
  CHECK(split(o.err, '\n').size() <= 3);
  for (const char* option : {"--out", "--model", "--plot"}) {
    const Outcome full = run_line("cluster dbscan @iris --truth species", {option, "/dev/full"});
    INFO(option << full.err);
    CHECK(full.code == 7);
  }
}

TEST_CASE("cluster: bad numbers of clusters and rows are refused with the rule, and tiny tables answer or say why") {
  CHECK(run_line("cluster gmm @iris --clusters 0").code == 2);
  CHECK(run_line("cluster gmm @iris --clusters two").code == 2);
  CHECK(run_line("cluster dbscan @iris --eps 0").code == 2);
  CHECK(run_line("cluster gmm @iris --clustrs 3").says("did you mean '--clusters'"));
  const Outcome many = run_line("cluster gmm @iris --truth species --clusters 151");
  CHECK((many.code == 2 || many.code == 3));
  CHECK(many.says("151"));
  const Scratch folder;
  CHECK(run_line("cluster dbscan", {put_file(folder / "one.csv", "x,y\n1,2\n")}).code == 0);
  CHECK(run_line("cluster dbscan", {put_file(folder / "none.csv", "x,y\n")}).code == 3);
  CHECK(run_line("cluster dbscan", {put_file(folder / "hole.csv", "x,y\n1,2\n,3\n2,2\n")}).says("impute"));
  const Outcome equal = run_line("cluster gmm --clusters 1", {put_file(folder / "eq.csv", "x,y\n1,2\n1,2\n1,2\n")});
  CHECK((equal.code == 0 || equal.code == 3));
}

TEST_CASE("cluster: names of algorithms, swapped arguments and other kinds get a way out") {
  CHECK(run_line("cluster dbscn @iris").says("did you mean 'dbscan'"));
  CHECK(run_line("cluster @iris dbscan").says("arguments swapped; try `assay cluster dbscan @iris`"));
  CHECK(run_line("cluster tree @iris").says("is a learner"));
  CHECK(run_line("fit dbscan @iris").says("is a clusterer"));
  CHECK(run_line("cluster @iris").says("an algorithm stands before it"));
  CHECK(run_line("cluster").code == 2);
  CHECK(run_line("cluster dbscan").says("a table"));
}

TEST_CASE("cluster: standard output holds the labels alone where they go there") {
  const Outcome o = assay_process(words("cluster dbscan @iris --truth species --out -"));
  CHECK(o.code == 0);
  CHECK(o.out.starts_with("cluster\n"));
  CHECK(labels_of(o.out).size() == 150);
  CHECK(o.says("silhouette"));
  CHECK(run_line("cluster dbscan @iris --out - --model -").code == 2);
  CHECK(run_line("cluster dbscan @iris --out - --json").code == 2);
}

TEST_CASE("cluster: the picture is an SVG that says what it shows; other endings are refused") {
  const Scratch folder;
  const std::string plot = folder / "p.svg";
  REQUIRE(run_line("cluster gmm @iris --truth species --clusters 3", {"--plot", plot}).code == 0);
  const std::string svg = file_text(plot);
  CHECK(svg.starts_with("<svg xmlns="));
  CHECK(svg.find("gmm: 3 clusters of 150 rows") != std::string::npos);
  CHECK(svg.find("pc1 (92.5 % of the variance)") != std::string::npos);
  CHECK(svg.find("class=\"regions\"") != std::string::npos);
  CHECK(svg.find("class=\"center\"") != std::string::npos);
  REQUIRE(
      run_line("cluster dbscan @iris --truth species --plot-columns petal_length,petal_width", {"--plot", plot}).code ==
      0);
  CHECK(file_text(plot).find(">petal_width<") != std::string::npos);
  CHECK(file_text(plot).find("class=\"regions\"") == std::string::npos);  // it places no new rows
  CHECK(run_line("cluster dbscan @iris --plot", {folder / "p.png"}).code == 2);
  CHECK(run_line("cluster dbscan @iris --plot-columns petal_length --plot", {plot}).code == 2);
  CHECK(run_line("cluster dbscan @iris --plot-columns petal_length,petal_widht --plot", {plot}).says("did you mean"));
}

TEST_CASE("cluster: the silhouette of many rows is sampled by the seed, and says so; exact on demand") {
  const Outcome some = run_line("cluster gmm @iris --truth species --clusters 3 --silhouette 40");
  CHECK(some.says("mean over 40 rows"));
  const auto a = run_line("cluster gmm @iris --truth species --clusters 3 --silhouette 40 --json").json();
  CHECK(a["silhouette"]["exact"] == false);
  CHECK(a["silhouette"]["standard_error"].get<double>() > 0);
  const auto exact = run_line("cluster gmm @iris --truth species --clusters 3 --silhouette exact --json").json();
  CHECK(exact["silhouette"]["standard_error"] == 0);
  CHECK(std::abs(a["indices"]["silhouette"].get<double>() - exact["indices"]["silhouette"].get<double>()) < 0.2);
  CHECK(run_line("cluster gmm @iris --silhouette some").code == 2);
}

TEST_CASE("cluster: one cluster and nothing but noise have reasons instead of indices") {
  const Outcome one = run_line("cluster gmm @iris --truth species --clusters 1");
  CHECK(one.code == 0);
  CHECK(one.says("there is one cluster"));
  const auto noise = run_line("cluster dbscan @iris --truth species --eps 0.01 --json").json();
  CHECK(noise["clusters"] == 0);
  CHECK(noise["noise"] == 150);
  CHECK(noise["undefined"]["silhouette"] == "every row is noise");
  CHECK(noise["indices"]["homogeneity"] == 0);
}

TEST_CASE("cluster: a LIBSVM table's first field is the known group") {
  const Scratch folder;
  const std::string data = put_file(folder / "d.libsvm", "1 1:0 2:0.5\n1 1:0.5\n2 1:9 2:9\n2 1:9.5 2:9\n");
  const Outcome o =
      run_line("cluster dbscan", {data, "--truth", "target", "--eps", "2", "--min-points", "2", "--json"});
  REQUIRE(o.code == 0);
  CHECK(o.json()["indices"]["ari"] == 1);
}

TEST_CASE("catalogues: list, describe, completion and study know clusterers and reducers") {
  const auto list = run_line("list clusterers --json").json();
  CHECK(list["clusterers"].size() == clusterers().size());
  CHECK(run_line("list reducers --json").json()["reducers"].size() == reducers().size());
  CHECK(run_line("list metrics").prints("silhouette"));
  CHECK(run_line("describe clusterer:dbscan").prints("places no new ones"));
  CHECK(run_line("describe dbscan").prints("clusterer"));
  CHECK(run_line("completion bash").prints("dbscan"));
  CHECK(run_line("cluster dbscan --help").prints("--eps"));
  CHECK(run_line("help cluster").prints("--truth"));
}
