// bench/ml/adaboost.cpp: seconds to boost trees and to predict, beside adaboost.py, from a file of training rows and test rows
// (table_file.h). Prints fit and predict seconds, rounds, accuracy on the test rows.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "assay/ml/ensemble/adaboost.h"
#include "bench/ml/table_file.h"

namespace {

using namespace assay;

double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int main(int, char** argv) {
  std::ifstream in(argv[1], std::ios::binary);
  const bench::Part train = bench::read_part(in), test = bench::read_part(in);
  const int repeats = std::atoi(argv[2]);
  AdaBoostParams params;
  params.base.text = argv[3];
  params.rounds = std::atoi(argv[4]);
  for (int r = 0; r <= repeats; ++r) {  // the first run warms up
    double start = now();
    const AdaBoostModel model = AdaBoost::fit(params, train.x, train.y, Context(1, 1));
    const double fit = now() - start;
    start = now();
    const Vector said = model.predict(test.x, Context(1, 1));
    const double predict = now() - start;
    double right = 0;
    for (Index i = 0; i < said.size(); ++i) right += said[i] == test.y.code[static_cast<size_t>(i)];
    if (r > 0)
      std::printf("%.6f %.6f %d %.6f\n", fit, predict, static_cast<int>(model.error.size()),
                  right / static_cast<double>(said.size()));
  }
}
