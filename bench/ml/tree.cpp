// bench/ml/tree.cpp: seconds to fit a tree, beside tree.py, from a file of training rows (table_file.h).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "assay/ml/tree/tree.h"
#include "bench/ml/table_file.h"

int main(int argc, char** argv) {
  using namespace assay;
  std::ifstream in(argv[1], std::ios::binary);
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 5, threads = argc > 3 ? std::atoi(argv[3]) : 1;
  TreeParams params;
  if (argc > 4 && std::string(argv[4]) == "entropy") params.criterion = Criterion::entropy;
  const bench::Part train = bench::read_part(in);
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    const std::clock_t cpu = std::clock();
    const auto wall = std::chrono::steady_clock::now();
    const TreeModel model = Tree::fit(params, train.x, train.y, Context(0, threads));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    if (r > 0) std::printf("%.6f %.6f %d %d\n", cpu_seconds, seconds, model.nodes.leaves(), model.nodes.depth());
  }
}
