// imgproc/lowrank/low_rank.h: the operator `svd`: a picture as the sum of its `rank` greatest parts.
//
//   A_k = sum_{j <= k} s_j u_j v_j'        A: one channel, h x w;  A = U S V' its singular value decomposition           (1)
//
// Takes      u8, u16, f32; 1, 3, 4 channels (each alone; alpha is kept as it is)
// Gives      the same depth; integer depths rounded to the nearest, ties to even, and kept inside the range
// Guarantees of all pictures whose channels have rank k, A_k is the one nearest to A: |A - A_k|^2 = s_{k+1}^2 + ...
//            [Eckart1936]. `rank` at or above min(w, h) gives the picture itself
// Tells      rank; energy_kept: sum of the s_j^2 that are kept over the sum of all, all colour channels together; rmse: of
//            the picture that is given, in its own units; storage: numbers in U, S and V over numbers in A
// Cost       w h min(w, h) for a product, 4/3 min(w, h)^3 for the eigenvectors, each channel
// Errors     DataError: a value that is not finite
// Trace      step "singular-values" for each channel; pictures of lower rank
// See        core/eigen_symmetric.h
#pragma once
#include "assay/imgproc/op.h"

namespace assay {

struct LowRankParams {
  int rank = 20;
  static void fields(auto& p, auto&& field) {
    field("rank", p.rank, at_least(1), "k: how many singular values each channel keeps", {"components", "k"});
  }
};

struct LowRank {
  using Params = LowRankParams;
  static constexpr ImageOpInfo info{"svd",
                                    "compression: the nearest picture of low rank",
                                    "Eckart1936",
                                    {"low-rank"},
                                    {kAnyDepth, kAnyChannels, Law::close, Law::close}};
  static ImageFacts apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

}  // namespace assay
