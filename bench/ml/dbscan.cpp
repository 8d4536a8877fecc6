// bench/ml/dbscan.cpp: seconds and memory to cluster a table, beside dbscan.py. Reads doubles from a file: n, d, eps,
// min-points, then n rows. Arguments: FILE REPEATS THREADS LABELS [auto|grid|kd-tree|textbook]. A line a run: processor
// seconds, wall seconds, bytes by which the process grew beyond the loaded table.
#include "assay/ml/cluster/dbscan.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "assay/core/stopwatch.h"
#include "bench/peak_memory.h"

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 5) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  };
  const Index n = static_cast<Index>(number()), d = static_cast<Index>(number());
  DbscanParams params;
  params.eps = number();
  params.min_points = static_cast<int>(number());
  if (argc > 5)
    for (Param& param : params_of(params))
      if (param.name == "algorithm") param.set(argv[5]);
  Samples samples;
  for (Index f = 0; f < d; ++f) samples.columns.push_back({"x" + std::to_string(f), {}});
  Matrix X(n, d);
  in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
  samples.X = std::move(X);
  const Context ctx(0, std::atoi(argv[3]));
  const double loaded = peak_bytes();
  for (int r = 0; r <= std::atoi(argv[2]); ++r) {  // the first run warms up
    const Stopwatch watch;
    const DbscanModel model = Dbscan::fit(params, samples, ctx);
    const double cpu = watch.cpu_s(), wall = watch.wall_s();
    if (r > 0) std::printf("%.6f %.6f %.0f\n", cpu, wall, peak_bytes() - loaded);
    if (r == 0) {
      std::ofstream out(argv[4], std::ios::binary);
      out.write(reinterpret_cast<const char*>(model.labels.data()),
                static_cast<std::streamsize>(sizeof(int) * model.labels.size()));
    }
  }
}
