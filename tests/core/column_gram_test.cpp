#include "assay/core/column_gram.h"

#include <cstring>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;

namespace {

Columns whole_numbers(Eigen::Index n, Eigen::Index p, uint64_t seed) {
  Rng rng(seed, 6);
  Columns X(n, p);
  for (Eigen::Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<double>(rng.below(17)) - 8;
  return X;
}

std::vector<const double*> pointers(const Columns& X) {
  std::vector<const double*> all;
  for (Eigen::Index j = 0; j < X.cols(); ++j) all.push_back(X.col(j).data());
  return all;
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), sizeof(double) * static_cast<size_t>(a.size())) == 0;
}

}  // namespace

TEST_CASE("column_gram: whole numbers give the definition exactly, for every size, shifted and weighted") {
  for (const Eigen::Index n : {0, 1, 7, 511, 512, 513, 4096, 9001})
    for (const Eigen::Index p : {1, 3, 4, 9}) {
      INFO(n << " x " << p);
      const Columns X = whole_numbers(n, p, 1);
      Vector shift(p), v(n);
      for (Eigen::Index j = 0; j < p; ++j) shift[j] = static_cast<double>(j % 3) - 1;
      for (Eigen::Index i = 0; i < n; ++i) v[i] = static_cast<double>(i % 4);
      const Matrix B = X.rowwise() - shift.transpose(), W = v.asDiagonal() * B;
      CHECK(column_gram(pointers(X), n, shift, Vector(), 1) == B.transpose() * B);
      if (n) CHECK(column_gram(pointers(X), n, shift, v, 1) == W.transpose() * W);
    }
}

TEST_CASE("column_gram: the same bits for any number of threads and at every address", "[parallel]") {
  Rng rng(3, 1);
  const Eigen::Index n = 20001, p = 6;
  Columns X(n, p), moved(n + 3, p);
  for (Eigen::Index i = 0; i < X.size(); ++i) X.data()[i] = rng.normal();
  moved.bottomRows(n) = X;
  std::vector<const double*> shifted;
  for (Eigen::Index j = 0; j < p; ++j) shifted.push_back(moved.col(j).data() + 3);
  const Vector zero = Vector::Zero(p);
  const Matrix G = column_gram(pointers(X), n, zero, Vector(), 1);
  for (const int threads : {2, 7}) CHECK(same_bits(column_gram(pointers(X), n, zero, Vector(), threads), G));
  CHECK(same_bits(column_gram(shifted, n, zero, Vector(), 1), G));
  CHECK(same_bits(G, Matrix(G.transpose())));
}
