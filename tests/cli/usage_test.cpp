// The command line itself: verbs, options, help, exit codes 0 and 2, errors as text and as JSON.
#include "assay/core/text.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

// One line, and one that begins with "  hint: " at most; what was said of the table may stand before.
void check_shape(const Outcome& o) {
  INFO(o.err);
  CHECK(o.out.empty());
  const std::string error = o.err.rfind("task: ", 0) == 0 ? o.err.substr(o.err.find('\n') + 1) : o.err;
  CHECK(error.rfind("assay: ", 0) == 0);
  const auto lines = std::count(error.begin(), error.end(), '\n');
  CHECK((lines == 1 || (lines == 2 && o.says("\n  hint: "))));
}

void check_usage(const std::vector<std::string>& args, const std::string& wanted) {
  const Outcome o = assay_run(args);
  INFO(nlohmann::json(args).dump() << " -> " << o.err);
  CHECK(o.code == 2);
  CHECK_THAT(o.err, Contains(wanted));
  check_shape(o);
}

}  // namespace

TEST_CASE("cli: assay alone prints the overview on stderr and ends with 2") {
  const Outcome o = assay_run({});
  CHECK(o.code == 2);
  CHECK(o.out.empty());
  CHECK_THAT(o.err, Contains("assay compare @titanic") && Contains("Verbs"));
}

TEST_CASE("cli: help, with examples first, is data") {
  for (const auto& args : std::vector<std::vector<std::string>>{{"help"}, {"--help"}, {"-h"}}) {
    const Outcome o = assay_run(args);
    CHECK(o.code == 0);
    CHECK(o.err.empty());
    CHECK_THAT(o.out, Contains("Verbs"));
  }
  for (const cli::Verb& v : cli::verbs()) {
    const Outcome o = assay_run({v.name, "--help"});
    INFO(v.name);
    CHECK(o.code == 0);
    CHECK(o.err.empty());
    CHECK(o.out == assay_run({"help", v.name}).out);
    const size_t examples = o.out.find("\nExamples\n"), options = o.out.find("\nOptions");
    CHECK(examples != std::string::npos);
    CHECK(examples < options);
    CHECK_THAT(o.out, Contains("--seed") && Contains(v.summary));
    REQUIRE(assay_run({v.name, "--help", "--json"}).json()["verb"] == v.name);
  }
}

TEST_CASE("cli: the help of a verb on an algorithm lists its parameters") {
  const Outcome o = assay_run({"fit", "tree", "--help"});
  CHECK_THAT(o.out, Contains("Parameters of tree") && Contains("--max-depth"));
  CHECK(assay_run({"fit", "--help", "tree"}).out == o.out);
  CHECK_THAT(assay_run({"fit", "--seed", "3", "tree", "--help"}).out, Contains("Parameters of tree"));
}

TEST_CASE("cli: --version is one line on stdout") {
  const Outcome o = assay_run({"--version"});
  CHECK(o.code == 0);
  CHECK(o.err.empty());
  CHECK(o.out.rfind("assay ", 0) == 0);
  CHECK(std::count(o.out.begin(), o.out.end(), '\n') == 1);
}

