// bench/ml/kmeans.cpp: seconds of k-means from given centres, beside kmeans.py. Reads doubles from a file: n, d, k, then n
// rows and k centres. Arguments: FILE REPEATS THREADS auto|lloyd|hamerly|elkan MAX_ITER [LABELS]; prints processor seconds,
// wall-clock seconds, inertia, iterations, the share of distances measured and the megabytes beyond the table.
#include "assay/ml/cluster/kmeans.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "bench/peak_memory.h"

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 6) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return static_cast<Index>(x);
  };
  const auto matrix = [&](Index rows, Index columns) {
    Matrix X(rows, columns);
    in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * rows * columns);
    return X;
  };
  const Index n = number(), d = number(), k = number();
  Samples samples;
  for (Index f = 0; f < d; ++f) samples.columns.push_back({"x" + std::to_string(f), {}});
  samples.X = matrix(n, d);
  KMeansParams params;
  params.clusters = static_cast<int>(k);
  params.centers = matrix(k, d);
  params.tolerance = 0;
  params.max_iter = std::atoi(argv[5]);
  for (const auto& item : kmeans_algorithm_names.items)
    if (std::string(argv[4]) == item.first) params.algorithm = item.second;
  const Context ctx(0, std::atoi(argv[3]));
  const double before = peak_bytes();
  for (int r = 0; r < std::atoi(argv[2]); ++r) {
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t start = std::clock();
    const KMeansModel model = KMeans::fit(params, samples, ctx);
    const std::clock_t end = std::clock();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - wall;
    std::printf("%.6f %.6f %.17g %ld %.6f %.1f\n", static_cast<double>(end - start) / CLOCKS_PER_SEC, seconds.count(),
                model.report.objective, model.report.iterations, model.report.more.back().second,
                (peak_bytes() - before) / 1048576);
    if (r == 0 && argc > 6) {
      std::ofstream out(argv[6], std::ios::binary);
      out.write(reinterpret_cast<const char*>(model.labels.data()),
                static_cast<std::streamsize>(model.labels.size() * sizeof(int)));
    }
  }
}
