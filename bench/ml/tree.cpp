// bench/ml/tree.cpp: seconds to fit a tree, beside tree.py. Reads doubles from a file: n, d, K, then X by
// columns, then y.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "assay/ml/tree/tree.h"

int main(int argc, char** argv) {
  using namespace assay;
  std::ifstream in(argv[1], std::ios::binary);
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 5, threads = argc > 3 ? std::atoi(argv[3]) : 1;
  TreeParams params;
  if (argc > 4 && std::string(argv[4]) == "entropy") params.criterion = Criterion::entropy;
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  };
  const Index n = static_cast<Index>(number()), d = static_cast<Index>(number());
  const int K = static_cast<int>(number());
  Samples s;
  Columns X(n, d);
  in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
  for (Index f = 0; f < d; ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  s.X = std::move(X);
  Target y;
  y.name = "y";
  for (int k = 0; k < K; ++k) y.classes.push_back(std::to_string(k));
  if (K == 0) y.value.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double v = number();
    if (K > 0)
      y.code.push_back(static_cast<int>(v));
    else
      y.value[i] = v;
  }
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    const std::clock_t cpu = std::clock();
    const auto wall = std::chrono::steady_clock::now();
    const TreeModel model = Tree::fit(params, s, y, Context(0, threads));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    if (r > 0) std::printf("%.6f %.6f %d %d\n", cpu_seconds, seconds, model.nodes.leaves(), model.nodes.depth());
  }
}
