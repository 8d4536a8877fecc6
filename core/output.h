// core/output.h: the one place where files are opened for writing.
//
// A regular file or a new name gets a temporary file beside it; `commit` checks, syncs and renames it, so that the old
// file stays whole until the new one is whole. A symlink is resolved first and the old mode kept. Anything else (device,
// FIFO, "-") is written straight. Each write and the close are checked. Without `commit` nothing remains.
#pragma once
#include <atomic>
#include <string>
#include <string_view>

namespace assay {

class Output {
 public:
  /// OutputError with the path and the system's reason.
  explicit Output(const std::string& path);
  ~Output();  ///< uncommitted: the temporary is unlinked
  Output(Output&&) noexcept;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  void write(std::string_view bytes);  ///< buffered; OutputError when the system refuses
  /// Writes everything out and checks it, so that `commit` has only the rename left: for files that belong together.
  void prepare();
  void commit();

 private:
  void flush();
  void write_through(const char* bytes, size_t size);
  void abandon() noexcept;
  [[noreturn]] void fail(const char* what);
  std::string path_, target_, temporary_, buffer_;
  int fd_ = -1;
  int slot_ = -1;  ///< in the table of temporaries a signal handler unlinks
  bool prepared_ = false, done_ = false;
};

/// Writes the whole file at once.
void write_file(const std::string& path, std::string_view bytes);

/// OutputError where a file of this name could not be made: to be asked before a long computation. Devices, FIFOs and standard
/// output are not touched.
void check_writable(const std::string& path);

/// Makes a folder and its parents; OutputError.
void make_folder(const std::string& path);

/// Ignores SIGXFSZ (a file limit becomes an ordinary error) and makes SIGINT, SIGTERM and SIGHUP set `flag` to their
/// number; a second one unlinks the registered temporaries and leaves with 128 + signal. SIGPIPE unlinks them and ends the
/// process silently.
void install_signal_handlers(std::atomic<int>* flag);

/// What the flag of install_signal_handlers holds; 0 where there is none. For system calls that a signal interrupted.
int pending_signal();

}  // namespace assay
