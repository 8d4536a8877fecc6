// imgproc/catalogue.h: every image operator there is.
#pragma once
#include <span>

#include "assay/imgproc/op.h"

namespace assay {

std::span<const ImageOp> image_ops();
/// By name or alias ('_' reads as '-'); UsageError with a did-you-mean.
const ImageOp& find_image_op(std::string_view name);

}  // namespace assay
