// ml/svm/kernel.h: kernel functions, one value at a time and by rows.
//
//   linear  x'z        poly  (gamma x'z + coef0)^degree        rbf  exp(-gamma |x - z|^2)        sigmoid  tanh(gamma x'z + coef0)
//
// By rows    the products x'z of one or two x with whole blocks of rows come first, then the function on the block; |x - z|^2 is
//            x'x + z'z - 2 x'z, cut off at 0. A value depends on x and z alone, bit for bit, whatever else is computed
//            with it
// Precision  products, distances and functions are double. Rows for training are rounded to float at the end (half the memory,
//            half the reading), as LIBSVM's are, so that both solve the same problem; answers stay double
// Bounds     exp(-u): relative error below (1 + u) 1e-15 (answers), 2e-12 more before rounding to float (training: one value in
//            fifty thousand becomes the neighbouring float); results below 1e-307 are 1e-307
// See        [Chang2011] sec. 2
#pragma once
#include <string>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/parallel.h"
#include "assay/core/params.h"
#include "assay/ml/data/samples.h"

namespace assay {

enum class Kernel { linear, poly, rbf, sigmoid };
inline constexpr EnumNames<Kernel, 4> kernel_names{
    {{"linear", Kernel::linear}, {"poly", Kernel::poly}, {"rbf", Kernel::rbf}, {"sigmoid", Kernel::sigmoid}}};

namespace svm {

struct KernelFunction {
  Kernel kind = Kernel::rbf;
  double gamma = 1, coef0 = 0;
  int degree = 3;
};

/// k(x, z) from x'z, x'x and z'z.
double kernel_value(const KernelFunction& k, double product, double xx, double zz);
/// Of one row of Matrix or Csr with itself: x'x.
double squared_norm(const Samples& samples, Index i);

/// Rows are laid out in blocks of kLanes, feature by feature: block[f * kLanes + lane].
inline constexpr Index kLanes = 32;
inline Index padded(Index n) { return (n + kLanes - 1) / kLanes * kLanes; }

// ---- kernel_kernels.cpp
/// out[r][l] = k(x_r, z_l) for one or two x and `blocks` blocks of z with their squares; xx[r] = x_r'x_r.
void kernel_blocks(const KernelFunction& k, const double* const* x, const double* xx, int count, const double* z,
                   const double* zz, Index d, Index blocks, float* const* out);
void kernel_blocks(const KernelFunction& k, const double* const* x, const double* xx, int count, const double* z,
                   const double* zz, Index d, Index blocks, double* const* out);
/// The function alone: products of one x with n rows, n a multiple of kLanes, become kernel values.
void kernel_of_products(const KernelFunction& k, const double* product, double xx, const double* zz, Index n,
                        float* out);
void kernel_of_products(const KernelFunction& k, const double* product, double xx, const double* zz, Index n,
                        double* out);

/// A table and its kernel function: what all machines share.
struct KernelTable {
  KernelTable(const KernelFunction& k, const Samples& samples);
  KernelFunction k;
  const Samples& samples;       ///< Matrix or Csr; outlives this
  std::vector<double> squares;  ///< x_i'x_i of every row
};

/// Some rows of a table, in an order that may change, and their kernel rows.
class KernelRows {
 public:
  /// `table` outlives this.
  KernelRows(const KernelTable& table, std::vector<int> rows);
  Index n() const { return static_cast<Index>(rows_.size()); }
  const std::vector<int>& rows() const { return rows_; }
  const KernelTable& table() const { return table_; }
  bool is_dense() const { return !blocks_.empty(); }
  /// k(x_i, x_i).
  double diagonal(Index i) const;
  /// k(x_i, x_j) for j = begin .. end - 1 to out[0 ..], of `count` (1 or 2) rows i at once; begin and end are multiples of
  /// kLanes, end <= padded(n()); what stands past n() is finite and means nothing.
  /// Dense tables may be asked from several threads at once (`is_dense`).
  void compute(const Index* i, int count, Index begin, Index end, float* const* out);
  /// order[t] is the place now of the row that will stand at t.
  void reorder(const std::vector<int>& order);

 private:
  void place(Index i);
  void compute_sparse(Index i, Index begin, Index end, float* out);
  const KernelTable& table_;
  std::vector<int> rows_;
  Index d_;
  std::vector<double> blocks_;   ///< packed rows; empty where sparse
  std::vector<double> squares_;  ///< x'x, padded with zeros
  std::vector<double> row_;      ///< sparse: a row with its zeros; all zero between calls
  std::vector<double> product_;  ///< sparse
};

}  // namespace svm
}  // namespace assay
