#include "assay/core/output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace assay;
using assay::test::Scratch;

namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode;
}

/// Runs `body` in a child with its own signals and limits; returns the wait status.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int code = 0;
    try {
      code = body();
    } catch (const Error& error) {
      code = error.exit_code();
    } catch (...) {
      code = 99;
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("output: a new file appears whole at commit and not before") {
  const Scratch folder;
  const std::string path = folder / "new.txt";
  Output out(path);
  out.write("one ");
  CHECK_FALSE(std::filesystem::exists(path));
  out.write("two");
  out.commit();
  CHECK(content(path) == "one two");
  CHECK(folder.names() == std::vector<std::string>{"new.txt"});
}

TEST_CASE("output: without commit the old file stays and nothing is left behind") {
  const Scratch folder;
  const std::string path = folder / "old.txt";
  write_file(path, "old");
  {
    Output out(path);
    out.write(std::string(3 << 20, 'x'));
    CHECK(folder.names().size() == 2);
  }
  CHECK(content(path) == "old");
  CHECK(folder.names() == std::vector<std::string>{"old.txt"});
}

TEST_CASE("output: a write larger than the buffer and many small ones arrive in order") {
  const Scratch folder;
  std::string expected;
  Output out(folder / "big");
  for (int i = 0; i < 60000; ++i) {
    const std::string piece = std::to_string(i) + (i % 20000 == 7 ? std::string(400000, 'b') : ",");
    out.write(piece);
    expected += piece;
  }
  out.commit();
  CHECK(content(folder / "big") == expected);
}

TEST_CASE("output: a replaced file keeps its mode, a symlink stays a symlink") {
  const Scratch folder;
  const std::string real = folder / "real.txt", link = folder / "link.txt";
  write_file(real, "old");
  REQUIRE(::chmod(real.c_str(), 0640) == 0);
  REQUIRE(::symlink("real.txt", link.c_str()) == 0);
  write_file(link, "new");
  CHECK(content(real) == "new");
  CHECK(std::filesystem::is_symlink(link));
  CHECK((mode_of(real) & 07777) == 0640);
  CHECK(folder.names() == std::vector<std::string>{"link.txt", "real.txt"});
}

TEST_CASE("output: a symlink to a name that does not exist yet creates that name") {
  const Scratch folder;
  REQUIRE(::symlink("target", (folder / "link").c_str()) == 0);
  write_file(folder / "link", "x");
  CHECK(content(folder / "target") == "x");
  CHECK(std::filesystem::is_symlink(folder / "link"));
}

TEST_CASE("output: a full device is an OutputError and stays a device") {
  REQUIRE(S_ISCHR(mode_of("/dev/full")));
  CHECK_THROWS_AS(write_file("/dev/full", "x"), OutputError);
  CHECK_THROWS_AS(write_file("/dev/full", std::string(1 << 20, 'x')), OutputError);
  CHECK(S_ISCHR(mode_of("/dev/full")));
  try {
    write_file("/dev/full", "x");
  } catch (const OutputError& error) {
    CHECK(std::string(error.what()) == "/dev/full: cannot be written: No space left on device");
    CHECK(error.exit_code() == 7);
  }
}

TEST_CASE("output: /dev/null is written straight and stays a device") {
  write_file("/dev/null", "x");
  CHECK(S_ISCHR(mode_of("/dev/null")));
}

TEST_CASE("output: a file limit midway leaves the old file whole and nothing else") {
  const Scratch folder;
  const std::string path = folder / "m.json";
  write_file(path, "old");
  const int status = in_child([&] {
    std::atomic<int> flag{0};
    install_signal_handlers(&flag);
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    write_file(path, std::string(4 << 20, 'x'));
    return 0;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(content(path) == "old");
  CHECK(folder.names() == std::vector<std::string>{"m.json"});
}

TEST_CASE("output: SIGTERM midway ends with 143, leaves the old file whole and nothing else") {
  const Scratch folder;
  const std::string path = folder / "m.json";
  write_file(path, "old");
  const int status = in_child([&] {
    std::atomic<int> flag{0};
    install_signal_handlers(&flag);
    Output out(path);
    out.write(std::string(1 << 20, 'x'));
    ::raise(SIGTERM);
    if (flag.load() != SIGTERM) return 98;
    throw Cancelled(flag.load());  // what Context::check_cancelled does
    return 0;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 143);
  CHECK(content(path) == "old");
  CHECK(folder.names() == std::vector<std::string>{"m.json"});
}

TEST_CASE("output: a second signal leaves at once and unlinks the temporaries") {
  const Scratch folder;
  const std::string path = folder / "m.json";
  write_file(path, "old");
  const int status = in_child([&] {
    std::atomic<int> flag{0};
    install_signal_handlers(&flag);
    Output one(path), two(folder / "other");
    one.write(std::string(1 << 20, 'x'));
    two.write(std::string(1 << 20, 'x'));
    ::raise(SIGINT);
    ::raise(SIGINT);
    return 0;  // not reached
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK(content(path) == "old");
  CHECK(folder.names() == std::vector<std::string>{"m.json"});
}

TEST_CASE("output: a reader that goes away ends the process silently and unlinks the temporaries") {
  const Scratch folder;
  const int status = in_child([&] {
    std::atomic<int> flag{0};
    install_signal_handlers(&flag);
    int ends[2];
    if (::pipe(ends) != 0) return 98;
    ::close(ends[0]);
    Output half_written(folder / "half");
    half_written.write(std::string(1 << 20, 'x'));
    write_file("/dev/fd/" + std::to_string(ends[1]), std::string(1 << 20, 'x'));
    return 0;
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGPIPE);
  CHECK(folder.names().empty());
}

TEST_CASE("output: a FIFO is written straight, and read by the other end") {
  const Scratch folder;
  const std::string path = folder / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int status = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      write_file(path, std::string(300000, 'f'));
      ::_exit(0);
    }
    CHECK(Input::open(path).bytes() == std::string(300000, 'f'));
    int s = 0;
    ::waitpid(child, &s, 0);
    return s;
  }();
  CHECK(status == 0);
  CHECK(S_ISFIFO(mode_of(path)));
  CHECK(folder.names() == std::vector<std::string>{"fifo"});
}

TEST_CASE("output: '-' goes to standard output, which stays open") {
  const Scratch folder;
  const std::string path = folder / "stdout";
  const int status = in_child([&] {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    ::dup2(fd, 1);
    write_file("-", "one ");
    write_file("/dev/stdout", "two ");
    write_file("-", "three");
    return 0;
  });
  CHECK(status == 0);
  CHECK(content(path) == "one two three");
}

TEST_CASE("output: a folder, a missing folder and a read-only file are errors that name the path") {
  const Scratch folder;
  CHECK_THROWS_WITH(Output(folder.path()), folder.path() + ": cannot be written: Is a directory");
  CHECK_THROWS_WITH(Output(folder / "no/such"), folder / "no/such" + ": cannot be created: No such file or directory");
  if (::geteuid() != 0) {
    write_file(folder / "ro", "x");
    ::chmod((folder / "ro").c_str(), 0444);
    CHECK_THROWS_AS(Output(folder / "ro"), OutputError);
  }
}

TEST_CASE("output: check_writable refuses what Output refuses, and leaves nothing behind") {
  const Scratch folder;
  CHECK_THROWS_AS(check_writable(folder.path()), OutputError);
  CHECK_THROWS_WITH(check_writable(folder / "no/such"),
                    folder / "no/such" + ": cannot be created: No such file or directory");
  write_file(folder / "old", "whole");
  CHECK_NOTHROW(check_writable(folder / "old"));
  CHECK_NOTHROW(check_writable(folder / "new"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(content(folder / "old") == "whole");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_NOTHROW(check_writable(folder / "pipe"));  // nobody reads: an open would wait
  CHECK_NOTHROW(check_writable("-"));
}

TEST_CASE("output: make_folder makes parents and refuses a file in the way") {
  const Scratch folder;
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  write_file(folder / "file", "x");
  CHECK_THROWS_AS(make_folder(folder / "file"), OutputError);
  CHECK_THROWS_AS(make_folder(folder / "file/below"), OutputError);
}
