#include <algorithm>
#include <sstream>

#include "assay/core/json.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using assay::Json;
using assay::test::read_text;
using assay::test::Scratch;

namespace {

struct Answer {
  int code = 0;
  std::string out, err;
  Json json() const { return Json::parse(out); }
};

Answer call(const std::vector<std::string>& args) {
  std::istringstream in;
  std::ostringstream out, err;
  Answer a;
  a.code = assay::cli::run(args, in, out, err);
  a.out = out.str();
  a.err = err.str();
  return a;
}

long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("data info: types, missing cells, ranges and class balance of the penguins") {
  const Answer a = call({"data", "info", "@penguins", "--json"});
  REQUIRE(a.code == 0);
  const Json j = a.json();
  CHECK(j["rows"] == 344);
  CHECK(j["features"] == 7);
  const Json& bill = j["columns"][1];
  CHECK(bill["name"] == "bill_length_mm");
  CHECK(bill["type"] == "numeric");
  CHECK(bill["missing"] == 2);
  CHECK(bill["min"] == 32.1);
  CHECK(bill["max"] == 59.6);
  CHECK(j["columns"][5]["missing"] == 11);
  CHECK(j["target"]["classes"][0]["rows"] == 152);
  CHECK(j["findings"].empty());
}

TEST_CASE("data split: every row goes to one side, the classes keep their shares, and the seed decides") {
  const Scratch folder;
  const std::string train = folder / "train.csv", test = folder / "test.csv";
  REQUIRE(call({"data", "split", "@iris", train, test, "--test", "0.2"}).code == 0);
  CHECK(lines_of(read_text(train)) == 121);
  CHECK(lines_of(read_text(test)) == 31);
  const Json j = call({"data", "info", test, "--json"}).json();
  for (const Json& k : j["target"]["classes"]) CHECK(k["rows"] == 10);
  const std::string first = read_text(test);
  REQUIRE(call({"data", "split", "@iris", train, test, "--test", "0.2"}).code == 0);
  CHECK(read_text(test) == first);
  REQUIRE(call({"data", "split", "@iris", train, test, "--test", "0.2", "--seed", "1"}).code == 0);
  CHECK(read_text(test) != first);
}

TEST_CASE("data convert: to LIBSVM and back nothing is lost but names") {
  const Scratch folder;
  REQUIRE(call({"data", "convert", "@iris", folder / "iris.libsvm"}).code == 0);
  CHECK(read_text(folder / "iris.libsvm").starts_with("1 1:5.1 2:3.5 3:1.4 4:0.2\n"));
  REQUIRE(call({"data", "convert", folder / "iris.libsvm", folder / "back.csv"}).code == 0);
  CHECK(read_text(folder / "back.csv").starts_with("f1,f2,f3,f4,target\n5.1,3.5,1.4,0.2,1\n"));
  REQUIRE(call({"data", "convert", "@breast_cancer", folder / "cancer.libsvm"}).code == 0);
  CHECK(read_text(folder / "cancer.libsvm").starts_with("+1 1:17.99"));
}

TEST_CASE("data convert: text columns cannot become LIBSVM, and nothing is left behind") {
  const Scratch folder;
  const Answer a = call({"data", "convert", "@titanic", folder / "titanic.libsvm"});
  CHECK(a.code == 3);
  CHECK(a.err.find("passenger_class") != std::string::npos);
  CHECK(folder.names().empty());
}

TEST_CASE("data generate: a generator's parameters are options, and inline settings mean the same") {
  const Answer options = call({"data", "generate", "twonorm", "--rows", "20", "--columns", "3", "--seed", "4"});
  const Answer inline_form = call({"data", "generate", "twonorm:rows=20:columns=3", "--seed", "4"});
  REQUIRE(options.code == 0);
  CHECK(options.out == inline_form.out);
  CHECK(lines_of(options.out) == 21);
  CHECK(options.out.starts_with("x1,x2,x3,class\n"));
  CHECK(call({"data", "generate", "moons", "--noise", "-1"}).code == 2);
  CHECK(call({"data", "generate", "twonrm"}).err.find("did you mean 'twonorm'") != std::string::npos);
}

TEST_CASE("data: an action that is not there is answered with those that are") {
  const Answer a = call({"data", "inof", "@iris"});
  CHECK(a.code == 2);
  CHECK(a.err.find("did you mean 'info'") != std::string::npos);
  CHECK(call({"data"}).code == 2);
}

TEST_CASE("data split: a part that cannot be written leaves no other part behind") {
  const Scratch folder;
  const auto code = [&](const std::string& table, const std::string& train, const std::string& test) {
    return call({"data", "split", table, train, test}).code;
  };
  CHECK(code("@titanic", folder / "a.csv", folder / "b.libsvm") == 3);
  CHECK(code("@iris", folder / "a.csv", "/dev/full") == 7);
  CHECK(code("@iris", "/dev/full", folder / "b.csv") == 7);
  CHECK(code("@iris", folder / "a.csv", folder / "no/b.csv") == 7);
  CHECK(folder.names().empty());
}

TEST_CASE("data convert: of two classes the positive one is +1, and stdout can be written to") {
  const Scratch folder;
  std::ofstream(folder / "t.csv") << "x,y\n1,no\n2,yes\n";
  CHECK(call({"data", "convert", folder / "t.csv", "-", "--to", "libsvm"}).out == "-1 1:1\n+1 1:2\n");
  const Answer no = call({"data", "convert", folder / "t.csv", "-", "--to", "libsvm", "--positive", "no"});
  CHECK(no.out == "+1 1:1\n-1 1:2\n");
  CHECK(no.err.find("classes: yes = -1, no = +1") != std::string::npos);
  CHECK(call({"data", "convert", folder / "t.csv", folder / "t.svm", "--json"}).json()["labels"] ==
        Json({{"no", "-1"}, {"yes", "+1"}}));
}

TEST_CASE("data convert: other separators, and columns left out") {
  const Scratch folder;
  std::ofstream(folder / "t.csv") << "x,w,y\n1,\"a\tb\",2\n,c,3\n";
  CHECK(call({"data", "convert", folder / "t.csv", "-", "--to", "tsv"}).out == "x\tw\ty\n1\t\"a\tb\"\t2\n\tc\t3\n");
  CHECK(call({"data", "convert", folder / "t.csv", "-", "--ignore", "w"}).out == "x,y\n1,2\n,3\n");
}
