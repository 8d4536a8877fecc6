// Notation   w weights of the rows, sum 1; e_t weighted error; a_t stage weight; nu learning rate; K classes; b = e/(1 - e)
// Method     1 prepare the table for the base learner   2 per round: fit on the weights   3 error e_t (1)   4 stage weight a_t
//            (2)   5 weights of the rows (3)   6 answer: weighted vote, or weighted median
// Departures from the paper:
//   - The weights begin as the table's, divided by their sum, and are divided by their sum after every round.
//   - A first model that is no better than chance is kept, alone, with stage weight 1 (scikit-learn refuses the table).
//   - Probabilities are the softmax of the shares of the stage weights over K - 1 (as scikit-learn). [Zhu2009, eq. 4] gives the
//     softmax of the sums themselves, which is nearly 0 and 1 everywhere after many rounds.
//   - R2 [Drucker1997]: a learning rate; as many rows are drawn as there are; the loop ends where e_t >= 1/2.
#include "assay/ml/ensemble/adaboost.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/ensemble/adaboost_picture.h"
#include "assay/ml/ensemble/boosted_tree.h"

namespace assay {
namespace {

constexpr Index kTold = 1000;  ///< rows whose weights a trace shows

std::vector<double> first(const Vector& w) { return {w.data(), w.data() + std::min(w.size(), kTold)}; }

struct RoundStep {
  static constexpr const char* kind = "round";
  static constexpr const char* title = "fit to the weights; error e_t (1), stage weight a_t (2), new weights (3)";
  static constexpr const char* source = "ml/ensemble/adaboost.cpp:boost";
  size_t t;
  double e, a, training, bound;
  std::vector<double> before, after;
  std::string why;
  static void fields(const RoundStep& s, auto&& field) {
    field("t", s.t, "round");
    field("e_t", s.e, "error under the weights (values: mean loss)");
    field("a_t", s.a, "stage weight");
    field("training", s.training, "training error of the models so far; -1: values");
    field("bound", s.bound, "prod 2 sqrt(e (1 - e)) >= training error (4); -1: not two classes, or nu is not 1");
    field("w", s.before, "weights of the first rows");
    field("w'", s.after, "their weights for the next round");
  }
};

/// The wrong rows and what became of them, in words.
std::string why_of(double e, double a, size_t wrong) {
  if (a <= 0) return "no better than chance";
  return std::to_string(wrong) + (wrong == 1 ? " row is" : " rows are") + " wrong and weigh " +
         six_digits(std::exp(a)) + " times as much as before, beside the others; error " + six_digits(e);
}

Vector starting_weights(const Samples& samples) {
  Vector w = samples.weight.size() ? samples.weight : Vector(Vector::Ones(samples.n()));
  return w / sum(w.data(), w.size());
}

/// Rounds of one fit: what both tasks share.
class Booster {
 public:
  Booster(const AdaBoostParams& params, const Samples& samples, const Target& target, const Context& ctx)
      : params_(params),
        target_(target),
        ctx_(ctx),
        base_(params.base.text),
        w_(starting_weights(samples)),
        n_(samples.n()) {
    model_.task = target.task();
    model_.K = target.K();
    model_.bounded = target.K() == 2 && params.learning_rate == 1;
    model_.members = ensemble::Members::prepare(base_, samples, target, ctx);
    x_ = model_.members.transform(samples, ctx);
    if (const auto* tree = dynamic_cast<const ParamsOf<TreeParams>*>(base_.params.get()))
      trees_ = ensemble::BoostedTrees::make(tree->value, x_, target, ctx.threads);
    votes_ = Matrix::Zero(n_, std::max(model_.K, 1));
    if (model_.K > 0) pictures_ = ensemble::WeightPictures::make(x_, target, ctx);
  }

  AdaBoostModel run() {
    for (int t = 0; t < params_.rounds; ++t) {
      ctx_.check_cancelled();
      if (t > 0 && ctx_.out_of_time()) {
        model_.report.converged = false;
        model_.report.note = "the time was up after " + std::to_string(t) + " rounds";
        break;
      }
      if (!(model_.K > 0 ? classes_round(t) : values_round(t))) break;
      ctx_.progress.report(t + 1, params_.rounds);
    }
    model_.report.iterations = static_cast<long>(model_.error.size());
    model_.report.objective = model_.training_error.empty() ? model_.error.back() : model_.training_error.back();
    return std::move(model_);
  }