TEST_CASE("cli: a slip of the fingers gets a did-you-mean") {
  check_usage({"comapre", "@iris"}, "did you mean 'compare'?");
  check_usage({"fit", "logstic", "@iris"}, "did you mean 'logistic'?");
  check_usage({"fit", "logistic", "@irs"}, "did you mean '@iris'?");
  check_usage({"fit", "logistic", "@iris", "--ot", "m.json"}, "did you mean '--out'");
  check_usage({"fit", "tree", "@iris", "--max-dpth", "3"}, "did you mean '--max-depth'?");
  check_usage({"fit", "tree:max-dpth=3", "@iris"}, "did you mean 'max-depth'?");
  check_usage({"fit", "tree", "@iris", "--criterion", "entopy"}, "did you mean 'entropy'?");
  check_usage({"fit", "tree", "@iris", "--target", "specis"}, "did you mean 'species'?");
  check_usage({"compare", "@iris", "--algos", "tre,dummy"}, "did you mean 'tree'?");
  check_usage({"compare", "@iris", "--metric", "acuracy"}, "did you mean 'accuracy'?");
  check_usage({"compare", "@iris", "--ignore", "petal_lenght"}, "did you mean 'petal_length'");
  check_usage({"fit", "logistic", "@breast_cancer", "--positive", "malignat"}, "did you mean 'malignant'?");
  check_usage({"fit", "logistic", "@iris", "--class-weight", "setsa:2"}, "did you mean 'setosa'?");
  check_usage({"fit", "logistic", "@iris", "--scale", "standrd"}, "did you mean 'standard'?");
  check_usage({"describe", "tre"}, "did you mean 'tree'?");
  check_usage({"help", "compar"}, "did you mean 'compare'?");
  check_usage({"completion", "bsh"}, "did you mean 'bash'");
}

TEST_CASE("cli: swapped arguments are recognised") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", "x,y\n1,a\n2,b\n");
  check_usage({"fit", "@iris", "logistic"}, "arguments swapped; try `assay fit logistic @iris`");
  check_usage({"cv", csv, "tree"}, "arguments swapped; try `assay cv tree");
  REQUIRE(assay_run({"fit", "dummy", csv, "--out", folder / "m.json"}).code == 0);
  REQUIRE(assay_run({"fit", "dummy", csv, "--out", folder / "model"}).code == 0);
  for (const std::string verb : {"predict", "evaluate"})
    for (const std::string& model : {folder / "m.json", folder / "model"}) {
      check_usage({verb, csv, model}, "arguments swapped; try `assay " + verb + " " + model + " " + csv + "`");
      check_usage({verb, "@iris", model}, "arguments swapped");
    }
  check_usage({"fit", csv}, "is a table");
  check_usage({"explain", "@iris"}, "is a table");
}

TEST_CASE("cli: values that look like options are refused, and abbreviations are no options") {
  check_usage({"fit", "logistic", "@iris", "--target", "--quiet"}, "--target");
  check_usage({"fit", "logistic", "@iris", "--target=--json"}, "looks like an option");
  check_usage({"fit", "logistic", "@iris", "--targ", "species"}, "unknown option '--targ'");
  check_usage({"compare", "@iris", "--jso"}, "unknown option '--jso'");
  check_usage({"fit", "logistic", "@iris", "--out"}, "'--out' needs a value");
  check_usage({"fit", "logistic", "@iris", "-z"}, "unknown option '-z'");
  check_usage({"fit", "logistic", "@iris", "--seed", "1", "--seed", "2"}, "given twice");
  check_usage({"--seed", "1", "list"}, "the verb comes first");
}

TEST_CASE("cli: a boolean alone means true, and takes the word behind it only where that is one") {
  const auto fit = [](std::vector<std::string> more) {
    std::vector<std::string> args{"fit", "logistic"};
    args.insert(args.end(), more.begin(), more.end());
    args.insert(args.end(), {"--json", "--holdout", "0.2"});
    const auto run = assay_run(args);
    REQUIRE(run.code == 0);
    return run.json()["params"]["intercept"].get<bool>();
  };
  CHECK(fit({"@iris", "--intercept"}));
  CHECK(fit({"--intercept", "@iris"}));
  CHECK(fit({"@iris", "--intercept", "true"}));
  CHECK_FALSE(fit({"@iris", "--intercept", "false"}));
  CHECK_FALSE(fit({"--intercept", "no", "@iris"}));
  CHECK_FALSE(fit({"@iris", "--intercept=off"}));
  check_usage({"fit", "logistic", "@iris", "--intercept=maybe"}, "intercept");
}

