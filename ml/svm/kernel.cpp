// Notation   x_i, x_j rows;  d features;  k the kernel function
// Method     1 pack the rows in blocks of kLanes   2 lay row i out plainly   3 products with block after block, the function
//            on each while it is in registers (kernel_kernels.cpp)
//            sparse: row i is scattered over d zeros, and each row's entries pick from it; its zeros are put back after
// Departures from the paper: none.
#include "assay/ml/svm/kernel.h"

#include <cmath>

namespace assay::svm {

namespace {

double power(double base, int exponent) {
  double result = 1;
  for (int e = exponent; e > 0; e /= 2) {
    if (e % 2) result *= base;
    base *= base;
  }
  return result;
}

}  // namespace

double kernel_value(const KernelFunction& k, double product, double xx, double zz) {
  switch (k.kind) {
    case Kernel::linear:
      return product;
    case Kernel::poly:
      return power(k.gamma * product + k.coef0, k.degree);
    case Kernel::sigmoid:
      return std::tanh(k.gamma * product + k.coef0);
    case Kernel::rbf:
      break;
  }
  return std::exp(-k.gamma * std::max(0.0, xx + zz - 2 * product));
}

double squared_norm(const Samples& samples, Index i) {
  if (const auto* X = std::get_if<Matrix>(&samples.X)) return dot(X->row(i).data(), X->row(i).data(), X->cols());
  const Csr& X = samples.sparse();
  const double* entries = X.value.data() + X.row_start[static_cast<size_t>(i)];
  return dot(entries, entries, X.row_start[static_cast<size_t>(i) + 1] - X.row_start[static_cast<size_t>(i)]);
}

KernelTable::KernelTable(const KernelFunction& k_, const Samples& samples_)
    : k(k_), samples(samples_), squares(static_cast<size_t>(samples_.n())) {
  for (Index i = 0; i < samples.n(); ++i) squares[static_cast<size_t>(i)] = squared_norm(samples, i);
}

KernelRows::KernelRows(const KernelTable& table, std::vector<int> rows)
    : table_(table), rows_(std::move(rows)), d_(table.samples.d()) {
  squares_.assign(static_cast<size_t>(padded(n())), 0.0);
  if (std::holds_alternative<Csr>(table.samples.X))
    row_.assign(static_cast<size_t>(d_), 0.0);
  else
    blocks_.assign(static_cast<size_t>(padded(n()) * d_), 0.0);
  for (Index i = 0; i < n(); ++i) place(i);
}

double KernelRows::diagonal(Index i) const {
  const double xx = squares_[static_cast<size_t>(i)];
  return kernel_value(table_.k, xx, xx, xx);
}

// Puts row i where its position says.
void KernelRows::place(Index i) {
  const int row = rows_[static_cast<size_t>(i)];
  squares_[static_cast<size_t>(i)] = table_.squares[static_cast<size_t>(row)];
  if (!is_dense()) return;
  const double* x = table_.samples.rows().row(row).data();
  double* lane = blocks_.data() + i / kLanes * kLanes * d_ + i % kLanes;
  for (Index f = 0; f < d_; ++f) lane[f * kLanes] = x[f];
}

void KernelRows::compute(const Index* i, int count, Index begin, Index end, float* const* out) {
  if (!is_dense()) {
    for (int r = 0; r < count; ++r) compute_sparse(i[r], begin, end, out[r]);
    return;
  }
  const Matrix& X = table_.samples.rows();
  const double* x[2];
  double xx[2];
  for (int r = 0; r < count; ++r) {
    x[r] = X.row(rows_[static_cast<size_t>(i[r])]).data();
    xx[r] = squares_[static_cast<size_t>(i[r])];
  }
  kernel_blocks(table_.k, x, xx, count, blocks_.data() + begin * d_, squares_.data() + begin, d_,
                (end - begin) / kLanes, out);
}

void KernelRows::compute_sparse(Index i, Index begin, Index end, float* out) {
  const Csr& X = table_.samples.sparse();
  const auto entries = [&](Index j) {
    const auto row = static_cast<size_t>(rows_[static_cast<size_t>(j)]);
    return std::pair(X.row_start[row], X.row_start[row + 1]);
  };
  const auto own = entries(i);
  for (auto e = own.first; e < own.second; ++e)
    row_[static_cast<size_t>(X.column[static_cast<size_t>(e)])] = X.value[static_cast<size_t>(e)];
  product_.assign(static_cast<size_t>(end - begin), 0.0);
  for (Index j = begin; j < std::min(end, n()); ++j) {
    const auto [first, last] = entries(j);
    double product = 0;
    for (auto e = first; e < last; ++e)
      product += X.value[static_cast<size_t>(e)] * row_[static_cast<size_t>(X.column[static_cast<size_t>(e)])];
    product_[static_cast<size_t>(j - begin)] = product;
  }
  for (auto e = own.first; e < own.second; ++e) row_[static_cast<size_t>(X.column[static_cast<size_t>(e)])] = 0;
  kernel_of_products(table_.k, product_.data(), squares_[static_cast<size_t>(i)], squares_.data() + begin, end - begin,
                     out);
}

void KernelRows::reorder(const std::vector<int>& order) {
  std::vector<int> rows(rows_.size());
  for (size_t t = 0; t < rows.size(); ++t) rows[t] = rows_[static_cast<size_t>(order[t])];
  rows_ = std::move(rows);
  for (size_t t = 0; t < rows_.size(); ++t)
    if (order[t] != static_cast<int>(t)) place(static_cast<Index>(t));
}

}  // namespace assay::svm
