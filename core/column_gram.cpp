// Method   Blocks of kGramRows rows are shifted, weighted and packed into aligned storage; every tile of four by four
//          entries of the lower half adds its block (column_gram_kernels.h); the upper half is copied. Chunks of rows have
//          their own G, added in order.
#include "assay/core/column_gram.h"

#include "assay/core/column_gram_kernels.h"
#include "assay/core/parallel.h"

namespace assay {
namespace {

constexpr Index kReduceRows = 8 * kGramRows;  // rows of one partial sum, at least
constexpr Index kPartialBytes = 64 << 20;     // of all partial sums that are alive at once

using Block = Eigen::Matrix<double, kGramRows, Eigen::Dynamic, Eigen::ColMajor>;

// Wide results: fewer, longer chunks, so that the partial sums stay small beside the table.
Index chunk_rows(Index n, Index p) {
  const Index chunks = std::max<Index>(1, kPartialBytes / (8 * p * p));
  return std::max(kReduceRows, (n / chunks / kGramRows + 1) * kGramRows);
}

}  // namespace

Matrix column_gram(const std::vector<const double*>& columns, Index n, const Vector& shift, const Vector& root_weight,
                   int threads) {
  const auto p = static_cast<Index>(columns.size());
  const Index padded = (p + kGramTile - 1) / kGramTile * kGramTile;
  Matrix G = parallel_reduce(
      threads, n, chunk_rows(n, padded), Matrix(Matrix::Zero(padded, padded)),
      [&](Index begin, Index end) {
        Matrix partial = Matrix::Zero(padded, padded);
        Block block = Block::Zero(kGramRows, padded);
        for (Index first = begin; first < end; first += kGramRows) {
          const Index rows = std::min(kGramRows, end - first);
          if (rows < kGramRows) block.bottomRows(kGramRows - rows).setZero();
          for (Index j = 0; j < p; ++j) {
            const double* x = columns[static_cast<size_t>(j)] + first;
            const double m = shift[j];
            double* out = block.col(j).data();
            for (Index i = 0; i < rows; ++i) out[i] = x[i] - m;
            if (root_weight.size())
              for (Index i = 0; i < rows; ++i) out[i] *= root_weight[first + i];
          }
          add_column_gram(block.data(), padded, partial.data());
        }
        return partial;
      },
      [](Matrix& total, Matrix& partial) { total += partial; });
  if (padded != p) G = Matrix(G.topLeftCorner(p, p));
  for (Index a = 0; a < p; ++a)
    for (Index b = a + 1; b < p; ++b) G(a, b) = G(b, a);
  return G;
}

}  // namespace assay
