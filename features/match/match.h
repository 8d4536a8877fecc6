// features/match/match.h: which key point of one picture is which of another, by their descriptors.
//
//   for each a in A:  b1, b2 the two nearest in B by |a - b|^2 = sum_f (a_f - b_f)^2, of equal ones the lower index        (1)
//   keep (a, b1) if   |a - b1| < ratio |a - b2|,  and, where `mutual`, a is the nearest in A of b1                      (2)
//
// Shapes     A: n x d, B: m x d, one row a descriptor, single precision
// Requires   finite descriptors of one length d
// Gives      matches by ascending a. Of a single b there is no second: it passes only without the ratio test
// Guarantees (1) exactly: distances in double precision, ties by index, whatever the number of threads. A product in single
//            precision chooses whom to measure, within a proven bound (match.cpp)
// Cost       O(n m d) in blocked products
// Errors     ParameterError (ranges), DataError (lengths differ, a number that is not finite)
// See        [Lowe2004] sec. 7.1 for (2)
#pragma once
#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/params.h"

namespace assay {

struct MatchParams {
  std::optional<double> ratio = 0.8;
  bool mutual = false;
  static void fields(auto& p, auto&& field) {
    field("ratio", p.ratio, fraction, "the nearest must be this much nearer than the second; none: no test",
          {"lowe-ratio", "max-ratio"});
    field("mutual", p.mutual, "each must be the nearest of the other", {"cross-check"});
  }
};

struct Match {
  int a, b;         ///< rows of A and B
  double distance;  ///< |a - b|
  double second;    ///< that of the second nearest; infinity where there is none
};

using Descriptors = cv::Mat_<float>;

std::vector<Match> match(const Descriptors& A, const Descriptors& B, const MatchParams& params = {},
                         const Context& ctx = {});

struct TwoNearest {
  int first = -1, second = -1;  ///< -1: B has none
  double first_squared = 0, second_squared = 0;
};
/// (1) for each row of A.
std::vector<TwoNearest> two_nearest(const Descriptors& A, const Descriptors& B, const Context& ctx = {});
/// The same by measuring every pair: the textbook form.
std::vector<TwoNearest> two_nearest_direct(const Descriptors& A, const Descriptors& B);

}  // namespace assay
