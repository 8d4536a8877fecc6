// ml/ensemble/adaboost_picture.h: the rows of a round as dots that weigh what the rows weigh.
#pragma once
#include <optional>
#include <vector>

#include "assay/core/context.h"
#include "assay/ml/cluster/trace_canvas.h"
#include "assay/ml/learner.h"

namespace assay::ensemble {

/// What one round knows before its weights change.
struct DrawnRound {
  int t;
  double e, a;
  const AnyModel& base;
  const std::vector<int>& said;  ///< the base's answers
  const Vector& w;               ///< the weights it was fitted to, sum 1
};

/// Pictures of a fit to classes, in the plane of two columns: an area a weight, a ring around each wrong row, and, where the
/// table has those two columns alone, the ground in the colour the base answers there.
class WeightPictures {
 public:
  /// None where nobody traces, and none of sparse tables.
  static std::optional<WeightPictures> make(const Samples& samples, const Target& target, const Context& ctx);
  void draw(const DrawnRound& round, const Context& ctx) const;

 private:
  WeightPictures(Samples rows, bool by_columns, const Target& target)
      : rows_(std::move(rows)), by_columns_(by_columns), plane_(rows_), target_(&target) {}
  void shade(kmeans::Canvas& canvas, const AnyModel& base, const Context& ctx) const;

  Samples rows_;
  bool by_columns_;  ///< the layout the base takes
  kmeans::Plane plane_;
  const Target* target_;
};

}  // namespace assay::ensemble
