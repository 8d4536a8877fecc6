#include "assay/features/feature_file.h"

#include <cmath>
#include <numbers>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace assay;

namespace {

FeatureTable two_points() {
  FeatureTable table{{"x", "y", "sigma_px", "angle_rad", "response", "octave"}, {}, {}};
  for (int d = 0; d < 128; ++d) table.columns.push_back("d" + std::to_string(d));
  for (int i = 0; i < 2; ++i) {
    const double head[] = {10.25 + i, 20.5, 1.75, i == 0 ? 0.5 : std::numbers::pi, 0.03, -1};
    table.values.insert(table.values.end(), head, head + 6);
    for (int d = 0; d < 128; ++d) table.values.push_back((d * 3 + i) % 256);
  }
  return table;
}

std::string line_of(const std::string& text, int number) {
  size_t begin = 0;
  for (int i = 0; i < number; ++i) begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("feature files: the first lines of each format, by hand") {
  const FeatureTable table = two_points();
  const std::string csv = encode_features(table, FeatureFormat::csv);
  CHECK(line_of(csv, 0).substr(0, 50) == "x,y,sigma_px,angle_rad,response,octave,d0,d1,d2,d3");
  CHECK(line_of(csv, 1).substr(0, 36) == "10.25,20.5,1.75,0.5,0.03,-1,0,3,6,9,");
  const std::string lowe = encode_features(table, FeatureFormat::lowe);
  CHECK(line_of(lowe, 0) == "2 128");
  CHECK(line_of(lowe, 1) == "20.5 10.25 1.75 -0.5");  // row before column, the angle counts upwards
  CHECK(line_of(lowe, 2) == " 0 3 6 9 12 15 18 21 24 27 30 33 36 39 42 45 48 51 54 57");
  CHECK(line_of(lowe, 8) == " 104 107 110 113 116 119 122 125");  // d120 .. d127: 360 - 256 and on
  CHECK(line_of(lowe, 9) == "20.5 11.25 1.75 3.141592653589793");
  const std::string vlfeat = encode_features(table, FeatureFormat::vlfeat);
  CHECK(line_of(vlfeat, 0).substr(0, 45) ==
        "10.25 20.5 1.75 0.5 0 21 18 15 12 9 6 3 24 45");  // the circle turned round
  const std::string colmap = encode_features(table, FeatureFormat::colmap);
  CHECK(line_of(colmap, 1).substr(0, 28) == "10.75 21 1.75 0.5 0 3 6 9 12");
}

TEST_CASE("feature files: what is written is read back, in every format") {
  const FeatureTable table = two_points();
  for (const auto& [name, format] : feature_format_names.items) {
    CAPTURE(name);
    const FeatureTable back = decode_features(encode_features(table, format), "f", format);
    REQUIRE(back.rows() == 2);
    const bool ours = format == FeatureFormat::csv || format == FeatureFormat::npy;
    if (ours) {
      CHECK(back.columns == table.columns);
      CHECK(back.values == table.values);
      continue;
    }
    const auto at = key_point_columns(back);
    REQUIRE(at);
    const DescriptorColumns d = descriptor_columns(back), from = descriptor_columns(table);
    REQUIRE(d.count == 128);
    for (size_t i = 0; i < 2; ++i) {
      CHECK(back.at(i, at->x) == table.at(i, 0));
      CHECK(back.at(i, at->y) == table.at(i, 1));
      CHECK(back.at(i, at->sigma) == table.at(i, 2));
      CHECK(std::abs(std::remainder(back.at(i, at->angle) - table.at(i, 3), 2 * std::numbers::pi)) < 1e-12);
      for (size_t k = 0; k < 128; ++k) CHECK(back.at(i, d.first + k) == table.at(i, from.first + k));
    }
  }
}

TEST_CASE("feature files: the ending names the format, else the first bytes do") {
  test::Scratch folder;
  const FeatureTable table = two_points();
  for (const auto& [name, format] : feature_format_names.items) {
    CAPTURE(name);
    CHECK(find_feature_format(name) == format);
    CHECK(feature_format_of(std::string("A") + feature_ending(format)) == format);
    write_file(folder / (std::string("a") + feature_ending(format)), encode_features(table, format));
    CHECK(read_features(folder / (std::string("a") + feature_ending(format))).rows() == 2);
    if (format == FeatureFormat::vlfeat || format == FeatureFormat::colmap) continue;  // bytes alone do not tell
    write_file(folder / (std::string(name) + ".x"), encode_features(table, format));
    CHECK(read_features(folder / (std::string(name) + ".x")).values[0] == 10.25);
  }
  CHECK_FALSE(feature_format_of("points"));
  CHECK_THROWS_WITH(find_feature_format("low"), Catch::Contains("did you mean 'lowe'"));
}

TEST_CASE("feature files: classes are a last column of text, in csv alone") {
  FeatureTable table{{"h0", "h1"}, {1, 2, 3, 4}, {"a,\"b\"", "c"}};
  const std::string csv = encode_features(table, FeatureFormat::csv);
  CHECK(csv == "h0,h1,class\n1,2,\"a,\"\"b\"\"\"\n3,4,c\n");
  const FeatureTable back = decode_features(csv, "f", FeatureFormat::csv);
  CHECK(back.classes == table.classes);
  FeatureTable none{{"x", "score"}, {}};
  none.has_classes = true;
  CHECK(encode_features(none, FeatureFormat::csv) == "x,score,class\n");
  CHECK(decode_features("x,score,class\n", "none", FeatureFormat::csv).has_classes);
  CHECK(back.values == table.values);
  CHECK_THROWS_AS(encode_features(table, FeatureFormat::npy), DataError);
}

TEST_CASE("feature files: no rows are no rows") {
  FeatureTable table = two_points();
  table.values.clear();
  for (const auto& [name, format] : feature_format_names.items) {
    CAPTURE(name);
    CHECK(decode_features(encode_features(table, format), "f", format).rows() == 0);
  }
}

TEST_CASE("feature files: what is cut or wrong is said with its line") {
  const auto refused = [](const std::string& bytes, FeatureFormat format, const std::string& words) {
    CAPTURE(words);
    CHECK_THROWS_AS(decode_features(bytes, "f", format), DataError);
    CHECK_THROWS_WITH(decode_features(bytes, "f", format), Catch::Contains(words));
  };
  refused("", FeatureFormat::csv, "empty");
  refused("1,2\n3,4\n", FeatureFormat::csv, "not the names of columns");
  refused("x,y\n1,b\n", FeatureFormat::csv, "f:2:2: \"b\" is not a finite number");
  refused("x,y\n1,inf\n", FeatureFormat::csv, "not a finite number");
  refused("x,y\n1\n", FeatureFormat::csv, "f:2: fewer cells than the 2 columns");
  refused("x,y\n1,2,3\n", FeatureFormat::csv, "f:2: more cells than the 2 columns");
  refused("class\na\n", FeatureFormat::csv, "no column of numbers");
  const FeatureTable table = two_points();
  for (const auto& [name, format] : feature_format_names.items) {
    if (format == FeatureFormat::csv) continue;
    CAPTURE(name);
    const std::string bytes = encode_features(table, format);
    CHECK_THROWS_AS(decode_features(bytes.substr(0, bytes.size() - 8), "f", format), DataError);
    CHECK_THROWS_AS(decode_features(bytes.substr(0, 3), "f", format), DataError);
    CHECK_THROWS_AS(decode_features(bytes + " 7", "f", format), DataError);
  }
  refused("1 64\n", FeatureFormat::lowe, "128; it is 64");
  refused("9 128\n", FeatureFormat::colmap, "promises 9 key points, the file holds 0");
  std::string shape = encode_features(table, FeatureFormat::npy);
  shape.replace(shape.find("(2, 134)"), 8, "(9, 134)");
  refused(shape, FeatureFormat::npy, "does not fit its shape");
  FeatureTable harris{{"x", "y", "response"}, {1, 2, 3}, {}};
  CHECK_THROWS_AS(encode_features(harris, FeatureFormat::lowe), DataError);
}
