// bench/ml/boosting.cpp: seconds to fit and to apply gradient boosting, and the memory it takes, beside boosting.py.
// usage: boosting FILE gbdt:PARAMETERS REPEATS THREADS. FILE holds training rows and test rows (table_file.h). A line a run:
// processor seconds and seconds of the fit, of predicting the test rows, their loss (log loss, or rmse), and the bytes a training
// row that the fit took at its peak (of the first run).
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "assay/ml/boosting/gbdt.h"
#include "bench/ml/table_file.h"
#include "bench/peak_memory.h"

namespace {

using namespace assay;

double loss(const GbdtModel& model, const bench::Part& test, const Context& ctx) {
  double sum = 0;
  if (test.y.K() > 0) {
    const Matrix P = model.predict_proba(test.x, ctx);
    for (Index i = 0; i < P.rows(); ++i) sum -= std::log(std::max(P(i, test.y.code[static_cast<size_t>(i)]), 1e-15));
    return sum / static_cast<double>(P.rows());
  }
  const Vector answer = model.predict(test.x, ctx);
  return std::sqrt((answer - test.y.value).squaredNorm() / static_cast<double>(answer.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return std::fprintf(stderr, "usage: boosting FILE gbdt:PARAMETERS REPEATS THREADS\n"), 2;
  std::ifstream in(argv[1], std::ios::binary);
  const bench::Part train = bench::read_part(in), test = bench::read_part(in);
  ParamsOf<GbdtParams> params;
  for (const auto& [name, value] : parse_inline(argv[2]).settings) params.set(name, value, "gbdt");
  const Context ctx(0, std::atoi(argv[4]));
  for (int r = 0; r < std::atoi(argv[3]); ++r) {
    const double before = resident_bytes();  // the first run's figure counts: later ones find freed memory
    const std::clock_t cpu = std::clock();
    const auto wall = std::chrono::steady_clock::now();
    const GbdtModel model = Gbdt::fit(params.value, train.x, train.y, ctx);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const double bytes = (peak_bytes() - before) / static_cast<double>(train.x.n());
    const std::clock_t predict = std::clock();
    model.predict(test.x, ctx);
    const double predict_seconds = static_cast<double>(std::clock() - predict) / CLOCKS_PER_SEC;
    std::printf("%.6f %.6f %.6f %.8f %.1f\n", cpu_seconds, seconds, predict_seconds, loss(model, test, ctx), bytes);
  }
}
