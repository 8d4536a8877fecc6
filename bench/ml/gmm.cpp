// bench/ml/gmm.cpp: seconds of EM from given labels, beside gmm.py. Reads doubles from a file: n, d, K, iterations, covariance
// (0 full, 1 tied, 2 diagonal, 3 spherical), then n rows and n labels. Arguments: FILE REPEATS THREADS. Prints seconds, the
// log-likelihood a row before the last M, and the sum of the labels at the end.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <numeric>

#include "assay/ml/cluster/mixture.h"

int main(int argc, char** argv) {
  using namespace assay;
  if (argc < 4) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const auto number = [&] {
    double x = 0;
    in.read(reinterpret_cast<char*>(&x), sizeof x);
    return static_cast<Index>(x);
  };
  const Index n = number(), d = number(), K = number(), iterations = number();
  const auto covariance = static_cast<Covariance>(number());
  Matrix X(n, d);
  in.read(reinterpret_cast<char*>(X.data()), static_cast<std::streamsize>(sizeof(double)) * n * d);
  std::vector<int> labels;
  for (Index i = 0; i < n; ++i) labels.push_back(static_cast<int>(number()));
  const int threads = std::atoi(argv[3]);
  for (int r = 0; r <= std::atoi(argv[2]); ++r) {  // the first run warms up
    const std::clock_t start = std::clock();
    const mixture::Packed rows(X, Vector(), threads);
    mixture::Mixture m = mixture::from_labels(covariance, X, Vector(), labels, K, 1e-6);
    double log_likelihood = 0;
    for (Index t = 0; t < iterations; ++t) {
      const mixture::Moments moments = em_step(*densities(m), rows, threads);
      log_likelihood = moments.log_likelihood / static_cast<double>(n);
      m = maximize(covariance, moments, m.means, 1e-6);
    }
    const Matrix L = log_joint(*densities(m), rows, threads);
    double label_sum = 0;
    for (Index i = 0; i < n; ++i) {
      Index k = 0;
      L.row(i).maxCoeff(&k);
      label_sum += static_cast<double>(k);
    }
    const std::clock_t end = std::clock();
    if (r > 0)
      std::printf("%.6f %.12g %.0f\n", static_cast<double>(end - start) / CLOCKS_PER_SEC, log_likelihood, label_sum);
  }
}
