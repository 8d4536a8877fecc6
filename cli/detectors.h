// cli/detectors.h: what `assay detect` looks for. A detector is one file with one function that returns it, and one line
// in detectors.cpp:
//
//   Detector lines_detector() {
//     Detector d = detector<Lines>("lines", draw_lines);
//     d.takes_edges = true;
//     return d;
//   }
//
// A finding is one row of a FeatureTable. Terminal and --out show the table as CSV; --json has a list of objects whose
// keys are the columns, unless `tell` says otherwise.
#pragma once
#include <any>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assay/core/json.h"
#include "assay/features/feature.h"

namespace assay::cli {

/// The findings, and what a detector wants to know of them beside their table when it tells or draws them.
struct Found : FeatureTable {
  std::any more;
  Found() = default;
  Found(FeatureTable table, std::any beside = {}) : FeatureTable(std::move(table)), more(std::move(beside)) {}
};

/// Looks once: what is in the picture.
using Finder = std::function<Found(const cv::Mat& image, const Context&)>;

struct Detector {
  const FeatureInfo* info = nullptr;
  std::string key;           ///< of the list in the JSON
  std::string example;       ///< for `describe`, without "assay"; empty: detect NAME @camera --draw out.png
  bool takes_edges = false;  ///< wants an edge map: a picture goes through --edges first
  std::unique_ptr<AnyParams> (*params)() = nullptr;
  /// Called once, before the timed runs: reads files that parameters name. The parameters outlive the finder.
  Finder (*prepare)(const AnyParams&) = nullptr;
  /// Own keys of the JSON; null: KEY: [{column: value, ...}, ...].
  std::function<void(const Found&, const AnyParams&, Json& result)> tell;
  /// One line for people; null: "N KEY".
  std::function<std::string(const Found&, const AnyParams&)> summary;
  std::function<cv::Mat(const cv::Mat& image, const Found&)> draw;
  /// The space of votes, for --accumulator: as a picture, or as rows of CSV. Null: there is none.
  cv::Mat (*votes_picture)(const AnyParams&, const cv::Mat& image, const Context&) = nullptr;
  std::string (*votes_csv)(const AnyParams&, const cv::Mat& image, const Context&) = nullptr;
  std::string_view name() const { return info->name; }
};

/// A detector made like a feature (features/feature.h): Params, info and a pure function.
template <FeatureDetector F>
Detector detector(const char* key, cv::Mat (*draw)(const cv::Mat&, const FeatureTable&)) {
  using P = typename F::Params;
  Detector d;
  d.info = &F::info;
  d.key = key;
  d.params = []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); };
  d.prepare = [](const AnyParams& p) -> Finder {
    const P* params = &dynamic_cast<const ParamsOf<P>&>(p).value;
    return [params](const cv::Mat& image, const Context& ctx) { return detect<F>(*params, image, ctx); };
  };
  d.draw = draw;
  return d;
}

/// All of them, in the order of the help.
const std::vector<Detector>& detectors();
/// By name or alias ('_' reads as '-'); UsageError with a did-you-mean.
const Detector& find_detector(std::string_view name);

Detector lines_detector();
Detector segments_detector();
Detector circles_detector();
Detector chessboard_detector();
Detector objects_detector();

}  // namespace assay::cli
