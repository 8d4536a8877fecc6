// Notation   q queries, in blocks of kLanes;  v support vectors;  a < b places of classes in `order`
// Method     1 a block of queries is laid out feature by feature   2 for each class a: kernel values of its vectors with the block
//            3 each machine of a adds coefficient times value, for all queries of the block at once   4 minus rho
//            5 a machine's sign is a vote; or its sigmoid, and coupling, give probabilities
// Departures from the paper: none; a query's arithmetic does not depend on those beside it.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/text.h"
#include "assay/ml/svm/probability.h"
#include "assay/ml/svm/svm.h"
#include "assay/ml/svm/svm_kernels.h"

namespace assay {
namespace {

using svm::Coefficient;
using svm::kLanes;

constexpr double kLeast = 1e-7;  // pairwise probabilities keep this distance from 0 and 1

// What a prediction needs beside the model, made once.
struct Prepared {
  std::vector<double> squares;               // of the vectors
  std::vector<std::vector<Coefficient>> of;  // [machine * 2 + side]: vectors of the side's class, counted within it
  std::vector<std::vector<int>> lists;       // of each class: machine * 2 + side
};

size_t classes_of(const SvmModel& m) { return m.task == Task::classification ? m.order.size() : 1; }

Prepared prepare(const SvmModel& m) {
  Prepared p;
  p.squares.resize(static_cast<size_t>(m.vectors()));
  Samples vectors;
  std::visit([&](const auto& X) { vectors.X = X; }, m.X);
  for (Index v = 0; v < m.vectors(); ++v) p.squares[static_cast<size_t>(v)] = svm::squared_norm(vectors, v);
  const size_t k = classes_of(m);
  p.of.resize(2 * static_cast<size_t>(m.rho.size()));
  p.lists.resize(k);
  std::vector<Index> first(k + 1, 0);
  for (size_t a = 0; a < k; ++a) first[a + 1] = first[a] + m.count[a];
  const auto add = [&](size_t cls, Index row, size_t list) {
    p.lists[cls].push_back(static_cast<int>(list));
    for (Index v = first[cls]; v < first[cls + 1]; ++v)
      if (m.coef(row, v) != 0) p.of[list].push_back({v - first[cls], m.coef(row, v)});
  };
  size_t machine = 0;
  if (m.task == Task::regression) add(0, 0, 0);
  for (size_t a = 0; a < k && m.task == Task::classification; ++a)
    for (size_t b = a + 1; b < k; ++b, ++machine) {
      add(a, static_cast<Index>(b) - 1, 2 * machine);
      add(b, static_cast<Index>(a), 2 * machine + 1);
    }
  return p;
}

// Queries begin .. end - 1 as one block; lanes past the end are zero.
class QueryBlock {
 public:
  explicit QueryBlock(const Samples& samples)
      : samples_(samples), cells(static_cast<size_t>(samples.d() * kLanes), 0.0), squares(kLanes, 0.0) {}
  void load(Index begin, Index end) {
    clear();
    begin_ = begin, end_ = end;
    for (Index i = begin; i < end; ++i) squares[static_cast<size_t>(i - begin)] = svm::squared_norm(samples_, i);
    each_cell([&](size_t at, double x) { cells[at] = x; });
  }
  const Samples& samples_;
  std::vector<double> cells, squares;

