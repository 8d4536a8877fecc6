// Method   1 resolve symlinks   2 a regular file or a new name: create a temporary beside it, with the old owner and
//          mode; anything else: open it straight   3 buffered, checked writes   4 commit: flush, fsync, close, rename,
//          fsync of the folder   5 without commit: unlink the temporary
#include "assay/core/output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "assay/core/error.h"

namespace assay {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;

// ---- temporaries a signal handler must find: plain storage, states are atomics that need no lock

struct Slot {
  enum State : int { empty, filling, ready };
  std::atomic<int> state{empty};
  char path[PATH_MAX];
};
std::array<Slot, 64> slots;
static_assert(std::atomic<int>::is_always_lock_free);

int register_temporary(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (size_t i = 0; i < slots.size(); ++i) {
    int expected = Slot::empty;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::filling)) continue;
    std::memcpy(slots[i].path, path.c_str(), path.size() + 1);
    slots[i].state.store(Slot::ready);
    return static_cast<int>(i);
  }
  return -1;  // more than 64 files at once: written as safely, only not cleaned up after a second signal
}

void unregister_temporary(int slot) {
  if (slot >= 0) slots[static_cast<size_t>(slot)].state.store(Slot::empty);
}

void unlink_registered() {  // async-signal-safe
  for (Slot& slot : slots)
    if (slot.state.load() == Slot::ready) ::unlink(slot.path);
}

// ---- signals

std::atomic<std::atomic<int>*> signal_flag{nullptr};

extern "C" void on_signal(int signal) {
  const int kept = errno;
  std::atomic<int>* flag = signal_flag.load();
  int expected = 0;
  if (!flag || !flag->compare_exchange_strong(expected, signal)) {
    unlink_registered();
    ::_exit(128 + signal);
  }
  errno = kept;
}

extern "C" void on_broken_pipe(int signal) {
  unlink_registered();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

// ---- paths

/// Follows symlinks, also one that points to a name that does not exist yet.
std::string resolved(std::string path) {
  std::array<char, PATH_MAX> buffer{};
  for (int hops = 0; hops < 40; ++hops) {
    const ssize_t n = ::readlink(path.c_str(), buffer.data(), buffer.size());
    if (n < 0) return path;
    const std::string link(buffer.data(), static_cast<size_t>(n));
    const size_t slash = path.rfind('/');
    path = link[0] == '/' || slash == std::string::npos ? link : path.substr(0, slash + 1) + link;
  }
  return path;  // a loop: opening it says so
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

/// Number of a descriptor that is named as a file; -1. "/dev/stdout" may lead to a regular file, yet is not its name.
int named_descriptor(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string prefix : {"/dev/fd/", "/proc/self/fd/"})
    if (path.starts_with(prefix) && path.size() > prefix.size() && path.size() < prefix.size() + 7 &&
        path.find_first_not_of("0123456789", prefix.size()) == std::string::npos)
      return std::stoi(path.substr(prefix.size()));
  return -1;
}

int open_retrying(const char* path, int flags, mode_t mode) {
  int fd;
  do fd = ::open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
  while (fd < 0 && errno == EINTR && !pending_signal());
  return fd;
}

/// A new file in `folder` that nobody else has; `name` receives its path. -1 with errno.
int create_temporary(const std::string& folder, mode_t mode, std::string& name) {
  static std::atomic<unsigned> counter{0};
  for (int tries = 0; tries < 1000; ++tries) {
    name = folder + ".assay-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
    const int fd = open_retrying(name.c_str(), O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

}  // namespace

Output::Output(const std::string& path) : path_(path == "-" ? "standard output" : path) {
  if (const int fd = named_descriptor(path); fd >= 0) {
    fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd_ < 0) fail("cannot be opened");
    return;
  }
  target_ = resolved(path);
  struct stat old {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) fail("cannot be written");
  if (exists && S_ISDIR(old.st_mode)) {
    errno = EISDIR;
    fail("cannot be written");
  }
  if (exists && !S_ISREG(old.st_mode)) {
    fd_ = open_retrying(target_.c_str(), O_WRONLY, 0);
    if (fd_ < 0) fail("cannot be opened");
    return;
  }
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("cannot be written");
  fd_ = create_temporary(folder_of(target_), exists ? 0600 : 0666, temporary_);
  if (fd_ < 0) {
    temporary_.clear();
    fail("cannot be created");
  }
  slot_ = register_temporary(temporary_);
  if (exists) {
    // The old owner where we may; without it the set-user bits must not pass on.
    const bool owned = ::fchown(fd_, old.st_uid, old.st_gid) == 0;
    if (::fchmod(fd_, old.st_mode & (owned ? 07777 : 0777)) != 0) fail("cannot be given its old mode");
  }
}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      buffer_(std::move(other.buffer_)),
      fd_(other.fd_),
      slot_(other.slot_),
      prepared_(other.prepared_),
      done_(other.done_) {
  other.fd_ = other.slot_ = -1;
  other.temporary_.clear();
  other.done_ = true;
}

Output::~Output() { abandon(); }

void Output::abandon() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  unregister_temporary(slot_);
  slot_ = -1;
}

void Output::fail(const char* what) {
  const int code = errno;
  abandon();
  throw OutputError(std::string(what) + ": " + std::generic_category().message(code), "", Place{path_});
}

void Output::write_through(const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd_, bytes, size);
    if (n < 0) {
      if (errno != EINTR) fail("cannot be written");
      if (const int signal = pending_signal()) throw Cancelled(signal);
      continue;
    }
    bytes += n;
    size -= static_cast<size_t>(n);
  }
}