TEST_CASE("cli: missing and superfluous arguments are said") {
  check_usage({"fit"}, "needs an algorithm");
  check_usage({"fit", "tree"}, "needs a table");
  check_usage({"predict"}, "needs a model file");
  check_usage({"compare"}, "needs a table");
  check_usage({"compare", "@iris", "@wine"}, "unexpected argument \"@wine\"");
  check_usage({"fit", "tree", "@iris", "more"}, "unexpected argument \"more\"");
}

TEST_CASE("cli: values outside their rule are refused with rule and value") {
  check_usage({"fit", "logistic", "@iris", "--C", "0"}, "'C' must be > 0, got \"0\"");
  check_usage({"fit", "logistic:C=nan", "@iris"}, "'C' must be > 0");
  check_usage({"fit", "logistic", "@iris", "--max-iter", "1.5"}, "max-iter");
  check_usage({"fit", "logistic", "@iris", "--holdout", "1"}, "--holdout");
  check_usage({"fit", "logistic", "@iris", "--holdout", "0.2", "--valid", "x.csv"}, "not both");
  check_usage({"compare", "@iris", "--folds", "1"}, "--folds");
  check_usage({"compare", "@iris", "--folds", "2.5"}, "whole number");
  check_usage({"compare", "@iris", "--folds", "1e10"}, "whole number");
  check_usage({"compare", "@iris", "--seed", "-1"}, "--seed");
  check_usage({"compare", "@iris", "--threads", "many"}, "--threads");
  check_usage({"compare", "@iris", "--budget", "soon"}, "--budget");
  check_usage({"compare", "@iris", "--color", "blue"}, "--color");
  check_usage({"compare", "@iris", "--sep", "ab"}, "--sep");
  check_usage({"compare", "@diabetes", "--class-weight", "balanced"}, "holds numbers");
  check_usage({"compare", "@diabetes", "--positive", "1"}, "holds numbers");
  check_usage({"compare", "@iris", "--positive", "setosa"}, "has 3");
  check_usage({"compare", "@diabetes", "--algos", "logistic"}, "does not do regression");
  check_usage({"compare", "@iris", "--metric", "rmse"}, "rmse");
}

TEST_CASE("cli: under --json an error is one object on stderr") {
  const Scratch folder;
  const Outcome usage = assay_run({"fit", "logstic", "@iris", "--json"});
  CHECK(usage.code == 2);
  CHECK(usage.out.empty());
  CHECK(keys(nlohmann::ordered_json::parse(usage.err)) == std::set<std::string>{"error"});
  CHECK(keys(usage.error()) == std::set<std::string>{"code", "kind", "message", "hint"});
  CHECK(usage.error()["code"] == 2);
  CHECK(usage.error()["kind"] == "usage");
  CHECK_THAT(usage.error()["message"].get<std::string>(), Contains("did you mean 'logistic'"));

  const std::string bad = put_file(folder / "bad.csv", "x,y\n1,a\n2,b,c\n");
  const Outcome data = assay_run({"fit", "logistic", bad, "--json"});
  CHECK(data.code == 3);
  CHECK(data.error()["kind"] == "data");
  CHECK(data.error()["file"] == bad);
  CHECK(data.error()["line"] == 3);
  const std::string text =
      put_file(folder / "text.csv", "x,y\n1,2.5\n2,3.5\n3,1\n4,2\n5,3\n6,1.5\n7,1\n8,2\n9,3\n10,n/k\n");
  CHECK(assay_run({"fit", "dummy", text, "--json"}).error()["column"] == 2);
  CHECK(assay_run({"fit", "dummy", text, "--json"}).error()["line"] == 11);

  CHECK(assay_run({"fit", "logistic", "@iris", "--C", "0", "--json"}).error()["kind"] == "parameter");
  const Outcome model = assay_run({"explain", bad, "--json"});
  CHECK(model.code == 4);
  CHECK(model.error()["kind"] == "model");
  const Outcome output = assay_run({"fit", "dummy", "@iris", "--out", folder / "no/such/m.json", "--json"});
  CHECK(output.code == 7);
  CHECK(output.error()["kind"] == "output");
  CHECK(output.out.empty());
  // An output that cannot be written is refused before the work, here before the table is found to be bad.
  for (const char* verb : {"fit dummy", "cluster kmeans", "reduce pca"}) {
    std::vector<std::string> words = split(verb, ' ');
    words.insert(words.end(), {bad, "--out", folder / "no/such/m.json"});
    CHECK(assay_run(words).code == 7);
  }
  CHECK(assay_run({"compare", bad, "--report", folder / "no/such/r.html"}).code == 7);
}

