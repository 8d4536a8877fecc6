// ml/boosting/objective.cpp
// Notation   r = y - F: residual;  s: sample weights;  p: probabilities
// Method     the table of objective.h, line by line
// Departures from the paper: see objective.h
#include "assay/ml/boosting/objective.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/boosting/objective_kernels.h"

namespace assay::boosting {
namespace {

constexpr Index kGrain = 1 << 14;
constexpr float kLeastHessian = 1e-16f;
constexpr double kMostLog = 700;  ///< margins of the start stay inside +-kMostLog

double clipped(double r, double delta) { return std::clamp(r, -delta, delta); }

double logit(double p) { return std::log(p / (1 - p)); }

}  // namespace

Objective::Objective(BoostLoss loss, double share, const Target& target, const Vector& weight)
    : loss_(loss),
      share_(share),
      K_(loss == BoostLoss::multinomial ? target.K() : 1),
      n_(target.n()),
      code_(target.K() > 0 ? target.code.data() : nullptr),
      value_(target.K() > 0 ? nullptr : target.value.data()),
      weight_(weight.size() ? weight.data() : nullptr) {
  if (loss == BoostLoss::poisson)
    for (Index i = 0; i < n_; ++i)
      if (value_[i] < 0)
        throw DataError("gbdt: row " + std::to_string(i + 1) + ": objective poisson needs a target >= 0, got " +
                        shortest(value_[i]));
}

bool Objective::renews_leaves() const {
  return loss_ == BoostLoss::absolute || loss_ == BoostLoss::quantile || loss_ == BoostLoss::huber;
}

/// The smallest value at which the weight reaches the share q of all; halfway to the next one where it is met exactly.
double Objective::weighted_quantile(std::vector<std::pair<double, double>>& items, double q) const {
  std::sort(items.begin(), items.end());
  double total = 0;
  for (const auto& item : items) total += item.second;
  const double wanted = q * total;
  double below = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    below += items[i].second;
    if (below < wanted) continue;
    const bool exactly = below <= wanted * (1 + 1e-12) && i + 1 < items.size();
    return exactly ? items[i].first / 2 + items[i + 1].first / 2 : items[i].first;
  }
  return items.back().first;
}

std::vector<double> Objective::start() const {
  double W = 0;
  std::vector<double> mass(static_cast<size_t>(std::max(K_, 2)), 0.0);
  double mean = 0;
  for (Index i = 0; i < n_; ++i) {
    W += weight(i);
    if (code_)
      mass[static_cast<size_t>(code_[i])] += weight(i);
    else
      mean += weight(i) * value_[i];
  }
  mean /= W;
  switch (loss_) {
    case BoostLoss::logistic:
      return {std::clamp(logit(mass[1] / W), -kMostLog, kMostLog)};
    case BoostLoss::multinomial: {
      for (double& m : mass) m = std::log(std::max(m / W, std::exp(-kMostLog)));
      return mass;
    }
    case BoostLoss::poisson:
      return {std::max(std::log(mean), -kMostLog)};
    case BoostLoss::squared:
      return {mean};
    default:
      break;
  }
  std::vector<std::pair<double, double>> items;
  for (Index i = 0; i < n_; ++i)
    if (weight(i) > 0) items.emplace_back(value_[i], weight(i));
  return {weighted_quantile(items, loss_ == BoostLoss::quantile ? share_ : 0.5)};
}

double Objective::margin_of(double answer) const {
  if (loss_ == BoostLoss::logistic) return logit(answer);
  if (loss_ == BoostLoss::poisson) return std::log(answer);
  return answer;
}

void Objective::begin_round(const std::vector<float>& F, int threads) {
  if (loss_ == BoostLoss::multinomial) {
    shares_.resize(F.size());
    parallel_for(threads, n_, kGrain, [&](Index begin, Index end) {
      softmax_rows(end - begin, K_, F.data() + begin * K_, shares_.data() + begin * K_);
    });
  }
  if (loss_ != BoostLoss::huber) return;
  std::vector<std::pair<double, double>> items;
  for (Index i = 0; i < n_; ++i)
    if (weight(i) > 0)
      items.emplace_back(std::abs(value_[i] - static_cast<double>(F[static_cast<size_t>(i)])), weight(i));
  delta_ = weighted_quantile(items, share_);
}

