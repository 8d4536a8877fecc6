#include "assay/ml/ensemble/base_learner.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/catalogue.h"

namespace assay::ensemble {

BaseLearner::BaseLearner(std::string_view spec) {
  const InlineSpec parsed = parse_inline(spec);
  learner = &find_learner(parsed.name);
  params = learner->params();
  for (const auto& [name, value] : parsed.settings) params->set(name, value, parsed.name);
  params->check();
}

void check_learner(std::string_view spec) { BaseLearner base(spec); }

Members Members::prepare(const BaseLearner& base, const Samples& samples, const Target& target, const Context& ctx) {
  const Traits& traits = base.traits();
  if (target.task() == Task::classification ? !traits.classification : !traits.regression)
    throw UsageError("the base learner " + quoted(base.learner->name()) + " does not do " + task_name(target.task()),
                     "see `assay list learners` for those that do");
  Members members;
  members.learner = base.learner;
  members.pipeline = Pipeline::fit(samples, traits, {}, ctx.threads);
  return members;
}

void Members::save(ArchiveWriter& out) const {
  out.text("learner", std::string(learner->name()));
  ArchiveWriter steps = out.object("pipeline");
  pipeline.save(steps);
  for (const auto& model : models) {
    ArchiveWriter member = out.append("members");
    model->save(member);
  }
}

Members Members::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  Members members;
  try {
    members.learner = &find_learner(in.text("learner"));
  } catch (const UsageError& e) {
    in.fail(e.message());
  }
  const Traits& traits = members.learner->traits();
  if (target.task() == Task::classification ? !traits.classification : !traits.regression)
    in.fail("its base learner does not do this task");
  members.pipeline = Pipeline::load(in.object("pipeline"), columns, traits);
  if (!members.pipeline.suits(traits)) in.fail("the pipeline does not prepare what the base learner asks for");
  for (const ArchiveReader& member : in.objects("members"))
    members.models.push_back(members.learner->load(member, members.pipeline.output_columns(), target));
  if (members.models.empty()) in.fail("an ensemble has at least one member");
  return members;
}

DrawnRows draw_rows(const Vector& share, Index n, Index draws, Rng rng) {
  std::vector<double> until;  // sums of the shares
  if (share.size()) {
    double sum = 0;
    for (Index i = 0; i < n; ++i) until.push_back(sum += share[i]);
  }
  std::vector<int> times(static_cast<size_t>(n), 0);
  for (Index j = 0; j < draws; ++j) {
    if (until.empty()) {
      ++times[rng.below(static_cast<uint64_t>(n))];
      continue;
    }
    const auto at = std::upper_bound(until.begin(), until.end(), rng.uniform() * until.back());
    ++times[static_cast<size_t>(std::min(at - until.begin(), static_cast<std::ptrdiff_t>(n) - 1))];
  }
  DrawnRows drawn;
  for (int i = 0; i < static_cast<int>(n); ++i)
    if (times[static_cast<size_t>(i)] > 0 && (!share.size() || share[i] > 0)) {
      drawn.rows.push_back(i);
      drawn.times.push_back(times[static_cast<size_t>(i)]);
    }
  return drawn;
}

std::unique_ptr<AnyModel> fit_on(const BaseLearner& base, const Samples& x, const Target& target,
                                 const DrawnRows& drawn, const Context& ctx) {
  std::vector<int> rows = drawn.rows;
  const bool weighted = base.traits().weights != Weights::none;
  if (!weighted) {
    rows.clear();
    for (size_t r = 0; r < drawn.rows.size(); ++r)
      rows.insert(rows.end(), static_cast<size_t>(drawn.times[r]), drawn.rows[r]);
  }
  Samples bag = gather(x, rows);
  if (weighted) {
    if (bag.weight.size() == 0) bag.weight = Vector::Ones(static_cast<Index>(rows.size()));
    for (size_t r = 0; r < rows.size(); ++r) bag.weight[static_cast<Index>(r)] *= drawn.times[r];
  } else {
    bag.weight = Vector();
  }
  return base.learner->fit(*base.params, bag, gather(target, rows), ctx, nullptr);
}

}  // namespace assay::ensemble