 private:
  template <class Visit>
  void each_cell(Visit&& visit) {
    for (Index i = begin_; i < end_; ++i) {
      const auto lane = static_cast<size_t>(i - begin_);
      if (const auto* X = std::get_if<Matrix>(&samples_.X)) {
        const double* x = X->row(i).data();
        for (Index f = 0; f < X->cols(); ++f) visit(static_cast<size_t>(f * kLanes) + lane, x[f]);
      } else {
        const Csr& S = samples_.sparse();
        for (auto e = S.row_start[static_cast<size_t>(i)]; e < S.row_start[static_cast<size_t>(i) + 1]; ++e)
          visit(static_cast<size_t>(S.column[static_cast<size_t>(e)]) * kLanes + lane, S.value[static_cast<size_t>(e)]);
      }
    }
  }
  void clear() {
    each_cell([&](size_t at, double) { cells[at] = 0; });
    std::fill(squares.begin(), squares.end(), 0.0);
  }
  Index begin_ = 0, end_ = 0;
};

// Kernel values of vectors first .. first + count - 1 with the block: count x kLanes.
void vectors_with_block(const SvmModel& m, const Prepared& p, const QueryBlock& q, Index first, Index count,
                        double* out) {
  if (const auto* S = std::get_if<Csr>(&m.X)) {
    for (Index v = 0; v < count; ++v) {
      const auto row = static_cast<size_t>(first + v);
      double product[kLanes];
      svm::sparse_products(S->column.data() + S->row_start[row], S->value.data() + S->row_start[row],
                           S->row_start[row + 1] - S->row_start[row], q.cells.data(), product);
      svm::kernel_of_products(m.kernel, product, p.squares[row], q.squares.data(), kLanes, out + v * kLanes);
    }
    return;
  }
  const Matrix& X = std::get<Matrix>(m.X);
  for (Index v = 0; v < count; v += 4) {
    const double *x[4], *xx = p.squares.data() + first + v;
    double* to[4];
    const int together = static_cast<int>(std::min<Index>(4, count - v));
    for (int r = 0; r < together; ++r) x[r] = X.row(first + v + r).data(), to[r] = out + (v + r) * kLanes;
    svm::kernel_blocks(m.kernel, x, xx, together, q.cells.data(), q.squares.data(), X.cols(), 1, to);
  }
}

void check_queries(const SvmModel& m, const Samples& samples) {
  if (const auto* X = std::get_if<Matrix>(&samples.X)) check_finite(*X, samples.columns);
  if (samples.d() != m.columns())
    throw DataError("the table has " + std::to_string(samples.d()) + " columns, the machine was trained on " +
                    std::to_string(m.columns()));
}

}  // namespace

Index SvmModel::columns() const {
  return std::visit(
      [](const auto& x) -> Index {
        if constexpr (requires { x.row_start; })
          return x.columns;
        else
          return x.cols();
      },
      X);
}

Matrix SvmModel::machine_values(const Samples& samples, const Context& ctx) const {
  check_queries(*this, samples);
  const Prepared p = prepare(*this);
  const Index n = samples.n(), machines = rho.size();
  Matrix out(n, machines);
  const Index most = *std::max_element(count.begin(), count.end());
  parallel_for(ctx.threads, n, 4 * kLanes, [&](Index begin, Index end) {
    ctx.check_cancelled();
    QueryBlock q(samples);
    std::vector<double> block(static_cast<size_t>(most * kLanes)), sum(static_cast<size_t>(machines * kLanes));
    for (Index at = begin; at < end; at += kLanes) {
      const Index stop = std::min(end, at + kLanes);
      q.load(at, stop);
      for (Index s = 0; s < machines; ++s) std::fill_n(sum.begin() + s * kLanes, kLanes, -rho[s]);
      Index first = 0;
      for (size_t a = 0; a < classes_of(*this); first += count[a], ++a) {
        vectors_with_block(*this, p, q, first, count[a], block.data());
        for (const int list : p.lists[a]) {
          const std::vector<Coefficient>& c = p.of[static_cast<size_t>(list)];
          svm::add_vectors(sum.data() + list / 2 * kLanes, c.data(), static_cast<Index>(c.size()), block.data());
        }
      }
      for (Index i = at; i < stop; ++i)
        for (Index s = 0; s < machines; ++s) out(i, s) = sum[static_cast<size_t>(s * kLanes + i - at)];
    }
  });
  for (Index i = 0; i < n; ++i)
    if (!out.row(i).allFinite())
      throw DataError("row " + std::to_string(i + 1) + " is so large that its kernel values overflow",
                      "scale the columns");
  return out;
}

namespace {

// Votes of each place in `order`, and the class of most; ties: the first place.
struct Vote {
  std::vector<int> votes;
  int winner = 0;
};

Vote vote(const Matrix& values, Index i, size_t k) {
  Vote v{std::vector<int>(k), 0};
  Index machine = 0;
  for (size_t a = 0; a < k; ++a)
    for (size_t b = a + 1; b < k; ++b, ++machine) ++v.votes[values(i, machine) > 0 ? a : b];
  v.winner = static_cast<int>(std::max_element(v.votes.begin(), v.votes.end()) - v.votes.begin());
  return v;
}

}  // namespace

Vector SvmModel::predict(const Samples& samples, const Context& ctx) const {
  if (task == Task::classification && has_proba()) {
    const Matrix P = predict_proba(samples, ctx);
    Vector y(P.rows());
    for (Index i = 0; i < P.rows(); ++i)
      y[i] = static_cast<double>(std::max_element(P.row(i).data(), P.row(i).data() + K) - P.row(i).data());
    return y;
  }
  const Matrix values = machine_values(samples, ctx);
  if (task == Task::regression) return values.col(0);
  Vector y(values.rows());
  for (Index i = 0; i < values.rows(); ++i) y[i] = order[static_cast<size_t>(vote(values, i, order.size()).winner)];
  return y;
}

Matrix SvmModel::decision_function(const Samples& samples, const Context& ctx) const {
  const Matrix values = machine_values(samples, ctx);
  if (K == 2) return order[0] == 1 ? values : Matrix(-values);
  Matrix out = Matrix::Constant(values.rows(), K, -1.0);
  const size_t k = order.size();
  for (Index i = 0; i < values.rows(); ++i) {
    std::vector<double> sum(k);
    Index machine = 0;
    for (size_t a = 0; a < k; ++a)
      for (size_t b = a + 1; b < k; ++b, ++machine) sum[a] += values(i, machine), sum[b] -= values(i, machine);
    const Vote v = vote(values, i, k);
    for (size_t a = 0; a < k; ++a) out(i, order[a]) = v.votes[a] + sum[a] / (3 * (std::abs(sum[a]) + 1));
  }
  return out;
}

Matrix SvmModel::predict_proba(const Samples& samples, const Context& ctx) const {
  const Matrix values = machine_values(samples, ctx);
  const auto k = static_cast<Index>(order.size());
  Matrix out = Matrix::Zero(values.rows(), K);
  Matrix r(k, k);
  for (Index i = 0; i < values.rows(); ++i) {
    Index machine = 0;
    for (Index a = 0; a < k; ++a)
      for (Index b = a + 1; b < k; ++b, ++machine) {
        const double p = svm::sigmoid(values(i, machine), {A[machine], B[machine]});
        r(a, b) = std::clamp(p, kLeast, 1 - kLeast);
        r(b, a) = 1 - r(a, b);
      }
    if (k == 2) {
      out(i, order[0]) = r(0, 1);
      out(i, order[1]) = r(1, 0);
      continue;
    }
    const Vector p = svm::couple(r);
    for (Index a = 0; a < k; ++a) out(i, order[static_cast<size_t>(a)]) = p[a];
  }
  return out;
}

}  // namespace assay
