// The program: everything else is in run().
#include <iostream>

#include "assay/core/output.h"
#include "cli/process.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  assay::install_signal_handlers(&assay::cli::process_cancellation().signal);
  return assay::cli::run({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
