#include "cli/bundled.h"

#include <algorithm>
#include <filesystem>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace fs = std::filesystem;

namespace assay::cli {
namespace {

// The datasets of this installation, or of the tree the program was built from.
fs::path datasets_folder() {
  std::error_code ignore;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignore);
  for (const fs::path& folder : {program.parent_path() / "../share/assay/datasets", fs::path(ASSAY_INSTALL_DATASETS),
                                 fs::path(ASSAY_SOURCE_DATASETS)})
    if (fs::is_directory(folder / "tables", ignore)) return folder;
  return {};
}

// name -> path, tables first.
std::vector<std::pair<std::string, std::string>> bundled_files() {
  std::vector<std::pair<std::string, std::string>> files;
  const fs::path root = datasets_folder();
  for (const char* folder : {"tables", "pictures", "chessboards"}) {
    std::vector<std::pair<std::string, std::string>> here;
    std::error_code ignore;
    for (const auto& entry : fs::directory_iterator(root / folder, ignore)) {
      const std::string ending = entry.path().extension().string();
      if (ending == ".csv" || ending == ".png" || ending == ".jpg")
        here.emplace_back(entry.path().stem().string(), entry.path().string());
    }
    std::sort(here.begin(), here.end());
    files.insert(files.end(), here.begin(), here.end());
  }
  return files;
}

}  // namespace

std::string resolve_path(const std::string& path) {
  if (!path.starts_with("@")) return path;
  std::string name = path.substr(1);
  std::replace(name.begin(), name.end(), '-', '_');
  const auto files = bundled_files();
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (file.first == name) return file.second;
    names.push_back("@" + file.first);
  }
  if (files.empty())
    throw UsageError("the bundled data sets were not found, so " + quoted(path) + " means nothing here");
  throw UsageError("there is no bundled data set or picture " + quoted(path) + did_you_mean(path, names),
                   "there are: " + join(names, " "));
}

std::vector<std::string> bundled_names() {
  std::vector<std::string> names;
  for (const auto& file : bundled_files()) names.push_back(file.first);
  return names;
}

}  // namespace assay::cli