void Output::flush() {
  write_through(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void Output::write(std::string_view bytes) {
  if (fd_ < 0) throw OutputError("is closed already", "", Place{path_});
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes)
    write_through(bytes.data(), bytes.size());
  else
    buffer_ += bytes;
}

void Output::prepare() {
  if (done_ || prepared_) return;
  if (fd_ < 0) throw OutputError("is closed already", "", Place{path_});
  flush();
  if (!temporary_.empty() && ::fsync(fd_) != 0 && errno != EINVAL && errno != ENOSYS) fail("cannot be written");
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0 && errno != EINTR) fail("cannot be written");
  prepared_ = true;
}

void Output::commit() {
  if (done_) return;
  prepare();
  if (!temporary_.empty()) {
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced");
    temporary_.clear();
    unregister_temporary(slot_);
    slot_ = -1;
    const std::string folder = folder_of(target_);
    const int fd = open_retrying(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0) {  // the rename outlives a power cut; a file system that cannot sync a folder is no error
      ::fsync(fd);
      ::close(fd);
    }
  }
  done_ = true;
}

void check_writable(const std::string& path) {
  struct stat old {};
  const bool special = ::stat(path.c_str(), &old) == 0 && !S_ISREG(old.st_mode) && !S_ISDIR(old.st_mode);
  if (named_descriptor(path) < 0 && !special) Output probe(path);  // leaves nothing behind
}

void write_file(const std::string& path, std::string_view bytes) {
  Output out(path);
  out.write(bytes);
  out.commit();
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && !std::filesystem::is_directory(path, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw OutputError("the folder cannot be made: " + error.message(), "", Place{path});
}

void install_signal_handlers(std::atomic<int>* flag) {
  signal_flag.store(flag);
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &action, nullptr);
  action.sa_handler = on_broken_pipe;
  ::sigaction(SIGPIPE, &action, nullptr);
  action.sa_handler = on_signal;  // without SA_RESTART: a blocked read or write returns and looks at the flag
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction old {};
    ::sigaction(signal, nullptr, &old);
    if (signal == SIGHUP && old.sa_handler == SIG_IGN) continue;  // nohup
    ::sigaction(signal, &action, nullptr);
  }
}

int pending_signal() {
  const std::atomic<int>* flag = signal_flag.load();
  return flag ? flag->load() : 0;
}

}  // namespace assay
