#include "assay/ml/data/sparse_file.h"

namespace assay {

void save_sparse(ArchiveWriter out, const Csr& X) {
  std::vector<int> entries;
  for (size_t i = 0; i + 1 < X.row_start.size(); ++i)
    entries.push_back(static_cast<int>(X.row_start[i + 1] - X.row_start[i]));
  out.integers("entries", entries);
  out.integers("column", std::vector<int>(X.column.begin(), X.column.end()));
  out.numbers("value", X.value);
}

Csr load_sparse(const ArchiveReader& in, Index columns) {
  Csr X;
  X.columns = columns;
  const std::vector<int> entries = in.integers("entries", 0, static_cast<int>(columns));
  const std::vector<int> column = in.integers("column", 0, static_cast<int>(columns) - 1);
  X.value = in.numbers("value");
  X.rows = static_cast<Index>(entries.size());
  for (const int e : entries) X.row_start.push_back(X.row_start.back() + e);
  if (column.size() != X.value.size() || X.row_start.back() != static_cast<int64_t>(column.size()))
    in.fail("entries, column and value do not agree");
  X.column.assign(column.begin(), column.end());
  for (size_t i = 0; i < entries.size(); ++i)
    for (auto e = X.row_start[i] + 1; e < X.row_start[i + 1]; ++e)
      if (X.column[static_cast<size_t>(e)] <= X.column[static_cast<size_t>(e) - 1]) in.fail("columns do not ascend");
  return X;
}

}  // namespace assay
