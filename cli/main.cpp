// The program: everything else is in run().
#include <iostream>

#include <opencv2/core/mat.hpp>

#include "assay/core/output.h"
#include "assay/imgproc/picture_memory.h"
#include "cli/process.h"

int main(int argc, char** argv) {
  assay::keep_freed_memory();
  std::ios::sync_with_stdio(false);
  cv::Mat::setDefaultAllocator(&assay::picture_allocator());
  assay::install_signal_handlers(&assay::cli::process_cancellation().signal);
  return assay::cli::run({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
