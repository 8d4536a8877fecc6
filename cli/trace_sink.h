// cli/trace_sink.h: the study window as a folder: steps as JSONL, pictures as PNG, and one page that tells the story.
//
//   DIR/index.html                    the page
//   DIR/<path>/<kind>.jsonl           a line a step: {"_step": 12, "_why": "...", symbol: value, ...}; NaN and infinity are null
//   DIR/<path>/NNN-<stage>.png        8 bit; NNN counts the pictures of this path
//
// Budgets  At most `steps` steps of a kind and pictures of a stage on each path: the first 50, then ever fewer, evenly on a
//          logarithmic scale, and always the last. At most `max_bytes` in all: the largest series is halved until it fits.
//          What was left out is said on the page.
// Threads  step() and image() may come from many threads; the folder does not depend on their order, since a path is
//          used by one thread (core/context.h).
// Errors   OutputError from finish(); the run itself is never disturbed.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "assay/core/trace.h"
#include "cli/report/html/trace_page.h"

namespace assay::cli {

struct TraceOptions {
  std::string folder;
  int steps = 200;
  uint64_t max_bytes = 20'000'000;
  std::string title;    ///< "canny on @camera"
  std::string command;  ///< as it can be typed again
  std::string version;
  std::string source_root;  ///< the source tree whose lines are shown; empty: files and functions are only named
};

/// Which of `total` steps are kept, from 0, ascending, at most `budget` (at least 2): the first 50 (or half of a smaller
/// budget), then evenly on a logarithmic scale, and the last.
std::vector<long> steps_to_keep(long total, int budget);

class FolderTrace final : public TraceSink {
 public:
  explicit FolderTrace(TraceOptions options);
  void step(const std::string& path, const TraceStep& step) override;
  void image(const std::string& path, const TraceImage& image) override;
  /// Writes everything; returns the path of index.html.
  std::string finish();

 private:
  struct Entry {
    long index = 0;  ///< in its series, from 0
    long order = 0;  ///< in its path
    TraceStep step;
    report::StoryPicture picture;
    std::string bytes;  ///< the line of JSON, or the PNG file
  };
  struct Series {
    bool is_picture = false;
    long total = 0;
    uint64_t bytes = 0;
    std::vector<Entry> kept;
  };
  struct Path {
    long order = 0, pictures = 0;
    std::map<std::string, Series> series;  ///< by "step kind" or "image stage"
  };

  void add(Path& path, Series& series, Entry entry);
  void thin(Series& series, size_t budget);
  void keep_within_budget();
  report::Chapter write_path(const std::string& name, Path& path, std::vector<std::string>& left_out);

  TraceOptions options_;
  std::mutex mutex_;
  std::map<std::string, Path> paths_;
  uint64_t bytes_ = 0;
};

}  // namespace assay::cli
