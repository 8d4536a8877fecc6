// cli/catalogues.h: learners, clusterers, reducers, image operators, features and detectors under
// one roof, for list, describe, help and completion.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "assay/core/json.h"
#include "assay/core/params.h"

namespace assay::cli {

/// One algorithm of any catalogue.
struct Algorithm {
  std::string kind;  ///< learner, clusterer, reducer, image, feature, detector
  std::string name, title, reference;
  std::vector<std::string> aliases;
  std::vector<std::string> traits;  ///< sentences
  std::unique_ptr<AnyParams> params;
  std::string example;  ///< a command line, without "assay"
};

/// All of them, catalogue after catalogue; `kind` empty: every kind.
std::vector<Algorithm> algorithms(const std::string& kind = "");
/// "tree" or "learner:tree"; UsageError with a did-you-mean, or where several kinds share the name.
Algorithm find_algorithm(const std::string& name);

}  // namespace assay::cli
