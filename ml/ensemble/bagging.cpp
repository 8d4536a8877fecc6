// Notation   n rows, T models, K classes
// Method     1 prepare the table for the base learner   2 per model: draw rows, fit   3 out-of-bag error   4 answer: the mean (1)
// Departures from the paper: classes are answered by the mean of the models' probabilities (as scikit-learn); [Breiman1996b]
//            lets the models vote and reports that both are alike. A bag that has fewer classes than the base needs is drawn
//            again, at most a hundred times.
#include "assay/ml/ensemble/bagging.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

struct BagStep {
  static constexpr const char* kind = "bag";
  static constexpr const char* title = "fit model t to rows drawn with replacement; error on the rows left out";
  static constexpr const char* source = "ml/ensemble/bagging.cpp:fit_models";
  size_t t;
  size_t rows;
  double error;
  static void fields(const BagStep& s, auto&& field) {
    field("t", s.t, "number of the model");
    field("in bag", s.rows, "different rows it was fitted on");
    field("oob error", s.error, "error of the models so far on rows they have not drawn; -1: not known");
  }
};

ensemble::DrawnRows draw_bag(const BaggingParams& params, const ensemble::BaseLearner& base, const Samples& x,
                             const Target& target, Rng rng) {
  const Index n = x.n(), draws = std::max<Index>(1, static_cast<Index>(params.max_samples * static_cast<double>(n)));
  Vector share;  // rows of weight zero are not there; without weights in the base they say how often a row is drawn
  if (x.weight.size())
    share = base.traits().weights == Weights::none ? x.weight : Vector((x.weight.array() > 0).cast<double>());
  const int wanted = target.K() > 0 ? base.traits().min_classes : 0;
  for (int attempt = 0;; ++attempt) {
    ensemble::DrawnRows drawn = ensemble::draw_rows(share, n, draws, Rng(rng.next()));
    std::set<int> classes;
    for (size_t r = 0; r < drawn.rows.size() && static_cast<int>(classes.size()) < wanted; ++r)
      classes.insert(target.code[static_cast<size_t>(drawn.rows[r])]);
    if (static_cast<int>(classes.size()) >= wanted || attempt == 100) return drawn;
  }
}

/// n x K probabilities (votes where the model has none), or n x 1 values.
Matrix answers_of(const AnyModel& model, const Samples& x, int K, const Context& ctx) {
  if (K > 0 && model.has_proba()) return model.predict_proba(x, ctx);
  const Vector said = model.predict(x, ctx);
  if (K == 0) return said;
  Matrix votes = Matrix::Zero(x.n(), K);
  for (Index i = 0; i < x.n(); ++i) votes(i, static_cast<Index>(said[i])) = 1;
  return votes;
}

std::vector<int> left_out(const ensemble::DrawnRows& drawn, const Samples& x) {
  std::vector<int> out;
  size_t r = 0;
  for (int i = 0; i < static_cast<int>(x.n()); ++i) {
    if (r < drawn.rows.size() && drawn.rows[r] == i)
      ++r;
    else if (x.weight_of(i) > 0)
      out.push_back(i);
  }
  return out;
}

/// Adds model after model what it says of the rows it has not drawn.
class OutOfBag {
 public:
  OutOfBag(const Samples& x, const Target& target)
      : x_(x), target_(target), sums_(Matrix::Zero(x.n(), std::max(target.K(), 1))), voters_(Vector::Zero(x.n())) {}

  void add(const Matrix& answers, const std::vector<int>& rows) {
    for (size_t r = 0; r < rows.size(); ++r) {
      sums_.row(rows[r]) += answers.row(static_cast<Index>(r));
      voters_[rows[r]] += 1;
    }
  }
  int rows() const { return static_cast<int>((voters_.array() > 0).count()); }
  double error() const {
    double loss = 0, weight = 0;
    for (Index i = 0; i < x_.n(); ++i) {
      if (voters_[i] == 0) continue;
      const double w = x_.weight_of(i);
      weight += w;
      if (target_.K() > 0) {
        Index said = 0;
        sums_.row(i).maxCoeff(&said);
        loss += w * (said != target_.code[static_cast<size_t>(i)]);
      } else {
        const double e = sums_(i, 0) / voters_[i] - target_.value[i];
        loss += w * e * e;
      }
    }
    return weight > 0 ? loss / weight : 0;
  }

 private:
  const Samples& x_;
  const Target& target_;
  Matrix sums_;
  Vector voters_;
};

struct Fitted {
  std::unique_ptr<AnyModel> model;
  std::vector<int> out;
  Matrix answers;  ///< on the rows left out
  size_t rows = 0;
};

