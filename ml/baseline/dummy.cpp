// Departures from the paper: none; the rule has no paper.
#include "assay/ml/baseline/dummy.h"

#include "assay/core/text.h"

namespace assay {

DummyModel Dummy::fit(const Params&, const Samples& samples, const Target& target, const Context&) {
  check_fit_input(samples, target, 1);
  DummyModel model;
  double total = 0;
  if (target.task() == Task::classification) model.share = Vector::Zero(target.K());
  for (Index i = 0; i < target.n(); ++i) {
    const double w = samples.weight_of(i);
    total += w;
    if (target.task() == Task::classification)
      model.share[target.code[static_cast<size_t>(i)]] += w;
    else
      model.mean += w * target.value[i];
  }
  model.share /= total;
  model.mean /= total;
  return model;
}

Vector DummyModel::predict(const Samples& samples, const Context&) const {
  Index best = 0;
  if (share.size()) share.maxCoeff(&best);
  return Vector::Constant(samples.n(), share.size() ? static_cast<double>(best) : mean);
}

Matrix DummyModel::predict_proba(const Samples& samples, const Context&) const {
  return share.transpose().replicate(samples.n(), 1);
}

Explanation DummyModel::explain(const std::vector<Column>&, const Target& target) const {
  Explanation e;
  if (share.size() == 0) {
    e.sentences.push_back("Always predicts the mean of '" + target.name + "', " + six_digits(mean) + ".");
    return e;
  }
  Index best = 0;
  share.maxCoeff(&best);
  e.sentences.push_back("Always predicts '" + target.classes[static_cast<size_t>(best)] +
                        "', the most frequent class.");
  Explanation::Table table{"Share of each class", {"class", "share"}, {}};
  for (Index k = 0; k < share.size(); ++k) table.rows.push_back({target.classes[static_cast<size_t>(k)], share[k]});
  e.tables.push_back(std::move(table));
  return e;
}

void DummyModel::save(ArchiveWriter& out) const {
  out.vector("share", share);
  out.number("mean", mean);
}

DummyModel DummyModel::load(const ArchiveReader& in, const std::vector<Column>&, const Target& target) {
  DummyModel model;
  model.share = in.vector("share", target.K());
  model.mean = in.number("mean");
  for (Index k = 0; k < model.share.size(); ++k)
    if (model.share[k] < 0 || model.share[k] > 1) in.fail("share[" + std::to_string(k) + "] is outside 0..1");
  return model;
}

}  // namespace assay
