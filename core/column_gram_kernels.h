// core/column_gram_kernels.h: the inner loop of core/column_gram.cpp.
#pragma once
#include <Eigen/Core>

namespace assay {

constexpr Eigen::Index kGramRows = 512;  ///< rows of one packed block: a tile of eight columns stays in the first cache
constexpr Eigen::Index kGramTile = 4;    ///< columns of a packed block are a multiple of this

/// G += A'A, entries of the tiles on and below the diagonal. A: kGramRows x p column by column, 64-byte aligned; G: p x p; p
/// a multiple of kGramTile. Each entry is summed in eight fixed lanes.
void add_column_gram(const double* A, Eigen::Index p, double* G);

}  // namespace assay
