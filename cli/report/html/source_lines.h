// cli/report/html/source_lines.h: the lines of a function, read from the source tree, to stand beside what it did.
#pragma once
#include <string>
#include <vector>

namespace assay::report {

struct SourceLines {
  std::string file, function;
  int first_line = 0;  ///< 0: not found
  std::vector<std::string> lines;
  bool cut = false;
};

/// `where` is "file:function" or "file:Class::function". Looks for the definition of the function in `root`/file, at most `limit` lines of it; where
/// the tree, the file or the definition is not there, only the names are known. A `where` that would leave the tree
/// (an absolute path, "..") is not read.
SourceLines source_lines(const std::string& root, const std::string& where, size_t limit = 40);

}  // namespace assay::report