TEST_CASE("cli: --json prints one object and nothing else, on every verb") {
  const Scratch folder;
  const std::string m = folder / "m.json";
  REQUIRE(assay_run({"fit", "logistic", "@iris", "--out", m}).code == 0);
  for (const auto& args : std::vector<std::vector<std::string>>{{"fit", "tree", "@iris"},
                                                                {"predict", m, "@iris", "--proba"},
                                                                {"evaluate", m, "@iris"},
                                                                {"cv", "tree", "@iris"},
                                                                {"compare", "@iris", "--algos", "tree"},
                                                                {"explain", m},
                                                                {"list"},
                                                                {"list", "learners"},
                                                                {"describe", "tree"},
                                                                {"completion", "bash"},
                                                                {"help"},
                                                                {"help", "fit"}}) {
    std::vector<std::string> with = args;
    with.push_back("--json");
    const Outcome o = assay_run(with);
    INFO(nlohmann::json(args).dump() << o.err);
    CHECK(o.code == 0);
    CHECK(o.err.empty());
    const auto json = o.json();
    for (const char* key : {"verb", "assay", "seed", "warnings", "run"}) CHECK(json.contains(key));
    CHECK(json["verb"] == args[0]);
    CHECK(json["run"].contains("threads"));
    CHECK(json["run"].contains("peak_rss_mb"));
  }
}

TEST_CASE("cli: --json and a file on standard output are refused together") {
  CHECK(assay_run({"compare", "@iris", "--report", "-", "--json"}).code == 2);
  const Outcome o = assay_run({"fit", "dummy", "@iris", "--out", "-", "--json"});
  CHECK(o.code == 2);
  CHECK(o.error()["message"] == "--json and --out both want standard output");
}

TEST_CASE("cli: a config file comes after the command line and before the defaults") {
  const Scratch folder;
  const std::string config =
      put_file(folder / "assay.conf", "# what we always want\n\nseed = 7\nmax_depth = 2   \nno-score\njson = true\n");
  const auto plain = assay_run({"fit", "tree", "@iris", "--config", config});
  REQUIRE(plain.code == 0);
  CHECK(plain.json()["seed"] == 7);
  CHECK(plain.json()["params"]["max-depth"] == 2);
  CHECK_FALSE(plain.json().contains("train"));
  const auto over = assay_run({"fit", "tree", "@iris", "--config", config, "--max-depth", "4", "--seed", "9"}).json();
  CHECK(over["seed"] == 9);
  CHECK(over["params"]["max-depth"] == 4);

  put_file(config, "seed = 7\nsede = 8\n");
  const Outcome unknown = assay_run({"fit", "tree", "@iris", "--config", config});
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.err, Contains("assay.conf:2") && Contains("did you mean 'seed'"));
  put_file(config, "seed = -7\n");
  CHECK(assay_run({"fit", "tree", "@iris", "--config", config}).code == 2);
  put_file(config, "target = --json\n");
  CHECK_THAT(assay_run({"fit", "tree", "@iris", "--config", config}).err, Contains("assay.conf:1"));
  CHECK(assay_run({"fit", "tree", "@iris", "--config", folder / "absent"}).code == 3);
}

