// ml/boosting/objective.h: the losses that boosting lowers, as functions of the margin F.
//
//   squared      1/2 (y - F)^2                                  g = F - y              h = 1
//   absolute     |y - F|                                        g = sign(F - y)        h = 1 (0 in truth)
//   huber        1/2 r^2 where |r| <= delta, else delta (|r| - delta / 2);  r = y - F  g = -clip(r)   h = 1
//   quantile     q r where r >= 0, else (q - 1) r;  r = y - F   g = -q or 1 - q        h = 1 (0 in truth)
//   poisson      exp(F) - y F                                   g = exp(F) - y         h = exp(F)
//   logistic     log(1 + exp(F)) - y F,   y in {0, 1}           g = p - y              h = p (1 - p)
//   multinomial  log sum_k exp(F_k) - F_y                       g_k = p_k - [y = k]    h_k = 2 p_k (1 - p_k)
//
//   Where h is a stand-in, a leaf's answer is found again from its residuals: their median, quantile, or Huber's step
//   [Friedman2001, sec. 4.3-4.4]; so is the start F_0. delta is a quantile of |r|, found anew each round (eq. 26 there).
//
// Shapes     F: n x K, one row a sample; K = 1 but for multinomial
// Departures from the paper: h_k of multinomial is twice the diagonal of the Hessian (an upper bound of the whole, with which a
//            step cannot overshoot), as XGBoost has it; h is at least 1e-16.
// See        [Friedman2001] sec. 4; [Chen2016] sec. 2.2; [Hastie2009] table 10.2
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "assay/core/linalg.h"
#include "assay/core/params.h"
#include "assay/ml/data/samples.h"

namespace assay {

enum class BoostLoss { automatic, squared, absolute, huber, quantile, poisson, logistic, multinomial };
inline constexpr EnumNames<BoostLoss, 8> boost_loss_names{{{"auto", BoostLoss::automatic},
                                                           {"squared", BoostLoss::squared},
                                                           {"absolute", BoostLoss::absolute},
                                                           {"huber", BoostLoss::huber},
                                                           {"quantile", BoostLoss::quantile},
                                                           {"poisson", BoostLoss::poisson},
                                                           {"logistic", BoostLoss::logistic},
                                                           {"multinomial", BoostLoss::multinomial}}};

namespace boosting {

/// Gradient and hessian of one row.
struct Gradient {
  float g = 0, h = 0;
};

/// A loss on a target: y is the class code or the value. Refers to data that outlives it.
class Objective {
 public:
  /// `loss` is not automatic; `share` is huber's and quantile's parameter. DataError: a negative target under poisson.
  Objective(BoostLoss loss, double share, const Target& target, const Vector& weight);

  BoostLoss loss() const { return loss_; }
  int K() const { return K_; }
  Index n() const { return n_; }
  double weight(Index i) const { return weight_ ? weight_[i] : 1.0; }
  double y(Index i) const { return code_ ? code_[i] : value_[i]; }

  /// F_0: the constant margin of least loss (K numbers).
  std::vector<double> start() const;
  /// Margin -> answer and back, for a start that the user gives: a mean (poisson), a probability (logistic), a value.
  double margin_of(double answer) const;

  /// Once a round, before `gradients`: huber's delta, and the shares of the classes.
  void begin_round(const std::vector<float>& F, int threads);
  /// g and h of output k for every row, times the row's weight.
  void gradients(const std::vector<float>& F, int k, std::vector<Gradient>& out, int threads) const;

  double delta() const { return delta_; }  ///< huber's, of this round

  /// True where a leaf's answer is found from the residuals of its rows.
  bool renews_leaves() const;
  /// The constant that lowers the loss of `rows` most when added to their margins. Requires renews_leaves().
  double leaf_value(std::span<const int> rows, const std::vector<float>& F) const;

  /// Weighted mean loss.
  double mean_loss(const std::vector<float>& F, int threads) const;

 private:
  double row_loss(Index i, const float* F) const;
  double weighted_quantile(std::vector<std::pair<double, double>>& values_and_weights, double q) const;

  BoostLoss loss_;
  double share_, delta_ = 1;
  int K_ = 1;
  Index n_ = 0;
  const int* code_ = nullptr;
  const double* value_ = nullptr;
  const double* weight_ = nullptr;
  std::vector<float> shares_;  ///< multinomial: p, n x K
};

/// Margins (n x K) -> what a model answers: value or mean; for classes P (n x K').
Matrix class_shares(BoostLoss loss, const Matrix& F);
Vector values(BoostLoss loss, const Matrix& F);

}  // namespace boosting
}  // namespace assay
