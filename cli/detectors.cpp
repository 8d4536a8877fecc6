// Every detector, in the order of the help: the only place that lists them.
#include "cli/detectors.h"

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay::cli {

const std::vector<Detector>& detectors() {
  static const std::vector<Detector> all = {
      lines_detector(),       //
      segments_detector(),    //
      circles_detector(),     //
      chessboard_detector(),  //
      objects_detector(),
  };
  return all;
}

const Detector& find_detector(std::string_view name) {
  const std::string key = kebab(name);
  std::vector<std::string> names;
  for (const Detector& d : detectors()) {
    if (key == d.name()) return d;
    for (const char* alias : d.info->aliases)
      if (key == kebab(alias)) return d;
    names.emplace_back(d.name());
  }
  throw UsageError("unknown detector " + quoted(name) + did_you_mean(key, names),
                   "the detectors: " + join(names, ", "));
}

}  // namespace assay::cli
