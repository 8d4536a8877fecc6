// cli/image_timing.h: read_ms, op_ms (median of the repetitions), op_ms_min and write_ms of one picture.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "cli/verb.h"

namespace assay::cli {

class ImageTiming {
 public:
  template <class F>
  auto read(F&& f) {
    const Stopwatch watch;
    auto result = f();
    read_ += 1e3 * watch.wall_s();
    return result;
  }
  template <class F>
  void operate(int repeat, F&& f) {
    std::vector<double> times;
    for (int i = 0; i < repeat; ++i) {
      const Stopwatch watch;
      f();
      times.push_back(1e3 * watch.wall_s());
    }
    std::sort(times.begin(), times.end());
    op_ += (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
    op_min_ += times.front();
  }
  template <class F>
  void write(F&& f) {
    const Stopwatch watch;
    f();
    write_ += 1e3 * watch.wall_s();
  }
  void add(const ImageTiming& other) {
    read_ += other.read_;
    op_ += other.op_;
    op_min_ += other.op_min_;
    write_ += other.write_;
  }
  Json json() const { return {{"read_ms", read_}, {"op_ms", op_}, {"op_ms_min", op_min_}, {"write_ms", write_}}; }

 private:
  double read_ = 0, op_ = 0, op_min_ = 0, write_ = 0;
};

}  // namespace assay::cli
