// bench/ml/adaboost.cpp: seconds to boost trees and to predict, beside adaboost.py. Reads doubles from a file: n, d, K, then X
// by columns, then y; twice: training rows, then test rows. Prints fit and predict seconds, rounds, accuracy on the test rows.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "assay/ml/ensemble/adaboost.h"

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
  for (Index i = 0; i < n; ++i) data.y.code.push_back(static_cast<int>(number()));
  return data;
}

double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

int main(int, char** argv) {
  std::ifstream in(argv[1], std::ios::binary);
  const Data train = read_data(in), test = read_data(in);
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
