#include "assay/core/text.h"

#include <cmath>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

TEST_CASE("text: the shortest form of a double reads back as the same double") {
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = (rng.uniform() - 0.5) * std::pow(10.0, rng.uniform(-300, 300));
    CHECK(parse_double(shortest(x)) == x);
  }
  CHECK(shortest(0.1) == "0.1");
  CHECK(std::signbit(*parse_double(shortest(-0.0))));
}

TEST_CASE("text: a number is the whole text or nothing") {
  CHECK(parse_double("+1.5") == 1.5);
  CHECK(parse_double("1e400") == std::numeric_limits<double>::infinity());
  CHECK(parse_double("-1e400") == -std::numeric_limits<double>::infinity());
  CHECK(parse_double("1e-400") == 0.0);
  for (const char* text : {"", " 1", "1 ", "1,5", "1.5x", "+-1", "--1", "0x10", "1e"})
    CHECK_FALSE(parse_double(text).has_value());
  CHECK(parse_int("-42") == -42);
  CHECK_FALSE(parse_int("4.0").has_value());
}

TEST_CASE("text: control bytes cannot reach a terminal, and long text is cut") {
  CHECK(escaped("a\x1b[31mb\n\t") == "a\\x1b[31mb\\n\\t");
  CHECK(escaped("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(escaped("\xc2\x9b"
                "31m")
            .find('\xc2') == std::string::npos);  // C1 control, as UTF-8
  CHECK(escaped(std::string(500, 'x'), 10) == "xxxxxxxxxx...");
  const DataError e("bad \x07 cell", "", {"fi\nle.csv", 3, 4});
  CHECK(std::string(e.what()) == "fi\\nle.csv:3:4: bad \\x07 cell");
}

TEST_CASE("text: near misses are found by typing errors, not by chance") {
  const std::vector<std::string> names{"logistic", "tree", "knn", "gaussian"};
  CHECK(near_misses("tre", names).front() == "tree");
  CHECK(near_misses("rtee", names).front() == "tree");
  CHECK(near_misses("gausian", names).front() == "gaussian");
  CHECK(near_misses("logis", names).front() == "logistic");
  CHECK(near_misses("banana", names).empty());
  CHECK(near_misses("--depth", {"--width", "--max-depth"}).front() == "--max-depth");
  CHECK(near_misses("th", {"max-th"}).empty());
  CHECK(did_you_mean("ttree", names) == "; did you mean 'tree'?");
}

TEST_CASE("text: names are compared in kebab case, single letters as they are") {
  CHECK(kebab("Max_Depth") == "max-depth");
  CHECK(kebab("C") == "C");
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(join({"a", "b"}, ", ") == "a, b");
  CHECK(trim("  x \r\n") == "x");
}

TEST_CASE("error: kinds have their exit codes") {
  CHECK(Error("x").exit_code() == 1);
  CHECK(UsageError("x").exit_code() == 2);
  CHECK(ParameterError("x").exit_code() == 2);
  CHECK(DataError("x").exit_code() == 3);
  CHECK(ModelError("x").exit_code() == 4);
  CHECK(OutputError("x").exit_code() == 7);
  CHECK(Cancelled(15).exit_code() == 143);
}
