// Notation   m_k: mean of class k;  Z: rows minus the means of their classes, times the root of their weights;  Z = Q R, so
//            Z'Z = R'R
// Method     1 means   2 Z, a column divided by its length   3 R by Householder's reflections; under Z stand the rows of the
//            multiple of I that (2), (4) add   4 lda: scores (1) by two triangular solves; qda: R^-T, and log |S_k| from R
// Departures from the paper: [Fisher1936] has two classes and no probabilities; (1) and (3) are [Hastie2009, (4.10), (4.12)].
//            lda leaves out columns that are constant or follow from others within the classes (a pivoted QR finds them); the
//            text columns of a pipeline always hold one. The divisors sum w - K and sum w - 1 are those of scikit-learn's solvers by default.
#include "assay/ml/discriminant/discriminant.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/bayes/shares.h"
#include "assay/ml/cluster/mixture.h"

namespace assay {
namespace {

struct ClassStep {
  static constexpr const char* kind = "class";
  static constexpr const char* title = "a Gaussian for each class";
  static constexpr const char* source = "ml/discriminant/discriminant.cpp";
  std::string name;
  double share;
  std::vector<double> mean, score;
  double start;
  std::string why;
  static void fields(const ClassStep& s, auto&& field) {
    field("k", s.name, "class");
    field("pi_k", s.share, "its share of the rows");
    field("m_k", s.mean, "its mean");
    field("S^-1 m_k", s.score, "lda: what a unit of each column adds to its score; empty for qda");
    field("start", s.start, "what its score begins with");
  }
};

Matrix class_means(const Samples& samples, const Target& target, const Vector& weight) {
  Matrix means = Matrix::Zero(target.K(), samples.d());
  for (Index i = 0; i < samples.n(); ++i)
    means.row(target.code[static_cast<size_t>(i)]) += samples.weight_of(i) * samples.rows().row(i);
  for (Index k = 0; k < means.rows(); ++k)
    if (weight[k] > 0) means.row(k) /= weight[k];
  // A second reading takes the rounding of the first one out.
  Matrix rest = Matrix::Zero(means.rows(), means.cols());
  for (Index i = 0; i < samples.n(); ++i) {
    const Index k = target.code[static_cast<size_t>(i)];
    rest.row(k) += samples.weight_of(i) * (samples.rows().row(i) - means.row(k));
  }
  for (Index k = 0; k < means.rows(); ++k)
    if (weight[k] > 0) means.row(k) += rest.row(k) / weight[k];
  return means;
}

// The rows of class k (all classes: -1), centred, times the root of their weights.
Columns centred_rows(const Samples& samples, const Target& target, const Matrix& means, int k, Index extra) {
  Index count = 0;
  for (Index i = 0; i < samples.n(); ++i) count += k < 0 || target.code[static_cast<size_t>(i)] == k;
  Columns Z = Columns::Zero(count + extra, samples.d());
  Index at = 0;
  for (Index i = 0; i < samples.n(); ++i) {
    const int own = target.code[static_cast<size_t>(i)];
    if (k < 0 || own == k) Z.row(at++) = std::sqrt(samples.weight_of(i)) * (samples.rows().row(i) - means.row(own));
  }
  return Z;
}

constexpr double kRounding = 1e-14;  // times rows: a column this near to the others follows from them

// Divides each column by its length, which makes what follows independent of units; a column without spread stays 0.
Vector divide_by_lengths(Columns& Z, const std::vector<Column>& names) {
  Vector length(Z.cols());
  for (Index f = 0; f < Z.cols(); ++f) {
    length[f] = Z.col(f).norm();
    if (!std::isfinite(length[f]))
      throw DataError("column " + quoted(names[static_cast<size_t>(f)].name) + " is too large for doubles",
                      "scale it (--scale standard)");
    if (length[f] > 0) Z.col(f) /= length[f];
  }
  return length;
}

double rounding_of(const Columns& Z) { return kRounding * static_cast<double>(std::max(Z.rows(), Z.cols())); }

// r x d matrix T with T'T = (Z'Z)^-1 on r independent columns, and 0 in the others, whose names `left_out` receives.
Matrix inverse_root(Columns Z, const std::vector<Column>& names, std::vector<std::string>& left_out) {
  const Index d = Z.cols();
  const double rounding = rounding_of(Z);
  const Vector length = divide_by_lengths(Z, names);
  const Eigen::ColPivHouseholderQR<Columns> qr(std::move(Z));
  Index r = 0;
  while (r < std::min(qr.rows(), d) && std::abs(qr.matrixQR()(r, r)) > rounding) ++r;
  const Eigen::MatrixXd R = qr.matrixQR().topLeftCorner(r, r).triangularView<Eigen::Upper>();
  const Eigen::MatrixXd inverse = R.transpose().triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(r, r));
  Matrix T = Matrix::Zero(r, d);
  for (Index c = 0; c < d; ++c) {
    const Index f = qr.colsPermutation().indices()[c];
    if (c < r)
      T.col(f) = inverse.col(c) / length[f];
    else
      left_out.push_back(quoted(names[static_cast<size_t>(f)].name));
  }
  return T;
}

// Lower triangle T with T'T = (Z'Z)^-1.
Matrix inverse_triangle(Columns Z, const std::vector<Column>& names, const std::string& where) {
  const Index d = Z.cols();
  const double rounding = rounding_of(Z);
  const auto refuse = [&](Index f, const std::string& what) {
    throw DataError(
        "column " + quoted(names[static_cast<size_t>(f)].name) + " " + what + where + ": the covariance is singular",
        "leave the column out (--ignore), raise --regularization, or take lda");
  };
  const Vector length = divide_by_lengths(Z, names);
  for (Index f = 0; f < d; ++f)
    if (!(length[f] > 0)) refuse(f, "is constant");
  if (Z.rows() < d) refuse(d - 1, "follows from others, since there are more columns than rows,");
  const Eigen::HouseholderQR<Columns> qr(std::move(Z));
  Eigen::MatrixXd R = qr.matrixQR().topRows(d).triangularView<Eigen::Upper>();
  for (Index f = 0; f < d; ++f)
    if (std::abs(R(f, f)) <= rounding) refuse(f, "follows from the columns before it");
  R = R * length.asDiagonal();
  Matrix T = R.transpose().triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(d, d));
  T.triangularView<Eigen::StrictlyUpper>().setZero();
  return T;
}

