// Reads a golden file of tests/golden: numbers frozen from a named tool, version and call.
#pragma once
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace assay::test {

inline std::string golden_path(const std::string& name) { return std::string(ASSAY_TEST_GOLDEN) + "/" + name; }
inline std::string dataset_path(const std::string& name) { return std::string(ASSAY_TEST_DATASETS) + "/" + name; }

inline nlohmann::json golden(const std::string& name) {
  std::ifstream in(golden_path(name));
  if (!in) throw std::runtime_error("no golden file " + golden_path(name));
  return nlohmann::json::parse(in);
}

}  // namespace assay::test
