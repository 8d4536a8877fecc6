#include "assay/ml/cluster/cluster_input.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/cluster/nearest.h"
#include "assay/ml/cluster/nearest_kernels.h"
#include "assay/ml/cluster/seed.h"
#include "assay/ml/data/table.h"

namespace assay::kmeans {
namespace {

constexpr std::pair<const char*, Seeding> kSeedings[] = {
    {"greedy-k-means++", Seeding::greedy}, {"k-means++", Seeding::plus_plus}, {"random", Seeding::random}};

const Seeding* seeding_named(const std::string& word) {
  for (const auto& item : kSeedings)
    if (word == item.first) return &item.second;
  return nullptr;
}

// DataError where a cell is missing, not finite or beyond kLargest.
void check_range(const Matrix& X, const std::vector<Column>& columns, int threads) {
  parallel_for(threads, X.rows(), 4096, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const double* x = X.row(i).data();
      int beyond = 0;
      for (Index f = 0; f < X.cols(); ++f) beyond += !(std::abs(x[f]) <= kLargest);
      if (beyond == 0) continue;
      check_finite(X, columns);
      const Index f = std::find_if(x, x + X.cols(), [](double cell) { return std::abs(cell) > kLargest; }) - x;
      throw DataError("row " + std::to_string(i + 1) + ", column " + quoted(columns[static_cast<size_t>(f)].name) +
                          ": beyond 1e150 in size, whose square is no number any more",
                      "scale the columns (--scale standard)");
    }
  });
}

Matrix centers_from_table(const std::string& path, const std::vector<Column>& columns) {
  const Table table = read_table(path);
  Matrix centers(table.n(), static_cast<Index>(columns.size()));
  for (size_t f = 0; f < columns.size(); ++f) {
    const int at = table.find(columns[f].name);
    if (at < 0)
      throw DataError(table.name + ": no column " + quoted(columns[f].name),
                      "the file of --init has the columns of the data, by name, and one centre a row");
    if (table.columns[static_cast<size_t>(at)].categorical())
      throw DataError(table.name + ": column " + quoted(columns[f].name) + " is text; a centre is made of numbers");
    centers.col(static_cast<Index>(f)) = table.cells.col(at);
  }
  return centers;
}

}  // namespace

void check_rows(const Samples& samples, int clusters, int threads) {
  check_fit_input(samples);
  check_range(samples.rows(), samples.columns, threads);
  const Index rows = samples.weight.size() ? (samples.weight.array() > 0).count() : samples.n();
  if (clusters > rows)
    throw ParameterError("parameter 'clusters' is " + std::to_string(clusters) + " but there are only " +
                         std::to_string(rows) + (samples.weight.size() ? " rows of positive weight" : " rows"));
}

Matrix given_centers(const Matrix& centers, const std::string& init, int clusters, const std::vector<Column>& columns) {
  if (centers.rows() == 0 && seeding_named(init)) return {};
  if (centers.rows() == 0 && init.find_first_of("./") == std::string::npos && init != "-") {
    std::vector<std::string> words;
    for (const auto& item : kSeedings) words.emplace_back(item.first);
    throw ParameterError("parameter 'init': unknown word " + quoted(init) + did_you_mean(init, words),
                         "one of " + join(words, ", ") + ", or a CSV file with one centre a row (./" + init + ")");
  }
  const Matrix M = centers.rows() > 0 ? centers : centers_from_table(init, columns);
  if (M.rows() != clusters)
    throw ParameterError("parameter 'clusters' is " + std::to_string(clusters) + " but " + std::to_string(M.rows()) +
                         (M.rows() == 1 ? " first centre is given" : " first centres are given"));
  if (M.cols() != static_cast<Index>(columns.size()))
    throw DataError("the first centres have " + std::to_string(M.cols()) + " columns, the rows " +
                    std::to_string(columns.size()));
  check_range(M, columns, 1);
  return M;
}

Matrix first_centers(const std::string& init, int clusters, const Samples& samples, const Context& ctx) {
  const std::vector<Index> rows = seed_rows(samples, clusters, *seeding_named(init), ctx);
  Matrix centers(clusters, samples.d());
  for (Index c = 0; c < clusters; ++c) centers.row(c) = samples.rows().row(rows[static_cast<size_t>(c)]);
  return centers;
}

std::vector<int> nearest_centers(const Samples& samples, const Matrix& centers, const Context& ctx) {
  const Matrix& X = samples.rows();
  check_range(X, samples.columns, ctx.threads);
  const Filter filter(centers);
  std::vector<int> labels(static_cast<size_t>(X.rows()));
  parallel_for(ctx.threads, X.rows(), 64 * kPanel, [&](Index begin, Index end) {
    ctx.check_cancelled();
    std::array<Index, kPanel> rows{};
    std::array<Filter::Answer, kPanel> answers{};
    for (Index i = begin; i < end; i += kPanel) {
      const Index count = std::min<Index>(kPanel, end - i);
      for (Index j = 0; j < count; ++j) rows[static_cast<size_t>(j)] = i + j;
      filter.nearest(X, rows.data(), count, answers.data());
      for (Index j = 0; j < count; ++j) labels[static_cast<size_t>(i + j)] = answers[static_cast<size_t>(j)].label;
    }
  });
  return labels;
}

Explanation explain_centers(const std::vector<Column>& columns, const Matrix& centers, const Vector& sizes,
                            const Vector& inertia, const std::vector<int>& typical) {
  Explanation e;
  const Index k = centers.rows();
  e.sentences.push_back(std::to_string(k) + (k == 1 ? " cluster" : " clusters") +
                        ". A row belongs to the nearest centre, by the straight distance in the pipeline's units.");
  Explanation::Table about{"clusters", {"cluster", "rows", "share", "mean squared distance", "most typical row"}, {}};
  for (Index c = 0; c < k; ++c) {
    const int row = typical[static_cast<size_t>(c)];
    about.rows.push_back({std::to_string(c), sizes[c], sizes[c] / sizes.sum(),
                          sizes[c] > 0 ? inertia[c] / sizes[c] : 0.0,
                          row < 0 ? std::string("none") : std::to_string(row + 1)});
  }
  e.tables.push_back(std::move(about));
  Explanation::Table means{"means", {"column"}, {}};
  for (Index c = 0; c < k; ++c) means.header.push_back(std::to_string(c));
  for (size_t f = 0; f < columns.size(); ++f) {
    std::vector<std::variant<std::string, double>> row{columns[f].name};
    for (Index c = 0; c < k; ++c) row.emplace_back(centers(c, static_cast<Index>(f)));
    means.rows.push_back(std::move(row));
  }
  e.tables.push_back(std::move(means));
  return e;
}

Matrix read_centers(const ArchiveReader& in, const std::vector<Column>& columns) {
  Matrix centers = in.matrix("centers", -1, static_cast<Index>(columns.size()));
  if (centers.rows() == 0 || centers.cols() == 0) in.fail("centers: none");
  if (centers.cwiseAbs().maxCoeff() > kLargest) in.fail("centers: beyond 1e150");
  return centers;
}

}  // namespace assay::kmeans
