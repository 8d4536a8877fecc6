// core/input.h: the one place where files are opened for reading. Input is hostile until checked.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// Limits on what a file may ask of us, checked before anything is allocated. Each has an option of the same name.
struct InputBudget {
  uint64_t bytes = 64ull << 30;       ///< of one file
  uint64_t pixels = 100'000'000;      ///< of one picture
  uint64_t cell_bytes = 1 << 20;      ///< of one cell of a table
  uint64_t columns = 1'000'000;       ///< of a table
  uint64_t model_bytes = 1ull << 30;  ///< of a model file
  int depth = 64;                     ///< of nested JSON
};

/// The bytes of a file, whole, in memory. They are read, not mapped: a mapped file that shrinks is a SIGBUS.
class Input {
 public:
  /// Opens `path` ("-": standard input). DataError with the path and the system's reason, or where it exceeds `limit`;
  /// folders are refused. A file that shrinks while it is read is an error, never a crash. A large regular file is read
  /// by up to `threads` threads.
  static Input open(const std::string& path, uint64_t limit = InputBudget{}.bytes, int threads = 1);
  std::string_view bytes() const { return bytes_; }
  const std::string& name() const { return name_; }  ///< for messages: the path, or "standard input"
  Input(Input&&) noexcept = default;
  Input& operator=(Input&&) noexcept = default;

 private:
  Input() = default;
  std::string name_;
  std::shared_ptr<const void> owner_;
  std::string_view bytes_;
};

/// A regular file that is read in pieces, wherever and as often as they are wanted, by any thread.
class PiecewiseInput {
 public:
  /// Nothing where `path` is no regular file, or "-"; DataError as Input::open.
  static std::optional<PiecewiseInput> open(const std::string& path, uint64_t limit = InputBudget{}.bytes);
  size_t size() const { return size_; }
  /// Bytes begin..end of the file; DataError where it has become shorter.
  void read(size_t begin, size_t end, char* to) const;

 private:
  PiecewiseInput() = default;
  std::string name_;
  std::shared_ptr<const int> descriptor_;
  size_t size_ = 0;
};

}  // namespace assay
