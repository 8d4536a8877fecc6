// cli/report/html/trace_page.h: a trace as one page: the steps, their pictures, the symbols' values, the code.
//
// Readable without scripts from top to bottom; with the one script (allowed by its hash) one step is shown at a time, with
// a slider, keys, and a magnifier that stays at its place from picture to picture. Pictures lie beside the page and are
// named by relative paths, so the folder can be moved.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "assay/core/trace.h"
#include "cli/report/svg/markup.h"

namespace assay::report {

struct StoryPicture {
  std::string file;  ///< relative to the page
  int width = 0, height = 0;
  std::string stage, title, caption, why, source;
  std::vector<TraceField> fields;
  bool stretched = false;
  double black = 0, white = 255;  ///< what they stand for, where stretched
};

struct StoryStep {
  long index = 0;  ///< which one of all steps of its kind, from 1
  TraceStep step;
};

/// All steps of one kind on one path.
struct StorySeries {
  std::string kind, file;  ///< the .jsonl beside the page
  std::vector<StoryStep> steps;
  long total = 0;  ///< how many there were
};

struct Chapter {
  std::string path;  ///< "" for the run itself, "tree-3/..." for its parts
  std::vector<std::variant<StoryPicture, StorySeries>> items;
};

struct Story {
  std::string title;    ///< "Canny"
  std::string command;  ///< may be empty
  std::string version;
  std::string source_root;            ///< the source tree; empty: code is named but not shown
  std::vector<std::string> left_out;  ///< sentences
  std::vector<Chapter> chapters;
};

/// At most `limit` bytes: chapters that do not fit any more are named with their files, and the page says so.
std::string render_trace(const Story& story, size_t limit = 2'800'000);

}  // namespace assay::report
