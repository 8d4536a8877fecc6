// core/grain.h: how much work is worth a thread.
#pragma once
#include <algorithm>

#include "assay/core/parallel.h"

namespace assay {

/// Steps (a cell read and looked at, say) below which handing work to another thread costs more than doing it.
inline constexpr Index kParallelSteps = Index{1} << 15;

/// The grain of a loop whose every item takes so many steps.
inline Index grain_of(Index steps) { return std::max<Index>(1, kParallelSteps / std::max<Index>(1, steps)); }

/// One thread where there are too few steps in all.
inline int threads_for_steps(int threads, Index steps) { return steps < kParallelSteps ? 1 : threads; }

}  // namespace assay
