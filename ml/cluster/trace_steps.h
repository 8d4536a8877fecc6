// ml/cluster/trace_steps.h: what k-means shows under --trace: numbers as steps, and pictures of the rows.
#pragma once
#include <memory>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/cluster/assign.h"

namespace assay::kmeans {

/// One row chosen as a centre. `squared`: D^2 of every row before it (empty: the row was drawn by weight); `sums`: what each
/// candidate would leave.
void trace_seed(const Context& ctx, const Samples& samples, const std::vector<Index>& chosen,
                const std::vector<double>& squared, const std::vector<Index>& candidates,
                const std::vector<double>& sums, size_t best);

/// The half-steps of one start. Does nothing where nobody watches.
class TraceHalfSteps {
 public:
  TraceHalfSteps(const Context& ctx, const Samples& samples);
  ~TraceHalfSteps();
  void assigned(long t, const Matrix& centers, const Assigner& assigner, const std::vector<Change>& changes);
  void filled(long t, const std::vector<Change>& moved);
  void moved(long t, const Matrix& centers, const Assigner& assigner, double squared_move);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The inertia of every start, as a strip of dots.
void trace_starts(const Context& ctx, const std::vector<double>& inertias, int best);

}  // namespace assay::kmeans
