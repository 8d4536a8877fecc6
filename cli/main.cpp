// The program: everything else is in run().
#include <iostream>

#include <opencv2/core/mat.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "assay/core/output.h"
#include "assay/imgproc/picture_memory.h"
#include "cli/process.h"

namespace {

// Memory that is given back is kept for what comes next: a band of a picture asks for the same again, and new pages from the
// system cost more than a filter.
void keep_memory() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  std::ios::sync_with_stdio(false);
  cv::Mat::setDefaultAllocator(&assay::picture_allocator());
  assay::install_signal_handlers(&assay::cli::process_cancellation().signal);
  return assay::cli::run({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