 private:
  std::shared_ptr<const AnyModel> fit_to_weights(int t, std::vector<int>& said) {
    const Context child = ctx_.child("round", static_cast<uint64_t>(t));
    Context quiet = child;
    quiet.trace = Trace();  // the rounds are the story; a base's own steps would bury them
    if (trees_) return std::make_shared<detail::ModelOf<TreeModel>>(trees_->fit(w_, said, quiet));
    std::shared_ptr<const AnyModel> m;
    if (base_.traits().weights == Weights::none) {
      m = fit_on(base_, x_, target_, ensemble::draw_rows(w_, n_, n_, child.rng()), quiet);
    } else {
      x_.weight = w_ * static_cast<double>(n_);  // of mean 1, for bases whose penalty looks at their size
      m = base_.learner->fit(*base_.params, x_, target_, quiet, nullptr);
    }
    const Vector answers = m->predict(x_, quiet);
    said.resize(static_cast<size_t>(n_));
    for (Index i = 0; i < n_; ++i) said[static_cast<size_t>(i)] = static_cast<int>(answers[i]);
    return m;
  }

  void keep(std::shared_ptr<const AnyModel> m, double e, double a) {
    model_.members.models.push_back(std::move(m));
    model_.error.push_back(e);
    model_.stage_weight.push_back(a);
  }

  /// Steps 2 to 5 of SAMME; false: the last round.
  bool classes_round(int t) {
    const double K = model_.K;
    std::vector<int> said;
    std::shared_ptr<const AnyModel> m = fit_to_weights(t, said);
    double e = 0, right = 0;
    size_t wrong = 0;
    for (Index i = 0; i < n_; ++i) {
      const bool miss = said[static_cast<size_t>(i)] != target_.code[static_cast<size_t>(i)];
      (miss ? e : right) += w_[i];
      wrong += miss;
    }
    e /= e + right;
    const bool perfect = e <= 0, useless = e >= 1 - 1 / K;
    if (useless && !perfect && t > 0) return false;
    const double a = perfect || useless ? 1 : params_.learning_rate * (std::log((1 - e) / e) + std::log(K - 1));
    if (pictures_) pictures_->draw({t, e, a, *m, said, w_}, ctx_);
    keep(std::move(m), e, a);
    vote(said, a);
    const std::vector<double> before = ctx_.trace ? first(w_) : std::vector<double>();
    if (!perfect && !useless) {
      for (Index i = 0; i < n_; ++i)
        if (said[static_cast<size_t>(i)] != target_.code[static_cast<size_t>(i)]) w_[i] *= std::exp(a);
      w_ /= sum(w_.data(), n_);
    }
    ctx_.trace.step([&] {
      return RoundStep{static_cast<size_t>(t),
                       e,
                       a,
                       model_.training_error.back(),
                       model_.bounded ? model_.bound().back() : -1,
                       before,
                       first(w_),
                       perfect ? "no row is wrong: boosting ends" : why_of(e, useless ? 0 : a, wrong)};
    });
    if (useless && !perfect) model_.report.warning = "the base learner is no better than chance on this table";
    return !perfect && !useless;
  }

  /// Adds the round to the votes, and the training error so far.
  void vote(const std::vector<int>& said, double a) {
    double wrong = 0;
    const Vector& start = start_.size() ? start_ : (start_ = w_);
    for (Index i = 0; i < n_; ++i) {
      double* votes = votes_.data() + i * model_.K;
      votes[said[static_cast<size_t>(i)]] += a;
      if (std::max_element(votes, votes + model_.K) - votes != target_.code[static_cast<size_t>(i)]) wrong += start[i];
    }
    model_.training_error.push_back(wrong);
  }

  /// Steps 2 to 5 of R2; false: the last round.
  bool values_round(int t) {
    const Context child = ctx_.child("round", static_cast<uint64_t>(t));
    Context quiet = child;
    quiet.trace = Trace();
    x_.weight = Vector();  // the weights are in the draws
    std::shared_ptr<const AnyModel> m = fit_on(base_, x_, target_, ensemble::draw_rows(w_, n_, n_, child.rng()), quiet);
    Vector loss = (m->predict(x_, quiet) - target_.value).cwiseAbs();
    double greatest = 0;
    for (Index i = 0; i < n_; ++i)
      if (w_[i] > 0) greatest = std::max(greatest, loss[i]);
    double e = 0;
    for (Index i = 0; i < n_; ++i) {
      const double share = greatest > 0 ? std::min(1.0, loss[i] / greatest) : 0;
      loss[i] = params_.loss == RowLoss::linear   ? share
                : params_.loss == RowLoss::square ? share * share
                                                  : 1 - std::exp(-share);
      e += w_[i] * loss[i];
    }
    const bool perfect = e <= 0, useless = e >= 0.5;
    if (useless && t > 0) return false;
    const double a = perfect || useless ? 1 : params_.learning_rate * std::log((1 - e) / e);
    keep(std::move(m), e, a);
    const std::vector<double> before = ctx_.trace ? first(w_) : std::vector<double>();
    if (!perfect && !useless) {
      for (Index i = 0; i < n_; ++i) w_[i] *= std::exp(-a * (1 - loss[i]));
      w_ /= sum(w_.data(), n_);
    }
    ctx_.trace.step([&] {
      return RoundStep{static_cast<size_t>(t),
                       e,
                       a,
                       -1,
                       -1,
                       before,
                       first(w_),
                       perfect ? "no error is left: boosting ends"
                               : "rows with small losses weigh less in the next draw; mean loss " + six_digits(e)};
    });
    return !perfect && !useless;
  }

