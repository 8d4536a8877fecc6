#include "assay/imgproc/catalogue.h"

#include <string>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/imgproc/color/convert.h"
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/edge/canny.h"
#include "assay/imgproc/edge/derivative.h"
#include "assay/imgproc/edge/laplacian.h"
#include "assay/imgproc/edge/sobel.h"
#include "assay/imgproc/filter/bilateral.h"
#include "assay/imgproc/filter/box.h"
#include "assay/imgproc/filter/convolve.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/filter/median.h"
#include "assay/imgproc/filter/unsharp.h"
#include "assay/imgproc/frequency/frequency.h"
#include "assay/imgproc/geometry/crop.h"
#include "assay/imgproc/geometry/flip.h"
#include "assay/imgproc/geometry/pyramid.h"
#include "assay/imgproc/geometry/resize.h"
#include "assay/imgproc/geometry/warp.h"
#include "assay/imgproc/histogram/equalize.h"
#include "assay/imgproc/histogram/point.h"
#include "assay/imgproc/lowrank/low_rank.h"
#include "assay/imgproc/morphology/fill_holes.h"
#include "assay/imgproc/morphology/morphology.h"
#include "assay/imgproc/segment/components.h"
#include "assay/imgproc/segment/contours.h"
#include "assay/imgproc/segment/distance.h"
#include "assay/imgproc/segment/threshold.h"
#include "assay/imgproc/segment/watershed.h"

namespace assay {

namespace {

constexpr ImageOp kImageOps[] = {
    image_op<Gray>(),
    image_op<Gaussian>(),
    image_op<Sobel>(),
    image_op<Canny>(),
    image_op<LowRank>(),
    // filters
    image_op<Box>(),
    image_op<Median>(),
    image_op<Bilateral>(),
    image_op<Convolve>(),
    image_op<Unsharp>(),
    image_op<Sharpen>(),
    // edges
    image_op<Scharr>(),
    image_op<Prewitt>(),
    image_op<Roberts>(),
    image_op<Laplacian>(),
    image_op<LaplacianOfGaussian>(),
    image_op<DifferenceOfGaussians>(),
    // morphology
    image_op<Erode>(),
    image_op<Dilate>(),
    image_op<Open>(),
    image_op<Close>(),
    image_op<MorphologicalGradient>(),
    image_op<TopHat>(),
    image_op<BlackHat>(),
    image_op<FillHoles>(),
    // histogram and point
    image_op<Histogram>(),
    image_op<Equalize>(),
    image_op<Clahe>(),
    image_op<MatchHistogram>(),
    image_op<Gamma>(),
    image_op<Stretch>(),
    image_op<Brightness>(),
    image_op<Contrast>(),
    image_op<Saturation>(),
    // thresholds
    image_op<Threshold>(),
    image_op<Otsu>(),
    image_op<MultiOtsu>(),
    image_op<Triangle>(),
    image_op<Adaptive>(),
    // objects
    image_op<Components>(),
    image_op<Contours>(),
    image_op<Distance>(),
    image_op<Watershed>(),
    // frequencies
    image_op<LowPass>(),
    image_op<HighPass>(),
    image_op<BandPass>(),
    image_op<Spectrum>(),
    image_op<Noise>(),
    // geometry
    image_op<Flip>(),
    image_op<Crop>(),
    image_op<Pad>(),
    image_op<Resize>(),
    image_op<Rotate>(),
    image_op<Shear>(),
    image_op<Affine>(),
    image_op<Perspective>(),
    image_op<Remap>(),
    image_op<Pyramid>(),
    // colour
    image_op<LinearRgb>(),
    image_op<Xyz>(),
    image_op<Lab>(),
    image_op<Hsv>(),
    image_op<Hsl>(),
    image_op<YCbCr>(),
};

}  // namespace

std::span<const ImageOp> image_ops() { return kImageOps; }

const ImageOp& find_image_op(std::string_view name) {
  const std::string key = kebab(name);
  std::vector<std::string> names;
  for (const ImageOp& op : kImageOps) {
    if (key == op.name()) return op;
    for (const char* alias : op.info->aliases)
      if (key == kebab(alias)) return op;
    names.emplace_back(op.name());
  }
  throw UsageError("unknown image operator " + quoted(name) + did_you_mean(key, names),
                   "the operators: " + join(names, ", "));
}

}  // namespace assay
