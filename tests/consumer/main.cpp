// Passes a matrix into a library that was compiled for another instruction set, and frees one it received.
#include <assay/core/linalg.h>

#include <cstdio>

int main() {
  assay::Matrix X = assay::Matrix::Random(1001, 7);
  assay::Matrix G = assay::gram(X, assay::Vector(), 2);  // received, freed here
  assay::Vector w = assay::solve_cholesky(G, G * assay::Vector::Ones(7)).value();
  const double error = (w - assay::Vector::Ones(7)).norm();
  std::printf("error %.1e\n", error);
  return error < 1e-9 ? 0 : 1;
}
