// ml/svm/smo_1998.h: Platt's sequential minimal optimisation as he published it: the textbook beside smo.h.
//
// The same problem (smo.h, 1) and the same end: every variable within tolerance / 2 of its optimality condition.
// Cost       each step looks at every row's error; much slower than smo.h, and meant to be read
// See        [Platt1998] sec. 2.1 to 2.3 and appendix A.1 (pseudo-code)
#pragma once
#include "assay/ml/svm/smo.h"

namespace assay::svm {

SmoResult solve_smo_1998(const DualProblem& problem, KernelRows& rows, const SmoOptions& options, CacheMemory& memory,
                         const Context& ctx);

}  // namespace assay::svm
