#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "assay/ml/data/table.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using assay::test::Scratch;

namespace {

Table csv(const std::string& text, const TableOptions& options = {}) { return parse_csv(text, "t.csv", options); }

std::string refusal(const std::string& text, const TableOptions& options = {}) {
  try {
    csv(text, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<std::string> row_text(const Table& table, Index row) {
  std::vector<std::string> cells;
  for (size_t j = 0; j < table.columns.size(); ++j) cells.push_back(cell_text(table, row, static_cast<Index>(j)));
  return cells;
}

std::vector<std::string> names(const Table& table) {
  std::vector<std::string> found;
  for (const Column& column : table.columns) found.push_back(column.name);
  return found;
}

bool same(const Table& a, const Table& b) {
  if (a.n() != b.n() || names(a) != names(b) || a.row_line != b.row_line || a.first_line != b.first_line) return false;
  for (size_t j = 0; j < a.columns.size(); ++j)
    if (a.columns[j].levels != b.columns[j].levels) return false;
  return std::memcmp(a.cells.data(), b.cells.data(), static_cast<size_t>(a.cells.size()) * sizeof(double)) == 0;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("csv: a small table by hand") {
  const Table t = csv("name,age,score\nann,31,0.5\nbob,,-2e3\n\"c, d\",7,+.25\n");
  CHECK(t.name == "t.csv");
  CHECK(names(t) == Words{"name", "age", "score"});
  CHECK(t.n() == 3);
  CHECK(t.columns[0].levels == Words{"ann", "bob", "c, d"});
  CHECK_FALSE(t.columns[1].categorical());
  CHECK(t.cells(0, 1) == 31);
  CHECK(std::isnan(t.cells(1, 1)));
  CHECK(t.cells(1, 2) == -2000);
  CHECK(t.cells(2, 2) == 0.25);
  CHECK(row_text(t, 2) == Words{"c, d", "7", "0.25"});
  CHECK(t.line_of(0) == 2);
  CHECK(t.line_of(2) == 4);
  CHECK(t.find("score") == 2);
  CHECK(t.find("nope") == -1);
}

TEST_CASE("csv: line ends, byte order mark, blanks and a missing last line end change nothing") {
  const Table t = csv("a,b\n1,x\n2,y\n");
  for (const char* text : {"a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y\r", "a,b\n1,x\n2,y",
                           "\xEF\xBB\xBF"
                           "a,b\n1,x\n2,y\n",
                           " a , b\n 1, x\n2 ,y \n", "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n", "a;b\n1;x\n2;y\n",
                           "a\tb\n1\tx\n2\ty\n", "a|b\n1|x\n2|y\n"}) {
    CAPTURE(text);
    CHECK(same(csv(text), t));
  }
}

TEST_CASE("csv: empty lines are no records, and rows know their lines") {
  const Table t = csv("\n\na,b\n\n1,2\n3,4\r\n\r\n5,6\n\n\n");
  CHECK(t.n() == 3);
  CHECK(t.line_of(0) == 5);
  CHECK(t.line_of(1) == 6);
  CHECK(t.line_of(2) == 8);
}

TEST_CASE("csv: quoted cells hold separators, doubled quotes and line ends") {
  const Table t = csv("text,n\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\r\nlines\n\",3\n\"\",4\nplain,5\n");
  CHECK(t.n() == 5);
  CHECK(cell_text(t, 0, 0) == "a,b");
  CHECK(cell_text(t, 1, 0) == "say \"hi\"");
  CHECK(cell_text(t, 2, 0) == "two\r\nlines\n");  // blanks are taken off around quotes, not inside
  CHECK(std::isnan(t.cells(3, 0)));
  CHECK(t.line_of(2) == 4);
  CHECK(t.line_of(3) == 7);
  CHECK(t.line_of(4) == 8);
}

TEST_CASE("csv: a column's type is decided by its words") {
  const auto levels = [](const std::string& cells, const TableOptions& options = {}) {
    return csv("x,y\n" + cells, options).columns[0].levels;
  };
  CHECK(levels("1,0\n2,0\nNA,0\n?,0\nnan,0\n").empty());
  CHECK(levels("a,0\nb,0\na,0\n") == Words{"a", "b"});
  CHECK(levels("true,0\nfalse,0\n") == Words{"false", "true"});
  CHECK(levels("NA,0\n,0\n").empty());                               // all missing: numeric
  CHECK(levels("1,0\n2,0\nthree,0\n") == Words{"1", "2", "three"});  // two thirds parse: text
  TableOptions options;
  options.categorical = {"x"};
  CHECK(levels("10,0\n9,0\n010,0\n", options) == Words{"9", "010", "10"});
}

TEST_CASE("csv: where nine cells of ten are numbers, the tenth is an error that names the way out") {
  std::string text = "a,b,petal_width\n";
  for (int i = 0; i < 40; ++i) text += i == 15 ? "1,2,n/a\n" : "1,2,3\n";
  CHECK(refusal(text) == "t.csv:17:3: column 'petal_width': \"n/a\" is not a number");
  try {
    csv(text);
  } catch (const DataError& error) {
    CHECK(error.hint() ==
          "if it means missing: --missing \"n/a\"; if the column is text: --categorical \"petal_width\"");
  }
  TableOptions missing;
  missing.missing.emplace_back("n/a");
  CHECK(std::isnan(csv(text, missing).cells(15, 2)));
  TableOptions categorical;
  categorical.categorical = {"petal_width"};
  CHECK(csv(text, categorical).columns[2].levels == Words{"3", "n/a"});
}

TEST_CASE("csv: the odd cell is found behind the sample, and the first one is named") {
  std::string text = "x,y\n";
  for (int i = 0; i < 50000; ++i) text += i == 49000 || i == 49500 ? "1,oops\n" : "1,2\n";
  CHECK(refusal(text) == "t.csv:49002:2: column 'y': \"oops\" is not a number");
  std::string late = "x,y\n";  // text from row 5000 on: categorical after all
  for (int i = 0; i < 50000; ++i) late += i >= 5000 ? "1,word\n" : "1,2\n";
  const Table t = csv(late);
  CHECK(t.columns[1].levels == Words{"2", "word"});
  CHECK(t.cells(4999, 1) == 0);
  CHECK(t.cells(5000, 1) == 1);
  std::string early = "x,y\n";  // text in the sample, numbers later
  for (int i = 0; i < 50000; ++i) early += i == 3 ? "1,word\n" : "1,2\n";
  CHECK(refusal(early) == "t.csv:5:2: column 'y': \"word\" is not a number");
}

TEST_CASE("csv: infinities, hexadecimal and numbers too large for a double are not numbers") {
  for (const char* cell : {"inf", "-Infinity", "1e999", "0x1F", "1,5", "NaNs"}) {
    std::string text = "x;y\n";
    for (int i = 0; i < 20; ++i) text += i == 10 ? std::string(cell) + ";1\n" : "2.5;1\n";
    CAPTURE(cell);
    CHECK(refusal(text).find("t.csv:12:1: column 'x': ") == 0);
  }
}

TEST_CASE("csv: a missing word that is a number is honoured") {
  TableOptions options;
  options.missing = {"-999"};
  const Table t = csv("x,y\n1,2\n-999,3\n-999.0,4\n", options);
  CHECK(std::isnan(t.cells(1, 0)));
  CHECK(t.cells(2, 0) == -999);
  CHECK(refusal("x,y\n1,2\n,3\n4,5\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n", options) ==
        "t.csv:3:1: column 'x': \"\" is not a number");
}

TEST_CASE("csv: the header is told by types") {
  CHECK(names(csv("1,2\n3,4\n")) == Words{"c1", "c2"});
  CHECK(csv("1,2\n3,4\n").n() == 2);
  CHECK(csv("1,2\n3,4\n").line_of(0) == 1);
  CHECK(names(csv("a,b\n3,4\n")) == Words{"a", "b"});
  CHECK(names(csv("id,2019,2020\n1,5,6\n2,7,8\n")) == Words{"id", "2019", "2020"});
  CHECK(names(csv("city,state\nbonn,nrw\nulm,bw\n")) == Words{"city", "state"});
  CHECK(names(csv("\"\",x\n1,2\n")) == Words{"c1", "x"});
  TableOptions yes, no;
  yes.header = TableOptions::Header::yes;
  no.header = TableOptions::Header::no;
  CHECK(names(csv("1,2\n3,4\n", yes)) == Words{"1", "2"});
  CHECK(csv("a,b\nc,d\n", no).n() == 2);
}

TEST_CASE("csv: damaged structure is refused with its line") {
  CHECK(refusal("") == "t.csv: is empty");
  CHECK(refusal("\xEF\xBB\xBF") == "t.csv: is empty");
  CHECK(refusal("\n\n") == "t.csv: is empty");
  CHECK(refusal("a,b\n") == "t.csv: has a header but no rows");
  CHECK(refusal("a,b\n1,2\n3\n4,5\n") == "t.csv:3: has 1 cell instead of 2");
  CHECK(refusal("a,b\n1,2\n3,4,5\n") == "t.csv:3: has 3 cells instead of 2");
  CHECK(refusal("a,b\n1,2\n3,4,") == "t.csv:3: has 3 cells instead of 2");
  CHECK(refusal("a,b\n1,2\n3") == "t.csv:3: has 1 cell instead of 2");
  CHECK(refusal("a\n1\n2,3\n") == "t.csv:3: has 2 cells instead of 1");
  CHECK(refusal("a,b,a\n1,2,3\n") == "t.csv:1:3: column name 'a' stands twice: it is column 1 too");
  CHECK(refusal(std::string("a,b\n1,2\n3,\0\n", 12)) == "t.csv:3: holds a NUL byte");
  CHECK(refusal("a,b\n1,x\n2,\"y\n3,z\n") == "t.csv:3:2: the quote that begins here is never closed");
  CHECK(refusal("a,b\n1,5\" disk\n2,y\n") == "t.csv:2:2: a quote stands inside an unquoted cell");
  CHECK(refusal("a,b\n1,5\" disk\n2,7\" disk\n") == "t.csv:2:2: a quote stands inside an unquoted cell");
  CHECK(refusal("a,b\n1,\"x\"y\n2,z\n") == "t.csv:2:2: text follows the closing quote");
  CHECK(refusal("\xFF\xFE"
                "a\0,\0") == "t.csv: is UTF-16 text");
  CHECK(refusal("a,b\n1,caf\xE9\n2,y\n") == "t.csv:2:2: is not UTF-8 text");
  CHECK(refusal("a,caf\xE9\n1,2\n") == "t.csv:1:2: is not UTF-8 text");
}

TEST_CASE("csv: budgets for columns and cells") {
  TableOptions options;
  options.budget.columns = 3;
  options.budget.cell_bytes = 10;
  CHECK(refusal("a,b,c,d\n1,2,3,4\n", options) == "t.csv:1: has more than 3 columns, the limit of a table");
  CHECK(refusal("a,b\n1,12345678901\nx,y\n", options).find("t.csv:2:2: the cell has more than 10 bytes") == 0);
  std::string wide(1'000'001, ',');
  CHECK(refusal(wide + "\n" + wide + "\n").find("t.csv:1: has more than 1000000 columns") == 0);
}

TEST_CASE("csv: columns that were said to be numeric or categorical must exist") {
  TableOptions options;
  options.categorical = {"colour"};
  CHECK(refusal("color,b\nred,1\n", options) == "t.csv has no column \"colour\"; did you mean 'color'?");
  options.categorical = {"b"};
  options.numeric = {"b"};
  CHECK(refusal("color,b\nred,1\n", options) == "column 'b' is said to be categorical and numeric");
  options.categorical = {};
  CHECK(refusal("color,b\nred,x\nblue,y\n", options) == "t.csv:2:2: column 'b': \"x\" is not a number");
}

// ---- the same, against a parser that is too simple to be wrong

namespace {

struct Wanted {
  std::string text;
  std::vector<Words> cells;
  std::vector<int64_t> lines;
};

/// A random table in one of the ways a table can be written.
Wanted random_table(Rng& rng, int rows, int columns, bool long_cells) {
  const char separator = ",;\t|"[rng.below(4)];
  const Words ends{"\n", "\r\n", "\r"};
  const std::string line_end = ends[rng.below(3)];
  Wanted wanted;
  int64_t line = 1;
  const auto quoted_cell = [&](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  };
  for (int j = 0; j < columns; ++j) wanted.text += (j ? std::string(1, separator) : "") + "col" + std::to_string(j);
  wanted.text += line_end;
  ++line;
  for (int i = 0; i < rows; ++i) {
    while (columns > 1 && rng.below(50) == 0) {
      wanted.text += line_end;
      ++line;
    }
    Words row;
    wanted.lines.push_back(line);
    for (int j = 0; j < columns; ++j) {
      if (j) wanted.text += separator;
      std::string cell;
      bool quote = rng.below(6) == 0;
      if (j % 3 == 1) {
        cell = shortest(std::ldexp(rng.uniform(-1, 1), static_cast<int>(rng.below(60)) - 30));
        if (rng.below(15) == 0) cell.clear();
      } else if (j % 3 == 0) {
        cell = std::to_string(rng.below(100000));
      } else {
        const Words parts{"a", "b\"", ",", ";", "\n", "\r\n", "\xC3\xA9", "word", "|", "\t", "1"};
        cell = "w";
        for (uint64_t n = rng.below(6); n > 0; --n) cell += parts[rng.below(parts.size())];
        cell += "w";
        if (long_cells && rng.below(20) == 0) cell += std::string(rng.below(400000), '\n') + "w";
        quote = quote || cell.find_first_of(",;|\t\"\r\n") != std::string::npos;
      }
      if (cell.empty() && columns == 1) quote = true;
      row.push_back(cell);
      const std::string written = quote ? quoted_cell(cell) : cell;
      for (size_t c = 0; c < written.size(); ++c)
        line += written[c] == '\n' || (written[c] == '\r' && (c + 1 == written.size() || written[c + 1] != '\n'));
      wanted.text += written;
    }
    wanted.cells.push_back(row);
    if (i + 1 < rows || rng.below(2)) wanted.text += line_end;
    ++line;
  }
  return wanted;
}

}  // namespace

TEST_CASE("csv: random tables in every way of writing come back cell by cell, for any number of threads",
          "[parallel]") {
  Rng rng(11);
  for (int round = 0; round < 60; ++round) {
    const bool big = round % 10 == 9;
    const int columns = 2 + static_cast<int>(rng.below(7));
    const Wanted wanted =
        random_table(rng, big ? 20000 : 1 + static_cast<int>(rng.below(60)), columns, round % 10 == 8);
    TableOptions options;
    options.header = TableOptions::Header::yes;
    options.threads = 1;
    for (int j = 2; j < columns; j += 3) options.categorical.push_back("col" + std::to_string(j));
    const Table t = csv(wanted.text, options);
    REQUIRE(t.n() == static_cast<Index>(wanted.cells.size()));
    size_t wrong = 0;
    for (Index i = 0; i < t.n(); ++i) {
      wrong += row_text(t, i) != wanted.cells[static_cast<size_t>(i)];
      wrong += t.line_of(i) != wanted.lines[static_cast<size_t>(i)];
    }
    CAPTURE(round);
    CHECK(wrong == 0);
    for (const int threads : {2, 7}) {
      options.threads = threads;
      CHECK(same(csv(wanted.text, options), t));
    }
  }
}

namespace {

std::optional<Table> in_pieces(const Scratch& folder, const std::string& text, const TableOptions& options = {}) {
  write_file(folder / "t.csv", text);
  const auto file = PiecewiseInput::open(folder / "t.csv");
  REQUIRE(file);
  return parse_plain_csv(*file, "t.csv", options);
}

}  // namespace

TEST_CASE("csv: a file of plain numbers read in pieces is the table its whole text is, for any number of threads",
          "[parallel]") {
  Rng rng(12);
  const Scratch folder;
  for (const std::string line_end : {"\n", "\r\n", "\r"})
    for (const int rows : {1, 3, 40, 30000}) {
      std::string text = "a,b,c,d" + line_end;
      for (int i = 0; i < rows; ++i) {
        text += shortest(std::ldexp(rng.uniform(-1, 1), static_cast<int>(rng.below(60)) - 30)) + ',';
        text += (rng.below(9) ? std::to_string(rng.below(100000)) : "") + ',' + std::to_string(i) + ".25, 7e-3";
        if (i + 1 < rows || rng.below(2)) text += line_end;
      }
      TableOptions options;
      const Table whole = csv(text, options);
      for (const int threads : {1, 2, 7}) {
        options.threads = threads;
        CAPTURE(rows, threads);
        const std::optional<Table> pieces = in_pieces(folder, text, options);
        if (line_end == "\r") {  // no line end to cut the sample at
          CHECK_FALSE(pieces);
        } else {
          REQUIRE(pieces);
          CHECK(same(*pieces, whole));
        }
      }
    }
}

TEST_CASE("csv: what is not plain is not read in pieces, wherever in the file it stands") {
  const Scratch folder;
  std::string rows;
  for (int i = 0; i < 100000; ++i) rows += std::to_string(i) + ",2.5,-1\n";
  CHECK(in_pieces(folder, "a,b,c\n" + rows));
  for (const char* odd : {"1,x,3\n", "1,2\n", "1,2,3,4\n", "1,\"2\",3\n", "\n", "1,2,1e999\n"}) {
    CAPTURE(odd);
    CHECK_FALSE(in_pieces(folder, "a,b,c\n" + rows + odd));
    CHECK_FALSE(in_pieces(folder, "a,b,c\n" + rows + odd + rows));
    if (odd[0] != '\n') CHECK_FALSE(in_pieces(folder, std::string("a,b,c\n") + odd + rows));
  }
  CHECK(in_pieces(folder, "a,b,c\n\n" + rows)->first_line == 3);
  CHECK_FALSE(in_pieces(folder, "a,b,c\n" + rows + std::string("1,2,\0\n", 6)));
  CHECK_FALSE(in_pieces(folder, "a,a,c\n" + rows));
  CHECK_FALSE(in_pieces(folder, "a,b,c\n"));
}

TEST_CASE("csv: an error behind the pieces of a large file names its line") {
  const Scratch folder;
  std::string text = "a,b\n";
  while (text.size() < (size_t{9} << 20)) text += "123456789.25,-0.00390625\n";
  const int64_t lines = std::count(text.begin(), text.end(), '\n');
  write_file(folder / "t.csv", text + "1,2\n");
  CHECK(read_table(folder / "t.csv").n() == lines);
  write_file(folder / "t.csv", text + "1\n");
  CHECK_THROWS_WITH(read_table(folder / "t.csv"),
                    folder / "t.csv" + ":" + std::to_string(lines + 1) + ": has 1 cell instead of 2");
}

TEST_CASE("csv: writing and reading again gives the same table") {
  Rng rng(12);
  for (int round = 0; round < 20; ++round) {
    const Wanted wanted = random_table(rng, 50, 5, false);
    TableOptions options;
    options.header = TableOptions::Header::yes;
    options.categorical = {"col2"};
    Table t = csv(wanted.text, options);
    Table again = csv(write_csv(t), options);
    t.row_line = again.row_line = {};
    CHECK(same(again, t));
  }
  CHECK(write_csv(csv("x\n1\n\"\"\n3\n")) == "x\n1\n\"\"\n3\n");
}

TEST_CASE("csv: a cell longer than many chunks, quoted line ends in it") {
  const std::string inside = [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "line, " + std::to_string(i) + "\n";
    return text + "end";
  }();
  TableOptions options;
  options.budget.cell_bytes = 10 << 20;
  const Table t = csv("a,b\n1,\"" + inside + "\"\n2,x\n", options);
  CHECK(t.n() == 2);
  CHECK(cell_text(t, 0, 1) == inside);
  CHECK(t.line_of(1) == 100003);
}

TEST_CASE("csv: an error deep in a file is the same for any number of threads", "[parallel]") {
  std::string text = "a,b\n";
  for (int i = 0; i < 300000; ++i) text += i % 100000 == 77777 ? "1\n" : i == 250000 ? "1,\"x\n" : "1,2\n";
  for (const int threads : {1, 2, 7}) {
    TableOptions options;
    options.threads = threads;
    CHECK(refusal(text, options) == "t.csv:77779: has 1 cell instead of 2");
  }
}

TEST_CASE("csv: every prefix and many damaged copies of a table are read or refused, never worse") {
  const std::string whole = "\xEF\xBB\xBFname;v\r\n\"a;\"\"b\"\"\";1.5\r\n\r\nx;-2e5\r\"multi\nline\";NA\n";
  for (size_t n = 0; n <= whole.size(); ++n) refusal(whole.substr(0, n));
  Rng rng(3);
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = whole;
    for (uint64_t k = 1 + rng.below(3); k > 0; --k)
      damaged[rng.below(damaged.size())] = "\",;\n\r1a \0\xFF"[rng.below(10)];
    refusal(damaged);
  }
  SUCCEED();
}

TEST_CASE("csv: the bundled tables have the shapes their makers state") {
  const auto shape = [](const std::string& name) {
    const Table t = read_table(test::dataset_path("tables/" + name));
    return std::pair<Index, size_t>(t.n(), t.columns.size());
  };
  CHECK(shape("iris.csv") == std::pair<Index, size_t>(150, 5));
  CHECK(shape("wine.csv") == std::pair<Index, size_t>(178, 14));
  CHECK(shape("breast_cancer.csv") == std::pair<Index, size_t>(569, 31));
  CHECK(shape("digits.csv") == std::pair<Index, size_t>(1797, 65));
  CHECK(shape("diabetes.csv") == std::pair<Index, size_t>(442, 11));
  CHECK(shape("penguins.csv").first == 344);
  CHECK(shape("titanic.csv").first == 1309);
}

TEST_CASE("csv: formats are told by the ending, then by the first line") {
  const test::Scratch folder;
  write_file(folder / "a.txt", "1 1:2 3:4\n-1 2:5\n");
  CHECK(read_table(folder / "a.txt").sparse.has_value());
  write_file(folder / "b.tsv", "a\tb;c\n1\t2\n");
  CHECK(names(read_table(folder / "b.tsv")) == Words{"a", "b;c"});
  CHECK_THROWS_AS(read_table(folder / "missing.csv"), DataError);
}
