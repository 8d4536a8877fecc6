// Reads a golden file of tests/golden: numbers frozen from a named tool, version and call.
#pragma once
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/support/paths.h"

namespace assay::test {

inline nlohmann::json golden(const std::string& name) {
  std::ifstream in(golden_path(name));
  if (!in) throw std::runtime_error("no golden file " + golden_path(name));
  return nlohmann::json::parse(in);
}

}  // namespace assay::test
