// core/stopwatch.h: seconds since it was made, on the wall clock and on the processors (all threads of this process).
#pragma once
#include <time.h>

namespace assay {

class Stopwatch {
 public:
  Stopwatch() : wall_(read(CLOCK_MONOTONIC)), cpu_(read(CLOCK_PROCESS_CPUTIME_ID)) {}
  double wall_s() const { return read(CLOCK_MONOTONIC) - wall_; }
  double cpu_s() const { return read(CLOCK_PROCESS_CPUTIME_ID) - cpu_; }

 private:
  static double read(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  double wall_, cpu_;
};

}  // namespace assay
