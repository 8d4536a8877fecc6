#include "assay/core/archive.h"

#include <chrono>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

std::string refusal(const std::string& text, int depth = 64) {
  try {
    parse_json(text, "m.json", depth);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "accepted";
}

template <class Read>
std::string refusal_of(const std::string& text, Read read) {
  const Json json = parse_json(text, "m.json");
  try {
    read(ArchiveReader(&json, "model"));
  } catch (const ModelError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("archive: what is written is read back bit for bit") {
  Json json;
  ArchiveWriter out(&json);
  const std::vector<double> awkward{0.1, -0.0, 5e-324, std::numeric_limits<double>::max(), 1.0 / 3.0, 3.0};
  Matrix m(2, 3);
  m << 1, 2, 3, 4, 5, 6.5;
  out.flag("flag", true);
  out.integer("integer", -1234567890123456789ll);
  out.number("number", 0.1);
  out.text("text", "caf\xc3\xa9 \"quoted\" \x01");
  out.numbers("numbers", awkward);
  out.integers("integers", {1, -2, 3});
  out.texts("texts", {"a", ""});
  out.vector("vector", Vector::LinSpaced(3, 0, 1));
  out.matrix("matrix", m);

  const Json again = parse_json(json.dump(), "m.json");
  const ArchiveReader in(&again, "model");
  CHECK(in.flag("flag"));
  CHECK(in.integer("integer", std::numeric_limits<long long>::min(), 0) == -1234567890123456789ll);
  CHECK(in.number("number") == 0.1);
  CHECK(in.text("text") == "caf\xc3\xa9 \"quoted\" \x01");
  const std::vector<double> numbers = in.numbers("numbers");
  REQUIRE(numbers.size() == awkward.size());
  for (size_t i = 0; i < numbers.size(); ++i) {
    CHECK(numbers[i] == awkward[i]);
    CHECK(std::signbit(numbers[i]) == std::signbit(awkward[i]));
  }
  CHECK(in.integers("integers", -5, 5) == std::vector<int>{1, -2, 3});
  CHECK(in.texts("texts") == std::vector<std::string>{"a", ""});
  CHECK(in.vector("vector", 3) == Vector::LinSpaced(3, 0, 1));
  CHECK(in.matrix("matrix", 2, -1) == m);
  CHECK(in.has("flag"));
  CHECK_FALSE(in.has("flags"));
}

TEST_CASE("archive: a child object stays writable while its parent grows") {
  Json json;
  ArchiveWriter out(&json);
  ArchiveWriter first = out.object("first");
  ArchiveWriter tree = out.append("trees");
  for (int i = 0; i < 100; ++i) {
    out.integer("n" + std::to_string(i), i);
    out.append("trees").integer("i", i);
  }
  first.integer("late", 1);
  tree.integer("late", 2);
  CHECK(json["first"]["late"] == 1);
  CHECK(json["trees"][0]["late"] == 2);
  CHECK(json["trees"].size() == 101);
}

TEST_CASE("archive: a number that is not finite is not written") {
  Json json;
  ArchiveWriter out(&json);
  CHECK_THROWS_AS(out.number("x", std::nan("")), Error);
  CHECK_THROWS_AS(out.numbers("x", {1, std::numeric_limits<double>::infinity()}), Error);
  CHECK_THROWS_AS(out.vector("x", Vector::Constant(2, std::nan(""))), Error);
}

TEST_CASE("archive: every refusal names the path in the file") {
  const auto at = [](auto read) { return read; };
  CHECK(refusal_of("{}", at([](const ArchiveReader& in) { in.number("C"); })) == "model: lacks \"C\"");
  CHECK(refusal_of("[]", at([](const ArchiveReader& in) { in.number("C"); })) == "model: is not an object but array");
  CHECK(refusal_of(R"({"C":"1"})", at([](const ArchiveReader& in) { in.number("C"); })) ==
        "model.C: is not a number but string");
  CHECK(refusal_of(R"({"n":7})", at([](const ArchiveReader& in) { in.integer("n", 0, 5); })) ==
        "model.n: 7 is outside 0..5");
  CHECK(refusal_of(R"({"n":1.5})", at([](const ArchiveReader& in) { in.integer("n", 0, 5); })) ==
        "model.n: is not a whole number but number");
  CHECK(refusal_of(R"({"n":18446744073709551615})", at([](const ArchiveReader& in) { in.integer("n", -5, 5); })) ==
        "model.n: 18446744073709551615 is outside -5..5");
  CHECK(refusal_of(R"({"v":[1,null]})", at([](const ArchiveReader& in) { in.numbers("v"); })) ==
        "model.v[1]: is not a number but null");
  CHECK(refusal_of(R"({"v":[1,9]})", at([](const ArchiveReader& in) { in.integers("v", 0, 8); })) ==
        "model.v[1]: 9 is outside 0..8");
  CHECK(refusal_of(R"({"v":[1,2]})", at([](const ArchiveReader& in) { in.vector("v", 3); })) ==
        "model.v: has 2 values instead of 3");
  CHECK(refusal_of(R"({"trees":[{},{"x":[]}]})", at([](const ArchiveReader& in) {
                     in.objects("trees").at(1).object("x");
                   })) == "model.trees[1].x: is not an object but array");
}

TEST_CASE("archive: shapes of a matrix are checked before it is made") {
  const auto read = [](const ArchiveReader& in) { in.matrix("m", -1, -1); };
  CHECK(refusal_of(R"({"m":{"rows":2147483647,"columns":2147483647,"values":[1]}})", read) ==
        "model.m: has 1 values for 2147483647 x 2147483647");
  CHECK(refusal_of(R"({"m":{"rows":-1,"columns":1,"values":[]}})", read) ==
        "model.m.rows: -1 is outside 0..2147483647");
  CHECK(refusal_of(R"({"m":{"rows":1,"columns":2,"values":[1,2]}})",
                   [](const ArchiveReader& in) { in.matrix("m", -1, 3); }) == "model.m: is 1 x 2 instead of any x 3");
}

TEST_CASE("json: what is not JSON is refused with its byte") {
  CHECK(refusal("") == "m.json: is not JSON at byte 1: unexpected end, expected '[', '{', or a literal");
  CHECK(refusal("{\"a\":1").find("m.json: is not JSON at byte 7: unexpected") == 0);
  CHECK(refusal("{\"a\":1} x").find("m.json: is not JSON at byte 9") == 0);
  CHECK(refusal("{\"a\":1e999}").find("m.json: is not JSON at byte") == 0);
  CHECK(refusal("{\"a\":NaN}").find("m.json: is not JSON at byte 6") == 0);
  CHECK(refusal("\"\xff\"").find("m.json: is not JSON at byte 2") == 0);
  CHECK(refusal(std::string("{\"a\":1}\0 rest", 13)) == "m.json: is not JSON at byte 8: a NUL byte");
}

TEST_CASE("json: every prefix of a model is refused, none crashes") {
  const std::string whole = R"({"format":"assay-model","version":1,"x":[1,2.5,{"y":null}],"t":"é\n"})";
  for (size_t n = 0; n < whole.size(); ++n) CHECK(refusal(whole.substr(0, n)) != "accepted");
  CHECK(refusal(whole) == "accepted");
}

TEST_CASE("json: depth is limited, so that a deep text costs no stack") {
  const auto nested = [](int n) {
    return std::string(static_cast<size_t>(n), '[') + std::string(static_cast<size_t>(n), ']');
  };
  CHECK(refusal(nested(64)) == "accepted");
  CHECK(refusal(nested(65)) == "m.json: is nested deeper than 64 levels");
  CHECK(refusal(std::string(10'000'000, '[')) == "m.json: is nested deeper than 64 levels");
}

TEST_CASE("json: a name twice in one object is refused") {
  CHECK(refusal(R"({"a":{"b":1,"c":2,"b":3}})") == "m.json: has the name \"b\" twice in one object");
  CHECK(refusal(R"([{"a":1},{"a":1}])") == "accepted");
}

TEST_CASE("json: an object of many names takes no quadratic time") {
  std::string text = "{";
  for (int i = 0; i < 300000; ++i) text += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":0";
  text += "}";
  const auto start = std::chrono::steady_clock::now();
  const Json json = parse_json(text, "m.json");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(json.size() == 300000);
  CHECK(seconds < 10);  // the library's own parser: minutes
}

TEST_CASE("json: members keep their order") {
  CHECK(parse_json(R"({"z":1,"a":[true,false,null],"m":{"q":-1}})", "x").dump() ==
        R"({"z":1,"a":[true,false,null],"m":{"q":-1}})");
}
