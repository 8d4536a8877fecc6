// assay detect circles
#include "assay/features/hough/circles.h"
#include "cli/detectors.h"

namespace assay::cli {

Detector circles_detector() {
  Detector d = detector<Circles>("circles", draw_circles);
  d.example = "detect circles @coins --max-radius 40 --draw out.png";
  return d;
}

}  // namespace assay::cli
