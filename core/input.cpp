// Method   a regular file is read in pieces, by threads, into huge pages. It is not mapped: a map of a file that shrinks is a
//          SIGBUS, and one that changes would change under the reader's feet. That costs one more copy: 200 MB take 60 ms
//          of processor time, a map 20 ms (measured). Pipes are read until they end, into a buffer that doubles. Who can do
//          with pieces reads them where they are wanted: no page of a large file's copy has to be found and cleared then.
#include "assay/core/input.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/parallel.h"

namespace assay {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& message, const std::string& hint = "") {
  throw DataError(message, hint, Place{name});
}

[[noreturn]] void fail_system(const std::string& name, const char* what, int code) {
  fail(name, std::string(what) + ": " + std::generic_category().message(code));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > 2) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Anonymous pages, huge where the system has them; given back by the destructor.
class Pages {
 public:
  Pages() = default;
  Pages(size_t size, const std::string& name) : size_(size) {
    data_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data_ == MAP_FAILED) fail_system(name, "cannot be read", errno);
    ::madvise(data_, size, MADV_HUGEPAGE);
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  Pages(Pages&& other) noexcept : data_(std::exchange(other.data_, MAP_FAILED)), size_(other.size_) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pages() {
    if (data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  char* data() const { return static_cast<char*>(data_); }
  size_t size() const { return size_; }

 private:
  void* data_ = MAP_FAILED;
  size_t size_ = 0;
};

/// Reads up to `size` bytes; fewer only at the end of the file.
size_t read_fully(int fd, char* to, size_t size, const std::string& name) {
  constexpr size_t kMost = size_t{1} << 30;  // the system reads less than 2^31 at a time
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, to + done, std::min(size - done, kMost));
    if (got == 0) break;
    if (got < 0) {
      if (errno != EINTR) fail_system(name, "cannot be read", errno);
      if (const int signal = pending_signal()) throw Cancelled(signal);
      continue;
    }
    done += static_cast<size_t>(got);
  }
  return done;
}

/// Reads the bytes begin..end of a file.
void read_piece(int fd, char* to, Index begin, Index end, const std::string& name) {
  while (begin < end) {
    const ssize_t got = ::pread(fd, to, static_cast<size_t>(end - begin), begin);
    if (got == 0) fail(name, "became shorter while it was read");
    if (got > 0) {
      begin += got;
      to += got;
    } else if (errno != EINTR) {
      fail_system(name, "cannot be read", errno);
    } else if (const int signal = pending_signal()) {
      throw Cancelled(signal);
    }
  }
}

/// Reads `size` bytes from the beginning, in pieces of a few huge pages.
void read_pieces(int fd, char* to, size_t size, const std::string& name, int threads) {
  parallel_for(threads, static_cast<Index>(size), Index{8} << 20,
               [&](Index begin, Index end) { read_piece(fd, to + begin, begin, end, name); });
}

[[noreturn]] void fail_too_large(const std::string& name, uint64_t limit) {
  fail(name, "holds more than " + std::to_string(limit) + " bytes, the limit for such a file",
       "raise the limit to read it");
}

Pages read_stream(int fd, const std::string& name, uint64_t limit, size_t& size) {
  Pages pages(size_t{1} << 16, name);
  size = 0;
  for (;;) {
    size += read_fully(fd, pages.data() + size, pages.size() - size, name);
    if (size > limit) fail_too_large(name, limit);
    if (size < pages.size()) return pages;
    if (pages.size() > std::numeric_limits<size_t>::max() / 2) fail_too_large(name, limit);
    Pages larger(2 * pages.size(), name);
    std::memcpy(larger.data(), pages.data(), size);
    pages = std::move(larger);
  }
}

/// The file's descriptor, or that of standard input; it is no folder.
int open_file(const std::string& path, const std::string& name, struct stat& status) {
  int fd = STDIN_FILENO;
  if (path != "-") {
    do fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR && !pending_signal());
    if (fd < 0) fail_system(name, "cannot be opened", errno);
  }
  if (::fstat(fd, &status) != 0) {
    const int code = errno;
    if (fd > 2) ::close(fd);
    fail_system(name, "cannot be read", code);
  }
  if (S_ISDIR(status.st_mode)) {
    if (fd > 2) ::close(fd);
    fail(name, "is a folder, not a file");
  }
  return fd;
}

}  // namespace

Input Input::open(const std::string& path, uint64_t limit, int threads) {
  Input input;
  input.name_ = path == "-" ? "standard input" : path;
  struct stat status {};
  const Descriptor descriptor(open_file(path, input.name_, status));
  const int fd = descriptor.get();

  size_t size = 0;
  Pages pages;
  if (path != "-" && S_ISREG(status.st_mode) && status.st_size > 0) {
    if (static_cast<uint64_t>(status.st_size) > limit) fail_too_large(input.name_, limit);
    size = static_cast<size_t>(status.st_size);
    pages = Pages(size, input.name_);
    read_pieces(fd, pages.data(), size, input.name_, threads);
  } else {
    pages = read_stream(fd, input.name_, limit, size);
  }
  input.bytes_ = {pages.data(), size};
  input.owner_ = std::make_shared<const Pages>(std::move(pages));
  return input;
}

std::optional<PiecewiseInput> PiecewiseInput::open(const std::string& path, uint64_t limit) {
  if (path == "-") return std::nullopt;
  PiecewiseInput file;
  file.name_ = path;
  struct stat status {};
  const int fd = open_file(path, path, status);
  file.descriptor_ = std::shared_ptr<const int>(new int(fd), [](const int* mine) {
    ::close(*mine);
    delete mine;
  });
  if (!S_ISREG(status.st_mode) || status.st_size <= 0) return std::nullopt;
  if (static_cast<uint64_t>(status.st_size) > limit) fail_too_large(path, limit);
  file.size_ = static_cast<size_t>(status.st_size);
  return file;
}

void PiecewiseInput::read(size_t begin, size_t end, char* to) const {
  read_piece(*descriptor_, to, static_cast<Index>(begin), static_cast<Index>(end), name_);
}

}  // namespace assay
