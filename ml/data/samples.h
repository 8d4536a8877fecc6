// ml/data/samples.h: what a learner sees: a table of numbers, and a target.
//
// Shapes   X: n samples x d features, in the layout the learner asked for; NaN is missing; a cell of a column with
//          levels holds the level's code 0..L-1 as a double. Csr: an absent entry is 0, never missing.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"

namespace assay {

enum class Task { classification, regression };
const char* task_name(Task task);

struct Column {
  std::string name;
  std::vector<std::string> levels;  ///< empty: numeric
  bool categorical() const { return !levels.empty(); }
};

/// Compressed sparse rows: entries of row i are row_start[i] .. row_start[i+1], columns ascending within a row.
struct Csr {
  Index rows = 0, columns = 0;
  std::vector<int64_t> row_start{0};
  std::vector<int32_t> column;
  std::vector<double> value;
};

struct Samples {
  std::vector<Column> columns;
  std::variant<Matrix, Columns, Csr> X;
  Vector weight;            ///< empty: all 1
  std::vector<int> groups;  ///< empty, or one code a sample: rows of one group stay in one fold

  Index n() const;
  Index d() const { return static_cast<Index>(columns.size()); }
  const Matrix& rows() const { return std::get<Matrix>(X); }    ///< requires that layout
  const Columns& cols() const { return std::get<Columns>(X); }  ///< requires that layout
  const Csr& sparse() const { return std::get<Csr>(X); }        ///< requires that layout
  double weight_of(Index i) const { return weight.size() ? weight[i] : 1.0; }
};

/// One of `code` (classification) and `value` (regression) is filled.
struct Target {
  std::string name;
  std::vector<std::string> classes;  ///< text of each class; ordered by number if all parse as numbers, else by byte
  std::vector<int> code;             ///< 0..K-1
  Vector value;

  Task task() const { return classes.empty() ? Task::regression : Task::classification; }
  Index n() const { return classes.empty() ? value.size() : static_cast<Index>(code.size()); }
  int K() const { return static_cast<int>(classes.size()); }
};

/// The samples (targets) of an index list, in its order; an index may repeat.
Samples gather(const Samples& samples, const std::vector<int>& indices);
Target gather(const Target& target, const std::vector<int>& indices);

Matrix dense(const Csr& X);

/// Orders class and level names: by number if all of them parse as numbers, else by byte.
void sort_names(std::vector<std::string>& names);

/// What every fit checks first; DataError: no rows, no columns, weights that are negative, not finite or all zero.
void check_fit_input(const Samples& samples);

/// What every supervised fit checks first; DataError: no rows, no columns, lengths that differ, weights that are negative,
/// not finite or all zero, a target that is not finite, fewer than `min_classes` classes present.
void check_fit_input(const Samples& samples, const Target& target, int min_classes);

/// DataError with row and column where X holds NaN or infinity: for learners that do not accept missing values.
void check_finite(const Matrix& X, const std::vector<Column>& columns);
void check_finite(const Csr& X, const std::vector<Column>& columns);
/// The same for rows or a sparse table.
void check_finite(const Samples& samples);

}  // namespace assay
