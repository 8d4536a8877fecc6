#include "tests/support/paths.h"

namespace assay::test {

std::string source_path() { return ASSAY_TEST_SOURCE; }
std::string golden_path(const std::string& name) { return source_path() + "/tests/golden/" + name; }
std::string dataset_path(const std::string& name) { return source_path() + "/datasets/" + name; }
std::string program_path() { return ASSAY_TEST_PROGRAM; }

}  // namespace assay::test
