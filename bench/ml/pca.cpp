// bench/ml/pca.cpp: seconds to fit principal components, beside pca.py. Reads doubles from a file: n, d, k, then n rows.
// Arguments: FILE REPEATS THREADS auto|covariance|gram|svd|randomized. Prints a line a run: seconds, first variance, sum
// of the ratios, peak resident megabytes beyond the table.
#include "assay/ml/decomposition/pca.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "bench/peak_memory.h"

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 5) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  double head[3];
  in.read(reinterpret_cast<char*>(head), sizeof head);
  const auto n = static_cast<Index>(head[0]), d = static_cast<Index>(head[1]);
  Matrix X(n, d);
  in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
  Samples samples;
  for (Index f = 0; f < d; ++f) samples.columns.push_back({"x" + std::to_string(f), {}});
  samples.X = std::move(X);
  PcaParams params;
  params.components = head[2];
  for (const auto& item : principal_solver_names.items)
    if (item.first == std::string(argv[4])) params.solver = item.second;
  const Context ctx(1, std::atoi(argv[3]));
  const double loaded = peak_bytes();
  for (int r = 0; r <= std::atoi(argv[2]); ++r) {  // the first run warms up
    const std::clock_t start = std::clock();
    const PcaModel model = Pca::fit(params, samples, ctx);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (r > 0)
      std::printf("%.6f %.17g %.17g %.0f %s\n", seconds, model.explained_variance[0],
                  model.explained_variance_ratio.sum(), (peak_bytes() - loaded) / 1048576, model.report.note.c_str());
  }
}
