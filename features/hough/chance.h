// features/hough/chance.h: how many aligned edge pixels are more than chance.
//
// Were the edge pixels strewn over the picture at random, each pixel being one with probability p, a strip of n pixels
// would hold k or more with probability at most exp(-n KL(k/n || p)), KL(r || p) = r ln(r/p) + (1-r) ln((1-r)/(1-p))
// (Hoeffding's inequality). A strip is a line if that, times the number of strips looked at, is at most 1
// [Desolneux2000, sec. 3: an event is meaningful if fewer than one such is expected by chance].
#pragma once
#include <vector>

namespace assay {

inline constexpr int kNever = 1 << 30;

/// For n = 0 .. longest: the least k with n KL(k/n || p) >= log_tests and k/n > p; kNever where no k is enough.
std::vector<int> meaningful_counts(int longest, double p, double log_tests);

}  // namespace assay
