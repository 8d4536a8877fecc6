#include "assay/imgproc/geometry/size.h"

#include <string>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"

namespace assay {

cv::Size output_size(std::string_view op, double width, double height) {
  const auto budget = static_cast<double>(InputBudget{}.pixels);
  if (!(width >= 1 && height >= 1 && width * height <= budget))
    throw ParameterError(std::string(op) + ": a result of " + shortest(width) + " x " + shortest(height) +
                         " pixels; each side must be at least 1, the area at most " + shortest(budget / 1e6) +
                         " megapixels");
  return {static_cast<int>(width), static_cast<int>(height)};
}

}  // namespace assay
