// The program as a process: streams, signals, devices, exit codes.
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;
using Catch::Matchers::Contains;

namespace {

const std::string kTable = "x,y\n1,a\n2,a\n3,b\n4,b\n5,a\n6,b\n";

// A table whose predictions fill more than the buffer of a pipe.
std::string large_table(const std::string& path) {
  std::string text;
  unsigned state = 1;
  for (int f = 0; f < 40; ++f) text += "f" + std::to_string(f) + ",";
  text += "y\n";
  for (int i = 0; i < 6000; ++i) {
    for (int f = 0; f < 40; ++f) {
      state = state * 1664525u + 1013904223u;
      text += std::to_string(static_cast<double>(state >> 8) / 16777216.0) + ",";
    }
    text += "c" + std::to_string((state >> 16) % 12) + "\n";
  }
  return put_file(path, text);
}

}  // namespace

TEST_CASE("process: assay alone, --version, and an unknown verb") {
  CHECK(assay_process({}).code == 2);
  const Outcome version = assay_process({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.rfind("assay ", 0) == 0);
  CHECK(assay_process({"vresion"}).code == 2);
}

TEST_CASE("process: - reads standard input and writes standard output") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", kTable), m = folder / "m.json";
  const auto from_csv = [&] { redirect(0, csv.c_str()); };
  REQUIRE(assay_process({"fit", "tree", "-", "--out", m}, from_csv).code == 0);
  const Outcome piped = assay_process({"predict", m, "-"}, from_csv);
  CHECK(piped.out == "prediction\na\na\nb\nb\na\nb\n");
  CHECK(piped.err.empty());
  CHECK(assay_process({"predict", m, "-", "--out", "-"}, from_csv).out == piped.out);
  const Outcome model = assay_process({"fit", "tree", csv, "--out", "-"});
  CHECK(model.out == file_text(m));
  CHECK(model.says("accuracy"));
  const Outcome empty = assay_process({"fit", "tree", "-"});
  CHECK(empty.code == 3);
  CHECK(empty.says("standard input"));
}

TEST_CASE("process: standard output on a full device is exit 7 with one line, for every kind of output") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", kTable), m = folder / "m.json";
  REQUIRE(assay_process({"fit", "tree", csv, "--out", m}).code == 0);
  for (const auto& args : std::vector<std::vector<std::string>>{{"--version"},
                                                                {"help"},
                                                                {"fit", "--help"},
                                                                {"list"},
                                                                {"fit", "tree", csv, "--quiet"},
                                                                {"fit", "tree", csv, "--json"},
                                                                {"predict", m, csv},
                                                                {"predict", m, csv, "--out", "-"},
                                                                {"explain", m},
                                                                {"completion", "bash"}}) {
    const Outcome o = assay_process(args, [] { redirect(1, "/dev/full"); });
    INFO(nlohmann::json(args).dump() << " -> " << o.err);
    CHECK(o.code == 7);
    CHECK(o.says("standard output"));
  }
  CHECK(folder.names() == std::vector<std::string>{"d.csv", "m.json"});
}

TEST_CASE("process: --out /dev/full is exit 7, and /dev/full is a device afterwards") {
  const Scratch folder;
  const std::string csv = put_file(folder / "d.csv", kTable), m = folder / "m.json";
  REQUIRE(assay_process({"fit", "tree", csv, "--out", m}).code == 0);
  for (const auto& args : std::vector<std::vector<std::string>>{{"fit", "tree", csv, "--out", "/dev/full"},
                                                                {"predict", m, csv, "--out", "/dev/full"}}) {
    const Outcome o = assay_process(args);
    CHECK(o.code == 7);
    CHECK(o.says("/dev/full: cannot be written: No space left on device"));
  }
  struct stat status {};
  REQUIRE(::stat("/dev/full", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
  CHECK(folder.names() == std::vector<std::string>{"d.csv", "m.json"});
}

TEST_CASE("process: a limit on the file size leaves the old file whole and nothing else") {
  const Scratch folder;
  const std::string m = put_file(folder / "m.json", "the old one");
  const Outcome o = assay_process({"fit", "logistic", "@digits", "--no-score", "--out", m}, [] {
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  });
  CHECK(o.code == 7);
  CHECK(file_text(m) == "the old one");
  CHECK(folder.names() == std::vector<std::string>{"m.json"});
}

TEST_CASE("process: SIGINT ends with 130 and SIGTERM with 143, and nothing half written is left") {
  const Scratch folder;
  for (const int signal : {SIGINT, SIGTERM}) {
    // Thousands of fits: minutes of work on any machine.
    const Outcome o =
        assay_process({"compare", "@digits", "--algos", "logistic", "--repeat", "1000", "--report", folder / "r.html"},
                      {}, [&](pid_t child) {
                        std::this_thread::sleep_for(std::chrono::milliseconds(500));
                        ::kill(child, signal);
                      });
    INFO(o.err);
    CHECK(o.signal == 0);
    CHECK(o.code == 128 + signal);
    CHECK(o.says("assay: interrupted"));
    CHECK(o.out.empty());
    CHECK(folder.names().empty());
  }
}

TEST_CASE("process: SIGINT while standard input is awaited ends with 130") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Outcome o = assay_process(
      {"fit", "tree", "-"}, [&] { ::dup2(ends[0], 0); },
      [](pid_t child) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        ::kill(child, SIGINT);
      });
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(o.code == 130);
}

TEST_CASE("process: a reader that goes away ends it silently") {
  const Scratch folder;
  const std::string csv = large_table(folder / "d.csv"), m = folder / "m.json";
  REQUIRE(assay_process({"fit", "dummy", csv, "--no-score", "--out", m}).code == 0);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Outcome o = assay_process(
      {"predict", m, csv, "--proba"}, [&] { ::dup2(ends[1], 1); },
      [&](pid_t) {
        ::close(ends[1]);
        char first[16];
        const ssize_t got = ::read(ends[0], first, sizeof first);  // like head -1
        CHECK(got > 0);
        ::close(ends[0]);
      });
  CHECK(o.err.empty());
  CHECK((o.signal == SIGPIPE || o.code == 0));
  // Enough rows that the pipe's buffer cannot hold them: the write must have failed.
  CHECK(o.signal == SIGPIPE);
}

TEST_CASE("process: --json on a process is one object on standard output") {
  const Outcome o = assay_process({"compare", "@iris", "--json"});
  CHECK(o.code == 0);
  CHECK(o.err.empty());
  CHECK(o.json()["verb"] == "compare");
}
