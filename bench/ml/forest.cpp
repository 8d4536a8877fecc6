// bench/ml/forest.cpp: seconds to fit a forest and to predict with it, beside forest.py. Reads doubles from a file: n, d, K,
// then X by columns, then y; twice: training rows, then test rows. Writes the answers (class shares, or means) of the test
// rows to the second file, run after run; each run has a seed of its own.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "assay/core/params.h"
#include "assay/ml/ensemble/forest.h"

namespace {

using namespace assay;

struct Data {
  Samples x;
  Target y;
};

Data read_data(std::ifstream& in) {
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return x;
  };
  const Index n = static_cast<Index>(number()), d = static_cast<Index>(number());
  const int K = static_cast<int>(number());
  Data data;
  Columns X(n, d);
  in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
  for (Index f = 0; f < d; ++f) data.x.columns.push_back({"x" + std::to_string(f), {}});
  data.x.X = std::move(X);
  data.y.name = "y";
  for (int k = 0; k < K; ++k) data.y.classes.push_back(std::to_string(k));
  if (K == 0) data.y.value.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double v = number();
    if (K > 0)
      data.y.code.push_back(static_cast<int>(v));
    else
      data.y.value[i] = v;
  }
  return data;
}

double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class L>
void run(const Data& train, const Data& test, int repeats, int threads, int argc, char** argv, const char* out) {
  ParamsOf<typename L::Params> params;
  for (int a = 6; a + 1 < argc; a += 2) params.set(argv[a], argv[a + 1], "forest");
  std::ofstream file(out, std::ios::binary);
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    const Context ctx(static_cast<uint64_t>(r), threads);
    double start = now();
    const ForestModel model = L::fit(params.value, train.x, train.y, ctx);
    const double fit = now() - start;
    start = now();
    Matrix answers;
    if (model.has_proba())
      answers = model.predict_proba(test.x, ctx);
    else
      answers = model.predict(test.x, ctx);
    const double predict = now() - start;
    if (r == 0) continue;
    std::printf("%.6f %.6f %.8g\n", fit, predict, model.oob.error);
    file.write(reinterpret_cast<const char*>(answers.data()),
               static_cast<std::streamsize>(sizeof(double)) * answers.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream in(argv[1], std::ios::binary);
  const Data train = read_data(in), test = read_data(in);
  const int repeats = std::atoi(argv[3]), threads = std::atoi(argv[4]);
  if (std::strcmp(argv[5], "extra-trees") == 0)
    run<ExtraTrees>(train, test, repeats, threads, argc, argv, argv[2]);
  else
    run<Forest>(train, test, repeats, threads, argc, argv, argv[2]);
}
