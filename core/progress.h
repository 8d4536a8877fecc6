// core/progress.h: how far a run is. An algorithm reports a share of its own work; children report a share of theirs.
#pragma once
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace assay {

class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// fraction in [0, 1] of the whole run; `doing` says what, in a word or two. Called from any thread.
  virtual void update(double fraction, const std::string& doing) = 0;
};

/// A handle on a part [lo, hi] of the run: copied freely, empty by default.
class Progress {
 public:
  Progress() = default;
  explicit Progress(ProgressSink* sink) : sink_(sink) {}
  void report(double done, double total, const std::string& doing = "") const {
    if (sink_) sink_->update(lo_ + (hi_ - lo_) * (total > 0 ? done / total : 1), doing);
  }
  /// The part of this progress that piece `index` of `count` equal pieces fills.
  Progress part(double index, double count) const {
    Progress p = *this;
    p.lo_ = lo_ + (hi_ - lo_) * index / count;
    p.hi_ = lo_ + (hi_ - lo_) * (index + 1) / count;
    return p;
  }

 private:
  ProgressSink* sink_ = nullptr;
  double lo_ = 0, hi_ = 1;
};

/// A bar with share, elapsed time, and the time left, redrawn at most ten times a second by the given writer. It is shown
/// from the second second on (a run shorter than that needs no bar) and cleared at the end.
class ProgressBar : public ProgressSink {
 public:
  using Clock = std::chrono::steady_clock;
  /// write(text) puts text on the terminal; now() is a parameter so that tests need no clock.
  ProgressBar(std::function<void(const std::string&)> write, int columns,
              std::function<Clock::time_point()> now = Clock::now);
  ~ProgressBar() override;
  void update(double fraction, const std::string& doing) override;
  void clear();

 private:
  std::mutex mutex_;
  std::function<void(const std::string&)> write_;
  int columns_;
  std::function<Clock::time_point()> now_;
  Clock::time_point start_, last_{};
  double fraction_ = 0;
  bool shown_ = false;
};

}  // namespace assay
