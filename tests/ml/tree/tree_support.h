// Small tables for the tree's tests.
#pragma once
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>

#include "assay/core/rng.h"
#include "assay/core/text.h"
#include "assay/ml/tree/grow.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

namespace assay::test {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Sample {
  Samples x;
  Target y;
};

inline Columns by_columns(const std::vector<std::vector<double>>& columns) {
  Columns X(static_cast<Index>(columns.empty() ? 0 : columns[0].size()), static_cast<Index>(columns.size()));
  for (size_t f = 0; f < columns.size(); ++f)
    for (size_t i = 0; i < columns[f].size(); ++i) X(static_cast<Index>(i), static_cast<Index>(f)) = columns[f][i];
  return X;
}

inline Column levels(const std::string& name, int count) {
  Column c{name, {}};
  for (int l = 0; l < count; ++l) c.levels.push_back(std::string(1, static_cast<char>('a' + l)));
  return c;
}

inline Target classes_of(std::vector<int> code, int K) {
  Target t;
  t.name = "y";
  for (int k = 0; k < K; ++k) t.classes.push_back("class" + std::to_string(k));
  t.code = std::move(code);
  return t;
}

inline Target values_of(const std::vector<double>& y) {
  Target t;
  t.name = "y";
  t.value = Eigen::Map<const Vector>(y.data(), static_cast<Index>(y.size()));
  return t;
}

/// What a random table is made of.
struct Make {
  int n = 30, numeric = 2, categorical = 0, K = 2, distinct = 0 /* 0: continuous */, levels = 4;
  double missing = 0;
  bool weights = false;
};

inline Sample random_table(const Make& make, uint64_t seed) {
  Rng rng(seed);
  std::vector<std::vector<double>> columns;
  Sample s;
  for (int f = 0; f < make.numeric + make.categorical; ++f) {
    const bool numeric = f < make.numeric;
    std::vector<double> x;
    for (int i = 0; i < make.n; ++i) {
      double cell =
          numeric ? make.distinct ? static_cast<double>(rng.below(static_cast<uint64_t>(make.distinct))) : rng.normal()
                  : static_cast<double>(rng.below(static_cast<uint64_t>(make.levels)));
      if (rng.uniform() < make.missing) cell = kNaN;
      x.push_back(cell);
    }
    columns.push_back(x);
    const std::string name = "x" + std::to_string(f);
    s.x.columns.push_back(numeric ? Column{name, {}} : levels(name, make.levels));
  }
  s.x.X = by_columns(columns);
  std::vector<int> code;
  std::vector<double> value;
  for (int i = 0; i < make.n; ++i) {
    const double signal = std::isnan(columns[0][static_cast<size_t>(i)]) ? 1 : columns[0][static_cast<size_t>(i)];
    if (make.K > 0)
      code.push_back(rng.uniform() < 0.5 ? static_cast<int>(rng.below(static_cast<uint64_t>(make.K)))
                                         : std::abs(static_cast<int>(signal)) % make.K);
    else
      value.push_back(rng.normal() + signal);
  }
  s.y = make.K > 0 ? classes_of(code, make.K) : values_of(value);
  if (make.weights) {
    s.x.weight.resize(make.n);
    for (int i = 0; i < make.n; ++i) s.x.weight[i] = rng.uniform(0.1, 3);
  }
  return s;
}

inline tree::Problem problem_of(const Sample& s, Criterion criterion, int min_leaf = 1) {
  return {s.x.cols(),      s.x.columns,      s.y.K(),
          s.y.code.data(), s.y.value.data(), s.x.weight.size() ? s.x.weight.data() : nullptr,
          criterion,       min_leaf};
}

inline std::vector<int> all_rows(const Sample& s) {
  std::vector<int> rows(static_cast<size_t>(s.x.cols().rows()));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

inline void require_equal(const TreeNodes& a, const TreeNodes& b) {
  REQUIRE(a.feature == b.feature);
  REQUIRE(a.threshold == b.threshold);
  REQUIRE(a.left == b.left);
  REQUIRE(a.right == b.right);
  REQUIRE(a.default_left == b.default_left);
  REQUIRE(a.value == b.value);
  REQUIRE(a.cover == b.cover);
  REQUIRE(a.impurity == b.impurity);
  REQUIRE(a.rows == b.rows);
  REQUIRE(a.level_begin == b.level_begin);
  REQUIRE(a.level == b.level);
}

/// A bundled table of numbers whose last column is the target: cells rounded to float32 where `single`.
inline Sample numbers_of(const std::string& name, const std::vector<std::string>& class_names, bool single) {
  std::ifstream in(dataset_path("tables/" + name + ".csv"));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> head = split(line, ',');
  std::vector<std::vector<double>> columns(head.size() - 1);
  std::vector<int> code;
  std::vector<double> value;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(trim(line), ',');
    for (size_t f = 0; f + 1 < head.size(); ++f) {
      const double x = parse_double(cells[f]).value();
      columns[f].push_back(single ? static_cast<double>(static_cast<float>(x)) : x);
    }
    if (class_names.empty())
      value.push_back(parse_double(cells.back()).value());
    else
      code.push_back(
          static_cast<int>(std::find(class_names.begin(), class_names.end(), cells.back()) - class_names.begin()));
  }
  Sample s;
  s.x.X = by_columns(columns);
  for (size_t f = 0; f + 1 < head.size(); ++f) s.x.columns.push_back({head[f], {}});
  s.y = class_names.empty() ? values_of(value) : classes_of(code, static_cast<int>(class_names.size()));
  return s;
}

}  // namespace assay::test
