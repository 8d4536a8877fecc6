#include "assay/core/input.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace assay;
using assay::test::Scratch;

TEST_CASE("input: a file is read whole, NUL bytes included") {
  const Scratch folder;
  const std::string bytes("a\0b\nc", 5);
  write_file(folder / "f", bytes);
  const Input input = Input::open(folder / "f");
  CHECK(input.bytes() == bytes);
  CHECK(input.name() == folder / "f");
}

TEST_CASE("input: an empty file has no bytes") {
  const Scratch folder;
  write_file(folder / "empty", "");
  CHECK(Input::open(folder / "empty").bytes().empty());
}

TEST_CASE("input: the bytes stay where they are when the input is moved") {
  const Scratch folder;
  write_file(folder / "f", "stay");
  Input first = Input::open(folder / "f");
  const char* at = first.bytes().data();
  const Input second = std::move(first);
  CHECK(second.bytes().data() == at);
  CHECK(second.bytes() == "stay");
}

TEST_CASE("input: a file that says it is empty and is not (as in /proc) is read until its end") {
  CHECK(Input::open("/proc/self/status").bytes().find("Name:") != std::string_view::npos);
}

TEST_CASE("input: missing files, folders and files above the limit are DataErrors that name the path") {
  const Scratch folder;
  CHECK_THROWS_WITH(Input::open(folder / "no"), folder / "no" + ": cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(Input::open(folder.path()), folder.path() + ": is a folder, not a file");
  write_file(folder / "f", std::string(1000, 'x'));
  CHECK(Input::open(folder / "f", 1000).bytes().size() == 1000);
  CHECK_THROWS_AS(Input::open(folder / "f", 999), DataError);
  CHECK_THROWS_AS(Input::open("/dev/zero", 100000), DataError);  // no size to ask for: stopped while reading
}

TEST_CASE("input: a regular file can be read in pieces; one that has become shorter is an error") {
  const Scratch folder;
  write_file(folder / "f", "0123456789");
  const auto file = PiecewiseInput::open(folder / "f");
  REQUIRE(file);
  CHECK(file->size() == 10);
  char piece[4];
  file->read(3, 7, piece);
  CHECK(std::string(piece, 4) == "3456");
  std::filesystem::resize_file(folder / "f", 5);
  CHECK_THROWS_WITH(file->read(3, 7, piece), folder / "f" + ": became shorter while it was read");
  CHECK_FALSE(PiecewiseInput::open("-"));
  CHECK_FALSE(PiecewiseInput::open("/dev/null"));
  CHECK_THROWS_AS(PiecewiseInput::open(folder / "no"), DataError);
  CHECK_THROWS_AS(PiecewiseInput::open(folder.path()), DataError);
  CHECK_THROWS_AS(PiecewiseInput::open(folder / "f", 4), DataError);
}

TEST_CASE("input: '-' reads standard input, here a pipe") {
  const std::string sent(200000, 'p');
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[1]);
    ::dup2(ends[0], 0);
    bool same = false;
    try {
      const Input input = Input::open("-");
      same = input.bytes() == sent && input.name() == "standard input";
    } catch (...) {
    }
    ::_exit(same ? 0 : 1);
  }
  ::close(ends[0]);
  for (size_t at = 0; at < sent.size();) {
    const ssize_t n = ::write(ends[1], sent.data() + at, sent.size() - at);
    REQUIRE(n > 0);
    at += static_cast<size_t>(n);
  }
  ::close(ends[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("input: a file that is cut again and again while it is read gives its bytes or an error, never a crash") {
  const Scratch folder;
  const std::string path = folder / "shrinks";
  write_file(path, std::string(8 << 20, 'x'));
  std::atomic<bool> stop{false};
  std::thread cutter([&] {
    while (!stop) {
      std::filesystem::resize_file(path, 100);
      std::filesystem::resize_file(path, 8 << 20);
    }
  });
  int whole = 0, refused = 0;
  for (int i = 0; i < 200; ++i) {
    try {
      const Input input = Input::open(path);
      size_t sum = 0;
      for (const char c : input.bytes()) sum += static_cast<unsigned char>(c);
      whole += sum < size_t{1} << 40;
    } catch (const DataError&) {
      ++refused;
    }
  }
  stop = true;
  cutter.join();
  CHECK(whole + refused == 200);
}
