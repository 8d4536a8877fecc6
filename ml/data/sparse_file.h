// ml/data/sparse_file.h: a sparse table in a model file: for each row how many entries it has, then their columns and values.
#pragma once
#include "assay/core/archive.h"
#include "assay/ml/data/samples.h"

namespace assay {

void save_sparse(ArchiveWriter out, const Csr& X);
/// ModelError where the numbers do not agree, or columns do not ascend below `columns`.
Csr load_sparse(const ArchiveReader& in, Index columns);

}  // namespace assay
