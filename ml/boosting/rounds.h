// ml/boosting/rounds.h: what both orders of boosting share: the training set, and the watch over the rounds.
#pragma once
#include "assay/ml/boosting/gbdt.h"

namespace assay::boosting {

/// A training set; F is what the model answers so far.
struct Training {
  const GbdtParams& params;
  const Samples& samples;
  Objective objective;
  std::vector<float> F;   ///< n x K
  std::vector<int> rows;  ///< of positive weight, ascending
};

/// Keeps the losses, decides when to stop, and tells the trace.
class Watch {
 public:
  Watch(GbdtModel& model, const GbdtParams& params, const Validation* valid, const Context& ctx);

  /// After a round: true where there is no use in another one.
  bool enough(const Training& training, int round);
  /// Cuts the model at its best round, and writes the report.
  void finish(const Training& training);

 private:
  GbdtModel& model_;
  const GbdtParams& params_;
  const Validation* valid_;
  const Context& ctx_;
  std::optional<Objective> objective_;  ///< of the validation rows
  std::vector<float> F_;                ///< theirs
  int best_round_ = 0, rounds_ = 0;
  double best_loss_ = 0;
};

/// F[i K + k] += what `tree` answers for row i, for the given rows.
void add_answers(const TreeNodes& nodes, const std::vector<bool>& categorical, const Columns& X,
                 const std::vector<int>& rows, int k, int K, std::vector<float>& F, int threads);

/// Adds trees to the model until the watch has enough. The two orders: second_order.cpp, first_order.cpp.
void boost_second_order(Training& training, GbdtModel& model, Watch& watch, const Context& ctx);
void boost_first_order(Training& training, GbdtModel& model, Watch& watch, const Context& ctx);

}  // namespace assay::boosting