TEST_CASE("cli: negative numbers are values, and what follows -- is an argument") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", "x,y\n1,-1\n2,1\n3,-1\n4,1\n5,-1\n6,1\n7,1\n8,-1\n9,1\n10,-1\n");
  const auto json = assay_run({"fit", "logistic", csv, "--positive", "-1", "--json"}).json();
  CHECK(json["positive"] == "-1");
  CHECK(json["classes"].get<std::vector<std::string>>() == std::vector<std::string>{"-1", "1"});
  CHECK(assay_run({"fit", "--json", "--", "logistic", csv}).code == 0);
}

TEST_CASE("cli: names of parameters are read with dashes or underscores, and by their aliases") {
  const auto depth = [](const std::vector<std::string>& more) {
    std::vector<std::string> args{"fit", "tree", "@iris", "--json"};
    args.insert(args.end(), more.begin(), more.end());
    return assay_run(args).json()["params"]["max-depth"];
  };
  CHECK(depth({"--max-depth", "3"}) == 3);
  CHECK(depth({"--max_depth=3"}) == 3);
  CHECK(depth({"--max-depth", "none"}).is_null());
  CHECK(assay_run({"fit", "decision-tree:max_depth=3", "@iris", "--json"}).json()["params"]["max-depth"] == 3);
  CHECK(assay_run({"fit", "logistic", "@iris", "--tol", "1e-5", "--json"}).json()["params"]["tolerance"] == 1e-5);
}

TEST_CASE("cli: nothing that is not a terminal gets colours, bars or control bytes") {
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"compare", "@iris"}, {"fit", "tree", "@iris"}, {"list"}, {"help"}, {"cv", "logistic", "@iris"}}) {
    const Outcome o = assay_run(args);
    CHECK(o.out.find('\x1b') == std::string::npos);
    CHECK(o.err.find('\x1b') == std::string::npos);
    CHECK(o.err.find('\r') == std::string::npos);
  }
}

TEST_CASE("cli: --quiet leaves warnings and data") {
  const Scratch folder;
  const Outcome o = assay_run({"fit", "logistic", "@iris", "--max-iter", "1", "--quiet"});
  CHECK(o.code == 0);
  CHECK(o.err.rfind("warning: ", 0) == 0);
  CHECK(std::count(o.err.begin(), o.err.end(), '\n') == 1);
  CHECK_THAT(o.out, Contains("accuracy"));
}

TEST_CASE("cli: the completion scripts name every verb and its algorithms") {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Outcome o = assay_run({"completion", shell});
    CHECK(o.code == 0);
    for (const cli::Verb& v : cli::verbs()) CHECK_THAT(o.out, Contains(v.name));
    CHECK_THAT(o.out, Contains("logistic") && Contains("@iris") && Contains("max-columns"));
  }
}

TEST_CASE("cli: describe tells an algorithm's parameters with default and rule") {
  const Outcome o = assay_run({"describe", "learner:tree"});
  CHECK_THAT(o.out, Contains("max-depth") && Contains("none") && Contains("Try: assay fit tree"));
  const auto json = assay_run({"describe", "logistic", "--json"}).json();
  CHECK(json["parameters"][0]["name"] == "C");
  CHECK(json["parameters"][0]["default"] == 1);
  CHECK(assay_run({"describe", "colour:tree"}).code == 2);
}

TEST_CASE("cli: every example of every help page has options that exist") {
  // Files that an example mentions are not there: what must not happen is a usage error about a verb, option or name.
  for (const cli::Verb& v : cli::verbs())
    for (const std::string& example : v.examples) {
      std::vector<std::string> args;
      std::istringstream words(example);
      for (std::string w; words >> w && w != ">";) args.push_back(w);
      args.push_back("--help");
      CHECK(assay_run(args).code == 0);
      for (const std::string& a : args)
        if (a.rfind("--", 0) == 0 && a != "--help") {
          INFO(example);
          CHECK_THAT(assay_run(args).out, Contains(a.substr(0, a.find('='))));
        }
    }
}
