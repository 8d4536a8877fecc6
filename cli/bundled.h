// cli/bundled.h: "@name" stands for a bundled data set or picture wherever a file may stand.
#pragma once
#include <string>
#include <vector>

namespace assay::cli {

/// The path of "@iris", "@camera", "@left01"; any other text is returned as it is. UsageError with a did-you-mean.
std::string resolve_path(const std::string& path);
/// Names without "@": tables first, then pictures.
std::vector<std::string> bundled_names();

}  // namespace assay::cli
