// ml/svm/smo_trace.h: what the solver shows under --trace: the pair of each step, its box, and the machine so far.
//
// A step "smo" says the pair and the runner-up, the step before and after clipping, violation, gap and objective; at the end
// "kkt" says for each kind of row the condition and its worst violation. Pictures, drawn ever more rarely: "machine" (classes,
// dense rows), "box"; at the end "progress".
// Cost       two more kernel rows a step, and 3 numbers a row: beta and F are kept here once more, for all rows in the order of
//            the problem, so that the solver is not touched
#pragma once
#include <memory>

#include "assay/ml/svm/smo.h"

namespace assay::svm {

/// One step of the solver, before it is taken. Rows are places in the problem.
struct SmoMove {
  long t = 0;
  Index i = 0, j = 0, runner_up = -1;  ///< -1: there was no other
  double m = 0, M = 0, gain = 0, runner_up_gain = 0;
  double curvature = 0, wanted = 0, up = 0, down = 0, length = 0;
  double beta_i = 0, beta_j = 0;  ///< after the step
  Index active = 0;
};

class SmoTrace {
 public:
  /// `rows` as they are before the solver reorders them.
  SmoTrace(const Context& ctx, const DualProblem& problem, const KernelRows& rows);
  ~SmoTrace();
  void moved(const SmoMove& move);
  void finished();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::svm
