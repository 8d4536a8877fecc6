#include <cmath>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

std::string refusal(const std::string& text, const TableOptions& options = {}) {
  try {
    parse_libsvm(text, "t.svm", options);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("libsvm: a small file by hand") {
  const Table t = parse_libsvm("+1 1:0.5 3:-2 # first\n\n# only a comment\n-1 qid:7 2:1e3 4:0\r\n2.5", "t.svm");
  CHECK(t.n() == 3);
  REQUIRE(t.columns.size() == 1);
  CHECK(t.columns[0].name == "target");
  CHECK(t.cells(0, 0) == 1);
  CHECK(t.cells(1, 0) == -1);
  CHECK(t.cells(2, 0) == 2.5);
  REQUIRE(t.sparse);
  CHECK(t.sparse->rows == 3);
  CHECK(t.sparse->columns == 4);  // a zero that is said still names its column
  CHECK(t.sparse->row_start == std::vector<int64_t>{0, 2, 3, 3});
  CHECK(t.sparse->column == std::vector<int32_t>{0, 2, 1});
  CHECK(t.sparse->value == std::vector<double>{0.5, -2, 1000});
  CHECK(t.sparse_columns.back().name == "f4");
  CHECK(t.line_of(0) == 1);
  CHECK(t.line_of(1) == 4);
  CHECK(t.line_of(2) == 5);
}

TEST_CASE("libsvm: what is wrong is refused with line and column") {
  CHECK(refusal("") == "t.svm: is empty");
  CHECK(refusal("1 1:2\nyes 1:2\n") == "t.svm:2:1: the target \"yes\" is not a number");
  CHECK(refusal("1 1:2 3\n") == "t.svm:1:7: \"3\" is not index:value");
  CHECK(refusal("1 0:2\n") == "t.svm:1:3: \"0:2\": an index is a whole number from 1");
  CHECK(refusal("1 a:2\n") == "t.svm:1:3: \"a:2\": an index is a whole number from 1");
  CHECK(refusal("1 2:1 2:3\n") == "t.svm:1:7: index 2 does not rise: 2 stands before it");
  CHECK(refusal("1 1:x\n") == "t.svm:1:3: \"1:x\": the value is not a number");
  CHECK(refusal("1 1:inf\n") == "t.svm:1:3: \"1:inf\": the value is not a number");
  CHECK(refusal("1 99999999999:1\n").find("t.svm:1:3: index 99999999999 is above 1000000") == 0);
  CHECK(refusal(std::string("1 1:2\n1 \0", 9)) == "t.svm:2: holds a NUL byte");
}

TEST_CASE("libsvm: random sparse rows come back, for any number of threads", "[parallel]") {
  Rng rng(5);
  std::string text;
  std::vector<std::vector<std::pair<int, double>>> rows(30000);
  for (auto& row : rows) {
    text += std::to_string(rng.below(3));
    int index = 0;
    for (uint64_t k = rng.below(12); k > 0; --k) {
      index += 1 + static_cast<int>(rng.below(40));
      row.emplace_back(index - 1, rng.normal());
      text += " " + std::to_string(index) + ":" + shortest(row.back().second);
    }
    text += rng.below(30) ? "\n" : "\n\n";
  }
  TableOptions options;
  options.threads = 1;
  const Table one = parse_libsvm(text, "t", options);
  REQUIRE(one.n() == 30000);
  size_t wrong = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto begin = static_cast<size_t>(one.sparse->row_start[i]);
    wrong += static_cast<size_t>(one.sparse->row_start[i + 1]) - begin != rows[i].size();
    for (size_t k = 0; k < rows[i].size() && wrong == 0; ++k)
      wrong += one.sparse->column[begin + k] != rows[i][k].first || one.sparse->value[begin + k] != rows[i][k].second;
  }
  CHECK(wrong == 0);
  for (const int threads : {2, 7}) {
    options.threads = threads;
    const Table many = parse_libsvm(text, "t", options);
    CHECK(many.sparse->row_start == one.sparse->row_start);
    CHECK(many.sparse->column == one.sparse->column);
    CHECK(many.sparse->value == one.sparse->value);
    CHECK(many.row_line == one.row_line);
  }
}

TEST_CASE("libsvm: written rows have a target, then what is not zero") {
  Samples samples;
  samples.columns = {{"a", {}}, {"b", {}}, {"c", {}}};
  Columns X(2, 3);
  X << 1, 0, -0.5, 0, 2, 0;
  samples.X = X;
  Target two{"y", {"no", "yes"}, {1, 0}, {}};
  CHECK(write_libsvm(samples, two) == "+1 1:1 3:-0.5\n-1 2:2\n");
  Target three{"y", {"red", "blue", "green"}, {2, 0}, {}};
  CHECK(write_libsvm(samples, three) == "3 1:1 3:-0.5\n1 2:2\n");
  Target numbers{"y", {"3", "7"}, {1, 0}, {}};
  CHECK(write_libsvm(samples, numbers) == "7 1:1 3:-0.5\n3 2:2\n");
  Target value{"y", {}, {}, Vector::Constant(2, 0.25)};
  CHECK(write_libsvm(samples, value) == "0.25 1:1 3:-0.5\n0.25 2:2\n");
  X(0, 0) = std::nan("");
  samples.X = X;
  CHECK_THROWS_AS(write_libsvm(samples, value), DataError);
}
