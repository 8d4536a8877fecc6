// bench/ml/linear_models.cpp: seconds to fit a linear model, beside linear.py, lasso.py, logistic.py and linear_svm.py.
//
//   linear_models FILE LEARNER REPEATS [parameter=value ...]
//
// FILE holds doubles: n, d, K (0: regression), the kind (0: dense, X by columns; 1: sparse, then the number of entries, the
// rows' starts, columns and values), then y. Prints for each repeat: processor seconds, seconds, objective, iterations.
#include <sys/resource.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "assay/ml/catalogue.h"
#include "bench/peak_memory.h"

namespace {

struct Reader {
  std::ifstream in;
  double number() {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  }
  void numbers(double* x, std::ptrdiff_t n) {
    in.read(reinterpret_cast<char*>(x), static_cast<std::streamsize>(sizeof(double)) * n);
  }
};

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 4) return 2;
  Reader file{std::ifstream(argv[1], std::ios::binary)};
  const Learner& learner = find_learner(argv[2]);
  const int repeats = std::atoi(argv[3]);
  const auto params = learner.params();
  for (int a = 4; a < argc; ++a) {
    const std::string setting = argv[a];
    const size_t at = setting.find('=');
    params->set(setting.substr(0, at), setting.substr(at + 1), learner.name());
  }
  const Index n = static_cast<Index>(file.number()), d = static_cast<Index>(file.number());
  const int K = static_cast<int>(file.number());
  const bool sparse = file.number() == 1;
  Samples s;
  for (Index f = 0; f < d; ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  if (sparse) {
    Csr X;
    X.rows = n;
    X.columns = d;
    const auto entries = static_cast<size_t>(file.number());
    X.row_start.clear();
    for (Index i = 0; i <= n; ++i) X.row_start.push_back(static_cast<int64_t>(file.number()));
    for (size_t e = 0; e < entries; ++e) X.column.push_back(static_cast<int32_t>(file.number()));
    X.value.resize(entries);
    file.numbers(X.value.data(), static_cast<std::ptrdiff_t>(entries));
    s.X = std::move(X);
  } else {
    Columns X(n, d);
    file.numbers(X.data(), n * d);
    if (learner.traits().layout == Layout::rows)
      s.X = Matrix(X);
    else
      s.X = std::move(X);
  }
  Target y;
  y.name = "y";
  for (int k = 0; k < K; ++k) y.classes.push_back(std::to_string(k));
  if (K == 0) {
    y.value.resize(n);
    file.numbers(y.value.data(), n);
  }
  for (Index i = 0; K > 0 && i < n; ++i) y.code.push_back(static_cast<int>(file.number()));
  const double loaded = peak_bytes();
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    const std::clock_t cpu = std::clock();
    const auto wall = std::chrono::steady_clock::now();
    const auto model = learner.fit(*params, s, y, Context(0, 1), nullptr);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    if (r == repeats)
      std::fprintf(stderr, "%s, %.0f MB beyond the table\n", model->report().note.c_str(),
                   (peak_bytes() - loaded) / 1048576);
    if (r > 0)
      std::printf("%.6f %.6f %.17g %ld\n", cpu_seconds, seconds, model->report().objective, model->report().iterations);
  }
}