void Objective::gradients(const std::vector<float>& F, int k, std::vector<Gradient>& out, int threads) const {
  out.resize(static_cast<size_t>(n_));
  parallel_for(threads, n_, kGrain, [&](Index begin, Index end) {
    if (loss_ == BoostLoss::logistic)
      return logistic_gradients(end - begin, F.data() + begin, code_ + begin, weight_ ? weight_ + begin : nullptr,
                                out.data() + begin);
    for (Index i = begin; i < end; ++i) {
      Gradient& o = out[static_cast<size_t>(i)];
      o.h = 1;
      if (loss_ == BoostLoss::multinomial) {
        const float p = shares_[static_cast<size_t>(i * K_ + k)];
        o.g = p - static_cast<float>(code_[i] == k);
        o.h = std::max(2 * p * (1 - p), kLeastHessian);
      } else if (loss_ == BoostLoss::squared) {
        o.g = F[static_cast<size_t>(i)] - static_cast<float>(value_[i]);
      } else if (loss_ == BoostLoss::poisson) {
        const double mean = std::exp(static_cast<double>(F[static_cast<size_t>(i)]));
        o.g = static_cast<float>(mean - value_[i]);
        o.h = std::max(static_cast<float>(mean), kLeastHessian);
      } else {
        const double r = value_[i] - static_cast<double>(F[static_cast<size_t>(i)]);
        o.g = loss_ == BoostLoss::huber      ? static_cast<float>(-clipped(r, delta_))
              : loss_ == BoostLoss::quantile ? static_cast<float>(r > 0   ? -share_
                                                                  : r < 0 ? 1 - share_
                                                                          : 0)
                                             : static_cast<float>(r > 0   ? -1
                                                                  : r < 0 ? 1
                                                                          : 0);
      }
      if (weight_) {
        o.g *= static_cast<float>(weight_[i]);
        o.h *= static_cast<float>(weight_[i]);
      }
    }
  });
}

double Objective::leaf_value(std::span<const int> rows, const std::vector<float>& F) const {
  std::vector<std::pair<double, double>> items;
  items.reserve(rows.size());
  double W = 0;
  for (const int i : rows) {
    items.emplace_back(value_[i] - static_cast<double>(F[static_cast<size_t>(i)]), weight(i));
    W += weight(i);
  }
  const double middle = weighted_quantile(items, loss_ == BoostLoss::quantile ? share_ : 0.5);
  if (loss_ != BoostLoss::huber) return middle;
  double step = 0;  // [Friedman2001, sec. 4.4]: one step from the median
  for (const auto& [r, s] : items) step += s * clipped(r - middle, delta_);
  return middle + step / W;
}

double Objective::row_loss(Index i, const float* F) const {
  if (loss_ == BoostLoss::multinomial) {
    const float* f = F + i * K_;
    const double top = static_cast<double>(*std::max_element(f, f + K_));
    double sum = 0;
    for (int k = 0; k < K_; ++k) sum += std::exp(static_cast<double>(f[k]) - top);
    return std::log(sum) + top - static_cast<double>(f[code_[i]]);
  }
  const double f = static_cast<double>(F[i]), r = value_[i] - f, size = std::abs(r);
  switch (loss_) {
    case BoostLoss::absolute:
      return size;
    case BoostLoss::huber:
      return size <= delta_ ? r * r / 2 : delta_ * (size - delta_ / 2);
    case BoostLoss::quantile:
      return r >= 0 ? share_ * r : (share_ - 1) * r;
    case BoostLoss::poisson:
      return std::exp(f) - value_[i] * f;
    default:
      return r * r / 2;
  }
}

double Objective::mean_loss(const std::vector<float>& F, int threads) const {
  const double total = parallel_reduce(
      threads, n_, kGrain, 0.0,
      [&](Index begin, Index end) {
        if (loss_ == BoostLoss::logistic)
          return logistic_loss(end - begin, F.data() + begin, code_ + begin, weight_ ? weight_ + begin : nullptr);
        double sum = 0;
        for (Index i = begin; i < end; ++i) sum += weight(i) * row_loss(i, F.data());
        return sum;
      },
      [](double& all, double part) { all += part; });
  double W = static_cast<double>(n_);
  if (weight_) W = sum(weight_, n_);
  return total / W;
}

Matrix class_shares(BoostLoss loss, const Matrix& F) {
  Matrix P(F.rows(), loss == BoostLoss::logistic ? 2 : F.cols());
  for (Index i = 0; i < F.rows(); ++i) {
    if (loss == BoostLoss::logistic) {
      const double e = std::exp(-std::abs(F(i, 0))), far = e / (1 + e), near = 1 / (1 + e);
      P(i, 1) = F(i, 0) >= 0 ? near : far;
      P(i, 0) = F(i, 0) >= 0 ? far : near;
      continue;
    }
    double top = F(i, 0), total = 0;
    for (Index k = 1; k < F.cols(); ++k) top = std::max(top, F(i, k));
    for (Index k = 0; k < F.cols(); ++k) total += P(i, k) = std::exp(F(i, k) - top);
    for (Index k = 0; k < F.cols(); ++k) P(i, k) /= total;
  }
  return P;
}

Vector values(BoostLoss loss, const Matrix& F) {
  Vector answer(F.rows());
  for (Index i = 0; i < F.rows(); ++i) answer[i] = loss == BoostLoss::poisson ? std::exp(F(i, 0)) : F(i, 0);
  return answer;
}

}  // namespace assay::boosting
