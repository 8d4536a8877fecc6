// core/archive.h: how a model writes itself to a file and reads itself back. The file is JSON (core/json.h, internal);
// models see only this: named numbers, texts, arrays and nested objects, with every check in one place.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assay/core/linalg.h"

namespace assay {

/// Writes one JSON object. Numbers must be finite (a missing one is written by the model as its own flag).
class ArchiveWriter {
 public:
  /// `node` points to a Json object of core/json.h.
  explicit ArchiveWriter(void* node) : root_(node) {}
  void flag(std::string_view name, bool value);
  void integer(std::string_view name, long long value);
  void number(std::string_view name, double value);
  void text(std::string_view name, const std::string& value);
  void numbers(std::string_view name, const std::vector<double>& values);
  void integers(std::string_view name, const std::vector<int>& values);
  void texts(std::string_view name, const std::vector<std::string>& values);
  void vector(std::string_view name, const Vector& values);
  void matrix(std::string_view name, const Matrix& values);  ///< {"rows","columns","values": row by row}
  ArchiveWriter object(std::string_view name);
  ArchiveWriter append(std::string_view name);  ///< a new object at the end of the array `name`

 private:
  void* node() const;  ///< follows steps_ from root_: an address would not survive the growth of its parent
  void* root_;
  std::vector<size_t> steps_;
};

/// Reads one JSON object. A missing name, a wrong type, a number that is not finite or outside [lo, hi], or an array
/// longer than the shape allows is a ModelError that names the path in the file.
class ArchiveReader {
 public:
  /// `node` points to a Json of core/json.h, which outlives the reader; `path` names it in messages ("model").
  ArchiveReader(const void* node, std::string path) : node_(node), path_(std::move(path)) {}
  bool has(std::string_view name) const;
  bool flag(std::string_view name) const;
  long long integer(std::string_view name, long long lo, long long hi) const;
  double number(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::vector<double> numbers(std::string_view name) const;
  std::vector<int> integers(std::string_view name, int lo, int hi) const;
  std::vector<std::string> texts(std::string_view name) const;
  Vector vector(std::string_view name, Eigen::Index size) const;                        ///< exactly `size` values
  Matrix matrix(std::string_view name, Eigen::Index rows, Eigen::Index columns) const;  ///< -1: any
  ArchiveReader object(std::string_view name) const;
  std::vector<ArchiveReader> objects(std::string_view name) const;
  const std::string& path() const { return path_; }
  [[noreturn]] void fail(const std::string& message) const;  ///< ModelError "model.trees[3]: message"

 private:
  const void* member(std::string_view name) const;    ///< null where it is absent
  const void* required(std::string_view name) const;  ///< ModelError where it is absent
  const void* node_;
  std::string path_;
};

}  // namespace assay
