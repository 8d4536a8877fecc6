// bench/ml/knn.cpp: seconds to store a table and to predict queries, beside knn.py. Reads doubles from a file: n, m, d, k,
// then n rows, n values, m queries. Arguments: FILE REPEATS THREADS auto|brute|kd-tree.
#include "assay/ml/neighbors/knn.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 5) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  };
  const auto matrix = [&](Index rows, Index columns) {
    Matrix X(rows, columns);
    in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * rows * columns);
    return X;
  };
  const Index n = static_cast<Index>(number()), m = static_cast<Index>(number()), d = static_cast<Index>(number());
  KnnParams params;
  params.neighbors = static_cast<int>(number());
  const std::string algorithm = argv[4];
  params.algorithm = algorithm == "auto"    ? Algorithm::automatic
                     : algorithm == "brute" ? Algorithm::brute
                                            : Algorithm::kd_tree;
  Samples train, queries;
  for (Index f = 0; f < d; ++f) train.columns.push_back({"x" + std::to_string(f), {}});
  queries.columns = train.columns;
  train.X = matrix(n, d);
  Target y;
  y.name = "y";
  y.value = matrix(n, 1).col(0);
  queries.X = matrix(m, d);
  const Context ctx(0, std::atoi(argv[3]));
  for (int r = 0; r <= std::atoi(argv[2]); ++r) {  // the first run warms up
    const std::clock_t start = std::clock();
    const KnnModel model = Knn::fit(params, train, y, ctx);
    const std::clock_t fitted = std::clock();
    const Vector answer = model.predict(queries, ctx);
    const std::clock_t end = std::clock();
    if (r > 0)
      std::printf("%.6f %.6f %.17g\n", static_cast<double>(fitted - start) / CLOCKS_PER_SEC,
                  static_cast<double>(end - fitted) / CLOCKS_PER_SEC, answer.sum());
  }
}