void check_classes(const Target& target, const Vector& weight, double least, const char* what) {
  for (Index k = 0; k < weight.size(); ++k)
    if (weight[k] > 0 && !(weight[k] > least))
      throw DataError("class " + quoted(target.classes[static_cast<size_t>(k)]) + " has " + six_digits(weight[k]) +
                      " rows; " + what);
}

std::vector<double> list(const auto& row) { return {row.data(), row.data() + row.size()}; }

}  // namespace

LdaModel Lda::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  check_finite(samples.rows(), samples.columns);
  const Index d = samples.d();
  const Vector weight = class_weights_of(samples, target), log_share = log_shares(weight);
  Index present = 0;
  for (Index k = 0; k < weight.size(); ++k) present += weight[k] > 0;
  const double divisor = weight.sum() - static_cast<double>(present);
  if (!(divisor > 0))
    throw DataError("lda needs more rows than classes: nothing is left to estimate the covariance from");
  const Matrix means = class_means(samples, target, weight);
  Columns Z = centred_rows(samples, target, means, -1, params.shrinkage > 0 ? d : 0);
  if (params.shrinkage > 0) {  // (2) times the divisor: tr is taken before the rows of I stand below
    const double add = params.shrinkage * Z.squaredNorm() / static_cast<double>(d);
    Z *= std::sqrt(1 - params.shrinkage);
    for (Index f = 0; f < d; ++f) Z(Z.rows() - d + f, f) = std::sqrt(add);
  }
  std::vector<std::string> left_out;
  const Matrix T = std::sqrt(divisor) * inverse_root(std::move(Z), samples.columns, left_out);
  LdaModel model;
  const Vector centre = (weight.transpose() * means).transpose() / weight.sum();
  model.W = Matrix::Zero(means.rows(), d);
  model.b = Vector::Zero(means.rows());
  for (Index k = 0; k < means.rows(); ++k) {
    if (!(weight[k] > 0)) continue;
    // Means are taken from the common centre: a shift of the table changes b alone, and the quadratic term stays small.
    const Vector z = T * (means.row(k).transpose() - centre);
    model.W.row(k) = (T.transpose() * z).transpose();
    model.b[k] = log_share[k] - 0.5 * z.squaredNorm() - model.W.row(k).dot(centre);
  }
  for (Index k = 0; k < means.rows(); ++k)  // a class without rows is never the answer
    if (!(weight[k] > 0)) model.b[k] = -1e300;
  model.report.note = "one QR of the centred rows";
  if (!left_out.empty())
    model.report.note +=
        "; left out, since constant or following from others within the classes: " + join(left_out, ", ");
  for (Index k = 0; k < means.rows(); ++k)
    ctx.trace.step([&] {
      return ClassStep{target.classes[static_cast<size_t>(k)],
                       weight[k] / weight.sum(),
                       list(means.row(k)),
                       list(model.W.row(k)),
                       model.b[k],
                       ""};
    });
  return model;
}

Matrix LdaModel::decision_function(const Samples& samples, const Context& ctx) const {
  check_finite(samples.rows(), samples.columns);
  Matrix Z = times_transposed(samples.rows(), W, ctx.threads);
  Z.rowwise() += b.transpose();
  return Z;
}
Matrix LdaModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return shares_of_logs(decision_function(samples, ctx), ctx);
}
Vector LdaModel::predict(const Samples& samples, const Context& ctx) const {
  return largest_of_logs(decision_function(samples, ctx));
}

Matrix LdaModel::evidence(const Samples& samples, Index row) const {
  Matrix terms(W.cols() + 1, W.rows());
  terms.row(0) = b.transpose();
  for (Index f = 0; f < W.cols(); ++f) terms.row(f + 1) = samples.rows()(row, f) * W.col(f).transpose();
  return terms;
}