  const AdaBoostParams& params_;
  const Target& target_;
  const Context& ctx_;
  const ensemble::BaseLearner base_;
  AdaBoostModel model_;
  Samples x_;
  std::optional<ensemble::BoostedTrees> trees_;
  std::optional<ensemble::WeightPictures> pictures_;
  Vector w_, start_;
  Matrix votes_;
  Index n_;
};

/// The least answer at which the weights of the answers up to it reach half.
double weighted_median(std::vector<std::pair<double, double>>& answer_and_weight) {
  std::sort(answer_and_weight.begin(), answer_and_weight.end());
  double total = 0, sum = 0;
  for (const auto& [answer, weight] : answer_and_weight) total += weight;
  for (const auto& [answer, weight] : answer_and_weight)
    if ((sum += weight) >= 0.5 * total) return answer;
  return answer_and_weight.back().first;
}

/// n x K: shares of the stage weights.
Matrix vote_shares(const AdaBoostModel& model, const Samples& samples, const Context& ctx) {
  const Samples x = model.members.transform(samples, ctx);
  Matrix votes = Matrix::Zero(samples.n(), model.K);
  const double total = std::accumulate(model.stage_weight.begin(), model.stage_weight.end(), 0.0);
  for (size_t t = 0; t < model.members.models.size(); ++t) {
    ctx.check_cancelled();
    const Vector said = model.members.models[t]->predict(x, ctx);
    for (Index i = 0; i < votes.rows(); ++i) votes(i, static_cast<Index>(said[i])) += model.stage_weight[t];
  }
  return votes / total;
}

}  // namespace

AdaBoostModel AdaBoost::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  check_fit_input(samples, target, 1);
  return Booster(params, samples, target, ctx).run();
}

Matrix AdaBoostModel::decision_function(const Samples& samples, const Context& ctx) const {
  Matrix votes = vote_shares(*this, samples, ctx);
  if (K != 2) return votes;
  return votes.col(1) - votes.col(0);
}

Matrix AdaBoostModel::predict_proba(const Samples& samples, const Context& ctx) const {
  Matrix p = vote_shares(*this, samples, ctx);
  for (Index i = 0; i < p.rows(); ++i) {
    const double most = p.row(i).maxCoeff();
    double sum = 0;
    for (Index k = 0; k < K; ++k) sum += p(i, k) = std::exp((p(i, k) - most) / std::max(1, K - 1));
    p.row(i) /= sum;
  }
  return p;
}

Vector AdaBoostModel::predict(const Samples& samples, const Context& ctx) const {
  Vector answer(samples.n());
  if (K > 0) {
    const Matrix p = predict_proba(samples, ctx);
    for (Index i = 0; i < answer.size(); ++i)
      answer[i] = static_cast<double>(std::max_element(p.data() + i * K, p.data() + (i + 1) * K) - (p.data() + i * K));
    return answer;
  }
  const Samples x = members.transform(samples, ctx);
  std::vector<Vector> said;
  for (const auto& m : members.models) said.push_back(m->predict(x, ctx));
  std::vector<std::pair<double, double>> row(said.size());
  for (Index i = 0; i < answer.size(); ++i) {
    for (size_t t = 0; t < said.size(); ++t) row[t] = {said[t][i], stage_weight[t]};
    answer[i] = weighted_median(row);
  }
  return answer;
}

std::vector<double> AdaBoostModel::bound() const {
  std::vector<double> product;
  double so_far = 1;
  for (const double e : error) product.push_back(so_far *= 2 * std::sqrt(e * (1 - e)));
  return product;
}

}  // namespace assay
