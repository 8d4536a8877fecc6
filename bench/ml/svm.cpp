// bench/ml/svm.cpp: seconds to fit a machine and to answer, beside svm.py. Reads doubles from a file: n, m, d, K (0:
// regression), then X (n x d by rows), y, Q (m x d). Arguments: FILE REPEATS name=value ... ; prints a line a run:
// processor seconds of fit and of prediction, objective, support vectors, a sum over the answers, megabytes above the table, iterations, kernel rows.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "assay/ml/catalogue.h"

namespace {

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double peak_mb() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 4) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const Learner& learner = find_learner(argv[3]);
  const auto params = learner.params();
  for (int a = 4; a < argc; ++a) {
    const std::string setting = argv[a];
    const size_t equals = setting.find('=');
    params->set(setting.substr(0, equals), setting.substr(equals + 1), learner.name());
  }
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  };
  const Index n = static_cast<Index>(number()), m = static_cast<Index>(number()), d = static_cast<Index>(number());
  const int K = static_cast<int>(number());
  Samples s, queries;
  Target y;
  y.name = "y";
  for (int k = 0; k < K; ++k) y.classes.push_back(std::to_string(k));
  for (Index f = 0; f < d; ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  queries.columns = s.columns;
  Matrix X(n, d), Q(m, d);
  const auto bytes = [](Index cells) { return static_cast<std::streamsize>(sizeof(double)) * cells; };
  in.read(reinterpret_cast<char*>(X.data()), bytes(X.size()));
  if (K == 0) y.value.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double v = number();
    if (K > 0)
      y.code.push_back(static_cast<int>(v));
    else
      y.value[i] = v;
  }
  in.read(reinterpret_cast<char*>(Q.data()), bytes(Q.size()));
  s.X = std::move(X);
  queries.X = std::move(Q);
  const double loaded = peak_mb();
  const Context ctx(0, 1);
  for (int r = 0; r <= std::atoi(argv[2]); ++r) {  // the first run warms up
    double start = seconds();
    const auto model = learner.fit(*params, s, y, ctx, nullptr);
    const double fit = seconds() - start;
    const double memory = peak_mb() - loaded;
    start = seconds();
    const Vector answer = model->predict(queries, ctx);
    const double predict = seconds() - start;
    double vectors = 0, rows = 0;
    for (const auto& item : model->report().more)
      if (item.first == "support_vectors")
        vectors = item.second;
      else if (item.first == "kernel_rows")
        rows = item.second;
    if (r > 0 || std::atoi(argv[2]) == 0)
      std::printf("%.6f %.6f %.12g %.0f %.12g %.1f %ld %.0f\n", fit, predict, model->report().objective, vectors,
                  sum(answer.data(), answer.size()), memory, model->report().iterations, rows);
  }
}