Explanation LdaModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.coefficients = W;
  e.intercepts = b;
  if (target.K() == 2) {  // one row: log odds of the last class
    e.coefficients = W.row(1) - W.row(0);
    e.intercepts = b.tail(1) - b.head(1);
  }
  e.sentences.push_back(
      target.K() == 2 ? "Log odds of '" + target.classes[1] + "' against '" + target.classes[0] +
                            "': the intercept plus the sum of coefficient times value."
                      : "Score of each class: the intercept plus the sum of coefficient times value; the softmax of "
                        "the scores gives the probabilities.");
  e.importance_name = "mean absolute coefficient";
  for (Index f = 0; f < static_cast<Index>(columns.size()); ++f)
    e.importance.push_back(e.coefficients.col(f).cwiseAbs().mean());
  return e;
}

void LdaModel::save(ArchiveWriter& out) const {
  out.matrix("W", W);
  out.vector("b", b);
}
LdaModel LdaModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.K() < 2) in.fail("lda needs a target with at least two classes");
  LdaModel model;
  model.W = in.matrix("W", target.K(), static_cast<Index>(columns.size()));
  model.b = in.vector("b", target.K());
  return model;
}

QdaModel Qda::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  check_fit_input(samples, target, info.traits.min_classes);
  check_finite(samples.rows(), samples.columns);
  const Index d = samples.d();
  const Vector weight = class_weights_of(samples, target);
  check_classes(target, weight, 1, "qda needs more than one in each class, for its own covariance");
  QdaModel model;
  model.log_share = log_shares(weight);
  model.means = class_means(samples, target, weight);
  for (int k = 0; k < target.K(); ++k) {
    if (!(weight[k] > 0)) {  // never the answer; any covariance will do
      model.whitening.push_back(Matrix::Identity(d, d));
      model.log_share[k] = -1e300;
      continue;
    }
    Columns Z = centred_rows(samples, target, model.means, k, params.regularization > 0 ? d : 0);
    Z *= std::sqrt((1 - params.regularization) / (weight[k] - 1));
    if (params.regularization > 0)
      for (Index f = 0; f < d; ++f) Z(Z.rows() - d + f, f) = std::sqrt(params.regularization);
    model.whitening.push_back(inverse_triangle(std::move(Z), samples.columns,
                                               " within class " + quoted(target.classes[static_cast<size_t>(k)])));
  }
  model.report.note = "one QR of the centred rows of each class";
  for (Index k = 0; k < model.means.rows(); ++k)
    ctx.trace.step([&] {
      return ClassStep{target.classes[static_cast<size_t>(k)],
                       weight[k] / weight.sum(),
                       list(model.means.row(k)),
                       {},
                       model.log_share[k],
                       ""};
    });
  return model;
}

Matrix QdaModel::decision_function(const Samples& samples, const Context& ctx) const {
  check_finite(samples.rows(), samples.columns);
  mixture::Densities p;  // (5) of mixture.h without its constant
  p.means = means;
  p.W = whitening;
  p.c = log_share;
  for (Index k = 0; k < means.rows(); ++k) p.c[k] += p.W[static_cast<size_t>(k)].diagonal().array().abs().log().sum();
  return log_joint(p, mixture::Packed(samples.rows(), Vector(), ctx.threads), ctx.threads);
}
Matrix QdaModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return shares_of_logs(decision_function(samples, ctx), ctx);
}
Vector QdaModel::predict(const Samples& samples, const Context& ctx) const {
  return largest_of_logs(decision_function(samples, ctx));
}

Explanation QdaModel::explain(const std::vector<Column>& columns, const Target& target) const {
  Explanation e;
  e.sentences.push_back("Each class is a Gaussian with its own covariance; borders between classes are quadratic.");
  Explanation::Table table{"mean in each class", {"column"}, {}};
  for (const std::string& name : target.classes) table.header.push_back(name);
  for (size_t f = 0; f < columns.size(); ++f) {
    table.rows.push_back({columns[f].name});
    for (Index k = 0; k < means.rows(); ++k) table.rows.back().emplace_back(means(k, static_cast<Index>(f)));
  }
  e.tables.push_back(std::move(table));
  return e;
}

void QdaModel::save(ArchiveWriter& out) const {
  out.matrix("means", means);
  out.vector("log_share", log_share);
  for (const Matrix& T : whitening) out.append("whitening").matrix("T", T);
}
QdaModel QdaModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  if (target.K() < 2) in.fail("qda needs a target with at least two classes");
  QdaModel model;
  const Index d = static_cast<Index>(columns.size());
  model.means = in.matrix("means", target.K(), d);
  model.log_share = in.vector("log_share", target.K());
  for (const ArchiveReader& one : in.objects("whitening")) model.whitening.push_back(one.matrix("T", d, d));
  if (static_cast<int>(model.whitening.size()) != target.K()) in.fail("whitening: one matrix a class expected");
  for (const Matrix& T : model.whitening)
    for (Index f = 0; f < d; ++f)
      for (Index g = f; g < d; ++g)
        if ((f == g) != (T(f, g) != 0)) in.fail("whitening: a lower triangle without zeros on its diagonal expected");
  return model;
}

}  // namespace assay
