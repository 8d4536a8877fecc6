#include "assay/core/progress.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace assay {
namespace {

constexpr auto kQuiet = std::chrono::seconds(1);  // a run shorter than this shows no bar
constexpr auto kBetweenDrawings = std::chrono::milliseconds(100);

std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(std::clamp(seconds, 0.0, 359999.0));
  char text[32];
  if (s < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return text;
}

/// "[#####.....]  42 %  0:12, 0:17 left  fold 3", cut to the width of the terminal.
std::string bar_line(double fraction, double elapsed, const std::string& doing, int columns) {
  const int cells = std::clamp(columns - 40, 5, 30);
  const int full = static_cast<int>(fraction * cells);
  char share[16];
  std::snprintf(share, sizeof share, "] %3d %%  ", static_cast<int>(fraction * 100));
  std::string line =
      "[" + std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(cells - full), '.');
  line += share + clock_text(elapsed);
  if (fraction > 0) line += ", " + clock_text(elapsed * (1 - fraction) / fraction) + " left";
  if (!doing.empty()) line += "  " + doing;
  if (columns > 0 && line.size() >= static_cast<size_t>(columns)) line.resize(static_cast<size_t>(columns) - 1);
  return line;
}

}  // namespace

ProgressBar::ProgressBar(std::function<void(const std::string&)> write, int columns,
                         std::function<Clock::time_point()> now)
    : write_(std::move(write)), columns_(columns), now_(std::move(now)), start_(now_()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::update(double fraction, const std::string& doing) {
  const std::lock_guard lock(mutex_);
  fraction_ = std::max(fraction_, std::clamp(fraction, 0.0, 1.0));  // children report in any order; a bar never shrinks
  const Clock::time_point t = now_();
  if (t - start_ < kQuiet || (shown_ && t - last_ < kBetweenDrawings)) return;
  const double elapsed = std::chrono::duration<double>(t - start_).count();
  write_("\r\x1b[K" + bar_line(fraction_, elapsed, doing, columns_));
  last_ = t;
  shown_ = true;
}

void ProgressBar::clear() {
  const std::lock_guard lock(mutex_);
  if (shown_) write_("\r\x1b[K");
  shown_ = false;
}

}  // namespace assay
