// imgproc/filter/kernel_file.h: a small matrix from a text file: one row a line, numbers separated by commas, semicolons
// or blanks; "#" begins a comment. All rows have the same length; at most 1 023 x 1 023.
#pragma once
#include <string>

#include "assay/core/linalg.h"

namespace assay {

/// DataError with file, line and column.
Matrix read_kernel_file(const std::string& path);
/// `name` is used in messages.
Matrix parse_kernel(const std::string& text, const std::string& name);

}  // namespace assay