/// Models [first, first + count) on as many threads as there are.
std::vector<Fitted> fit_models(const BaggingParams& params, const ensemble::BaseLearner& base, const Samples& x,
                               const Target& target, size_t first, size_t count, const Context& ctx) {
  std::vector<Fitted> fitted(count);
  parallel_for(ctx.threads, static_cast<Index>(count), 1, [&](Index begin, Index end) {
    for (Index m = begin; m < end; ++m) {
      ctx.check_cancelled();
      if (first + static_cast<size_t>(m) > 0 && ctx.out_of_time()) continue;
      Context child = ctx.child("model", first + static_cast<size_t>(m));
      const ensemble::DrawnRows drawn = draw_bag(params, base, x, target, child.child("bag", 0).rng());
      child.trace = Trace();
      child.threads = 1;
      Fitted& f = fitted[static_cast<size_t>(m)];
      f.model = ensemble::fit_on(base, x, target, drawn, child);
      f.rows = drawn.rows.size();
      if (!params.oob) continue;
      f.out = left_out(drawn, x);
      if (!f.out.empty()) f.answers = answers_of(*f.model, gather(x, f.out), target.K(), child);
    }
  });
  return fitted;
}

}  // namespace

BaggingModel Bagging::fit(const Params& params, const Samples& samples, const Target& target, const Context& ctx) {
  constexpr size_t kWave = 16;  // the answers of so many models are held at once
  check_fit_input(samples, target, 1);
  const ensemble::BaseLearner base(params.base.text);
  BaggingModel model;
  model.task = target.task();
  model.K = target.K();
  model.members = ensemble::Members::prepare(base, samples, target, ctx);
  const Samples x = model.members.transform(samples, ctx);
  OutOfBag oob(x, target);
  const size_t T = static_cast<size_t>(params.models);
  for (size_t first = 0; first < T; first += kWave) {
    for (Fitted& f : fit_models(params, base, x, target, first, std::min(kWave, T - first), ctx)) {
      if (!f.model) continue;
      if (!f.out.empty()) oob.add(f.answers, f.out);
      model.members.models.push_back(std::move(f.model));
      ctx.trace.step([&] { return BagStep{model.members.models.size(), f.rows, oob.rows() ? oob.error() : -1}; });
    }
    ctx.progress.report(static_cast<double>(std::min(T, first + kWave)), static_cast<double>(T));
  }
  if (model.members.models.size() < T) {
    model.report.converged = false;
    model.report.note =
        "the time was up after " + std::to_string(model.members.models.size()) + " of " + std::to_string(T) + " models";
  }
  model.oob_rows = oob.rows();
  model.oob_error = oob.error();
  model.report.iterations = static_cast<long>(model.members.models.size());
  model.report.objective = model.oob_error;
  if (model.oob_rows > 0) model.report.more.emplace_back("oob_error", model.oob_error);
  return model;
}

namespace {

Matrix mean_answers(const BaggingModel& model, const Samples& samples, const Context& ctx) {
  const Samples x = model.members.transform(samples, ctx);
  Matrix sum = Matrix::Zero(samples.n(), std::max(model.K, 1));
  for (const auto& m : model.members.models) {
    ctx.check_cancelled();
    sum += answers_of(*m, x, model.K, ctx);
  }
  return sum / static_cast<double>(model.members.models.size());
}

}  // namespace

Matrix BaggingModel::predict_proba(const Samples& samples, const Context& ctx) const {
  return mean_answers(*this, samples, ctx);
}

Vector BaggingModel::predict(const Samples& samples, const Context& ctx) const {
  const Matrix answers = mean_answers(*this, samples, ctx);
  if (K == 0) return answers.col(0);
  Vector classes(answers.rows());
  for (Index i = 0; i < answers.rows(); ++i)
    classes[i] = static_cast<double>(std::max_element(answers.data() + i * K, answers.data() + (i + 1) * K) -
                                     (answers.data() + i * K));
  return classes;
}

void BaggingModel::save(ArchiveWriter& out) const {
  out.number("oob-error", oob_error);
  out.integer("oob-rows", oob_rows);
  ArchiveWriter base = out.object("base");
  members.save(base);
}

BaggingModel BaggingModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  BaggingModel model;
  model.task = target.task();
  model.K = target.K();
  model.oob_error = in.number("oob-error");
  model.oob_rows = static_cast<int>(in.integer("oob-rows", 0, std::numeric_limits<int>::max()));
  model.members = ensemble::Members::load(in.object("base"), columns, target);
  return model;
}

Explanation BaggingModel::explain(const std::vector<Column>&, const Target&) const {
  Explanation e;
  e.sentences.push_back("The mean of " + std::to_string(members.models.size()) + " models of the learner " +
                        quoted(members.learner->name()) + ", each fitted to its own bootstrap sample.");
  if (oob_rows > 0)
    e.sentences.push_back(
        "Out of bag, on " + std::to_string(oob_rows) + " rows: " +
        (K > 0 ? "error " + six_digits(oob_error) : "rmse " + six_digits(std::sqrt(std::max(0.0, oob_error)))) + ".");
  return e;
}

}  // namespace assay
