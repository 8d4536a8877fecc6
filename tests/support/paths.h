// Where the tree's files are, for tests.
#pragma once
#include <string>

namespace assay::test {

std::string source_path();                          ///< the root of the tree
std::string golden_path(const std::string& name);   ///< of a file in tests/golden
std::string dataset_path(const std::string& name);  ///< of a file in datasets
std::string program_path();                         ///< the built program; empty where there is none

}  // namespace assay::test
