// read_csv FILE THREADS REPEATS: reads a table again and again; one line of JSON with the seconds of each reading.
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "assay/core/output.h"
#include "assay/ml/data/table.h"

namespace {

double processor_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return std::fputs("usage: read_csv FILE THREADS REPEATS\n", stderr), 2;
  assay::TableOptions options;
  options.threads = std::atoi(argv[2]);
  std::string wall, cpu;
  assay::Index rows = 0;
  double sum = 0;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const double used = processor_seconds();
    const assay::Table table = assay::read_table(argv[1], options);
    char text[64];
    std::snprintf(text, sizeof text, "%s%.6f", i ? "," : "",
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    wall += text;
    std::snprintf(text, sizeof text, "%s%.6f", i ? "," : "", processor_seconds() - used);
    cpu += text;
    rows = table.n();
    sum = table.cells.col(0).sum();
  }
  std::printf("{\"rows\":%td,\"sum\":%.17g,\"wall\":[%s],\"cpu\":[%s]}\n", rows, sum, wall.c_str(), cpu.c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
