// bench/ml/naive_bayes.cpp: seconds to fit and to predict, beside naive_bayes.py. Reads from a file: as doubles n, d, K and the number
// of entries (0: a dense table), then n class codes, then n x d cells column by column, or a sparse table: n + 1 row starts, the
// entries' columns, the entries' values. Arguments: FILE REPEATS THREADS.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "assay/ml/bayes/discrete.h"
#include "assay/ml/bayes/naive_bayes.h"

namespace {

template <class Learner>
void measure(const assay::Samples& x, const assay::Target& y, int repeats, int threads) {
  const assay::Context ctx(0, threads);
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    const std::clock_t start = std::clock();
    const auto model = Learner::fit({}, x, y, ctx);
    const std::clock_t fitted = std::clock();
    const assay::Vector codes = model.predict(x, ctx);
    const std::clock_t end = std::clock();
    if (r > 0)
      std::printf("%.6f %.6f %.0f\n", static_cast<double>(fitted - start) / CLOCKS_PER_SEC,
                  static_cast<double>(end - fitted) / CLOCKS_PER_SEC, codes.sum());
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 4) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return static_cast<Index>(x);
  };
  const Index n = number(), d = number(), K = number(), entries = number();
  Samples samples;
  Target y;
  for (Index f = 0; f < d; ++f) samples.columns.push_back({"x" + std::to_string(f), {}});
  y.name = "y";
  for (Index k = 0; k < K; ++k) y.classes.push_back(std::to_string(k));
  for (Index i = 0; i < n; ++i) y.code.push_back(static_cast<int>(number()));
  if (entries == 0) {
    Columns X(n, d);
    in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
    samples.X = std::move(X);
    measure<NaiveBayes>(samples, y, std::atoi(argv[2]), std::atoi(argv[3]));
    return 0;
  }
  Csr X;
  X.rows = n, X.columns = d, X.row_start.clear();
  for (Index i = 0; i <= n; ++i) X.row_start.push_back(number());
  for (Index e = 0; e < entries; ++e) X.column.push_back(static_cast<int32_t>(number()));
  X.value.resize(static_cast<size_t>(entries));
  in.read(reinterpret_cast<char*>(X.value.data()), static_cast<std::streamsize>(sizeof(double)) * entries);
  samples.X = std::move(X);
  measure<MultinomialNb>(samples, y, std::atoi(argv[2]), std::atoi(argv[3]));
  std::printf("\n");
  measure<BernoulliNb>(samples, y, std::atoi(argv[2]), std::atoi(argv[3]));
  std::printf("\n");
  measure<ComplementNb>(samples, y, std::atoi(argv[2]), std::atoi(argv[3]));
}
