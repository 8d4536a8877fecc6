// Method   a regular file is read in pieces, by threads, into huge pages. It is not mapped: a map of a file that shrinks is a
//          SIGBUS, and one that changes would change under the reader's feet. That costs one more copy: 200 MB take 60 ms
//          of processor time, a map 20 ms (measured). Pipes are read until they end, into a buffer that doubles.
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

/// Reads exactly `size` bytes from the beginning, in pieces of a few huge pages.
void read_pieces(int fd, char* to, size_t size, const std::string& name, int threads) {
  constexpr Index kPiece = Index{8} << 20;
  parallel_for(threads, static_cast<Index>(size), kPiece, [&](Index begin, Index end) {
    while (begin < end) {
      const ssize_t got = ::pread(fd, to + begin, static_cast<size_t>(end - begin), begin);
      if (got == 0) fail(name, "became shorter while it was read");
      if (got > 0)
        begin += got;
      else if (errno != EINTR)
        fail_system(name, "cannot be read", errno);
      else if (const int signal = pending_signal())
        throw Cancelled(signal);
    }
  });
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

}  // namespace

Input Input::open(const std::string& path, uint64_t limit, int threads) {
  Input input;
  input.name_ = path == "-" ? "standard input" : path;
  int fd = STDIN_FILENO;
  if (path != "-") {
    do fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR && !pending_signal());
    if (fd < 0) fail_system(input.name_, "cannot be opened", errno);
  }
  const Descriptor descriptor(fd);

  struct stat status {};
  if (::fstat(fd, &status) != 0) fail_system(input.name_, "cannot be read", errno);
  if (S_ISDIR(status.st_mode)) fail(input.name_, "is a folder, not a file");

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

}  // namespace assay
