// assay detect segments
#include "assay/features/hough/segments.h"
#include "cli/detectors.h"

namespace assay::cli {

Detector segments_detector() {
  Detector d = detector<Segments>("segments", draw_segments);
  d.takes_edges = true;
  return d;
}

}  // namespace assay::cli
