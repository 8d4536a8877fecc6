// ml/cluster/cluster_input.h: what kmeans and minibatch-kmeans share: checks, first centres, nearest centres, what a model says.
#pragma once
#include <string>
#include <vector>

#include "assay/ml/clusterer.h"

namespace assay::kmeans {

/// ParameterError: more clusters than rows of weight. DataError: no rows, bad weights, missing cells, cells beyond kLargest.
void check_rows(const Samples& samples, int clusters, int threads);

/// Centres that were handed over, or those of the CSV file `init` if it is no word; none otherwise. ParameterError,
/// DataError: another number of them, a column that is missing.
Matrix given_centers(const Matrix& centers, const std::string& init, int clusters, const std::vector<Column>& columns);

/// By the word `init`.
Matrix first_centers(const std::string& init, int clusters, const Samples& samples, const Context& ctx);

std::vector<int> nearest_centers(const Samples& samples, const Matrix& centers, const Context& ctx);

Explanation explain_centers(const std::vector<Column>& columns, const Matrix& centers, const Vector& sizes,
                            const Vector& inertia, const std::vector<int>& typical);

/// "centers" of a model file: at least one, finite, within kLargest.
Matrix read_centers(const ArchiveReader& in, const std::vector<Column>& columns);

}  // namespace assay::kmeans
