#include "assay/ml/svm/kernel.h"

#include <cmath>

#include "assay/core/rng.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/svm/cache.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::svm;

namespace {

Samples random_samples(Index n, Index d, bool sparse, uint64_t seed) {
  Rng rng(seed, 3);
  Samples s;
  Matrix X(n, d);
  for (Index f = 0; f < d; ++f) s.columns.push_back({"x" + std::to_string(f), {}});
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = sparse && rng.below(3) ? 0 : rng.normal();
  s.X = X;
  if (sparse) s.X = entries_of(X);
  return s;
}

std::vector<int> all_rows(Index n) {
  std::vector<int> rows;
  for (Index i = 0; i < n; ++i) rows.push_back(static_cast<int>(i));
  return rows;
}

std::vector<float> row_of(KernelRows& rows, Index i) {
  std::vector<float> out(static_cast<size_t>(padded(rows.n())));
  float* const space[1] = {out.data()};
  rows.compute(&i, 1, 0, padded(rows.n()), space);
  out.resize(static_cast<size_t>(rows.n()));
  return out;
}

}  // namespace

TEST_CASE("kernel: exp keeps its stated error, in answers and in rows for training") {
  const KernelFunction k{Kernel::rbf, 1, 0, 3};
  double worst = 0, worst_float = 0;
  for (double base = 1e-12; base < 500; base *= 1.37) {
    double zero[kLanes] = {}, zz[kLanes], out[kLanes];
    float single[kLanes];
    for (Index l = 0; l < kLanes; ++l) zz[l] = base * (1 + 0.01 * static_cast<double>(l));
    kernel_of_products(k, zero, 0, zz, kLanes, out);
    kernel_of_products(k, zero, 0, zz, kLanes, single);
    for (Index l = 0; l < kLanes; ++l) {
      const double exact = std::exp(-zz[l]);
      worst = std::max(worst, std::abs(out[l] - exact) / exact / (1 + zz[l]));
      if (exact > 1e-30) worst_float = std::max(worst_float, std::abs(single[l] - exact) / exact / (1 + 1e-8 * zz[l]));
    }
  }
  CHECK(worst < 1e-15);
  CHECK(worst_float < 0x1p-24 + 1e-9);
}

TEST_CASE("kernel: rows, one or two at a time, dense or sparse, are the formula's values") {
  for (const Kernel kind : {Kernel::linear, Kernel::poly, Kernel::rbf, Kernel::sigmoid})
    for (const bool sparse : {false, true}) {
      const Samples s = random_samples(75, 7, sparse, 1);
      const KernelFunction k{kind, 0.3, 0.5, 3};
      const KernelTable table(k, s);
      KernelRows rows(table, all_rows(75));
      const Matrix X = sparse ? dense(s.sparse()) : s.rows();
      for (const Index i : {Index{0}, Index{33}, Index{74}}) {
        const std::vector<float> one = row_of(rows, i);
        std::vector<float> a(96), b(96);
        const Index two[2] = {5, i};
        float* const space[2] = {a.data(), b.data()};
        rows.compute(two, 2, 0, 96, space);
        for (Index j = 0; j < 75; ++j) {
          const double wanted = kernel_value(k, X.row(i).dot(X.row(j)), X.row(i).squaredNorm(), X.row(j).squaredNorm());
          CHECK(std::abs(static_cast<double>(one[static_cast<size_t>(j)]) - wanted) <=
                2e-7 * std::max(1.0, std::abs(wanted)));
          CHECK(b[static_cast<size_t>(j)] == one[static_cast<size_t>(j)]);
        }
      }
    }
}

TEST_CASE("kernel: a cache gives the rows themselves, whatever was evicted, shrunk and restored in between") {
  const Samples s = random_samples(200, 4, false, 2);
  const KernelTable table({Kernel::rbf, 0.2, 0, 3}, s);
  for (const double bytes : {1.0, 4.0 * 224 * 20, 1e9}) {
    KernelRows rows(table, all_rows(200)), plain(table, all_rows(200));
    CacheMemory memory;
    KernelCache cache(rows, bytes, memory);
    std::vector<int> standing = all_rows(200);
    Rng rng(9);
    for (int round = 0; round < 60; ++round) {
      if (round % 20 == 9 && cache.active() > 100 &&
          round < 55) {  // sets aside every sixth, then every second position
        const Index active = round < 20 ? 170 : 90;
        std::vector<int> order = all_rows(200);
        for (Index t = 0, from = active; from < std::min<Index>(cache.active(), active + 25); ++from, t += 3)
          std::swap(order[static_cast<size_t>(t)], order[static_cast<size_t>(from)]);
        cache.shrink(order, active);
        std::vector<int> moved(200);
        for (size_t t = 0; t < 200; ++t) moved[t] = standing[static_cast<size_t>(order[t])];
        standing = moved;
      }
      if (round == 35 || round == 50) cache.restore();
      for (int ask = 0; ask < 12; ++ask) {
        const auto i = static_cast<Index>(rng.below(static_cast<uint64_t>(cache.active())));
        const auto other = static_cast<Index>(rng.below(static_cast<uint64_t>(cache.active())));
        const float* got = cache.row(i, ask % 2 ? other : -1);
        const std::vector<float> wanted = row_of(plain, standing[static_cast<size_t>(i)]);
        bool same = true;
        for (Index t = 0; t < cache.active(); ++t)
          same = same && got[t] == wanted[static_cast<size_t>(standing[static_cast<size_t>(t)])];
        CHECK(same);
      }
    }
  }
}
