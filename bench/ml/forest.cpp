// bench/ml/forest.cpp: seconds to fit a forest and to predict with it, beside forest.py, from a file of training rows and
// test rows (table_file.h). Writes the answers (class shares, or means) of the test rows to the second
// file, run after run; each run has a seed of its own.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include "assay/core/params.h"
#include "assay/ml/ensemble/forest.h"
#include "bench/ml/table_file.h"

namespace {

using namespace assay;

double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class L>
void run(const bench::Part& train, const bench::Part& test, int repeats, int threads, int argc, char** argv,
         const char* out) {
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
  const bench::Part train = bench::read_part(in), test = bench::read_part(in);
  const int repeats = std::atoi(argv[3]), threads = std::atoi(argv[4]);
  if (std::strcmp(argv[5], "extra-trees") == 0)
    run<ExtraTrees>(train, test, repeats, threads, argc, argv, argv[2]);
  else
    run<Forest>(train, test, repeats, threads, argc, argv, argv[2]);
}
