#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <random>
#include <sstream>

#include "assay/core/error.h"
#include "assay/core/parallel.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/report/html/source_lines.h"
#include "cli/trace_sink.h"
#include "tests/cli/report/page_check.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::cli;
using namespace assay::test;

namespace {

TraceStep numbered(long t) {
  TraceStep step;
  step.kind = "newton";
  step.why = "because " + std::to_string(t);
  step.fields = {{"t", static_cast<long long>(t), "iteration"},
                 {"F", 100.0 / static_cast<double>(t + 1), "objective"},
                 {"ok", true, "flag"},
                 {"w", std::vector<double>{1, 2, NAN}, "weights"}};
  return step;
}

std::vector<nlohmann::json> lines_of(const std::string& path) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(read_text(path));
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TraceOptions options_for(const Scratch& scratch) {
  TraceOptions o;
  o.folder = scratch / "trace";
  o.title = "newton on @iris";
  o.version = "0.1.0";
  return o;
}

}  // namespace

TEST_CASE("steps to keep: the first 50, then ever fewer, always the last, never more than the budget") {
  for (const long total : {1L, 2L, 50L, 199L, 200L, 201L, 220L, 1000L, 123457L, 100000000L})
    for (const int budget : {2, 3, 10, 100, 200, 1000}) {
      const auto kept = steps_to_keep(total, budget);
      INFO(total << " steps, budget " << budget);
      REQUIRE(!kept.empty());
      CHECK(kept.size() == static_cast<size_t>(std::min<long>(total, budget)));
      CHECK(kept.front() == 0);
      CHECK(kept.back() == total - 1);
      for (size_t i = 1; i < kept.size(); ++i) CHECK(kept[i] > kept[i - 1]);
    }
  const auto kept = steps_to_keep(100000, 200);
  for (long i = 0; i < 50; ++i) CHECK(kept[static_cast<size_t>(i)] == i);
  for (size_t i = 60; i < 199; ++i) CHECK(kept[i + 1] - kept[i] >= kept[i] - kept[i - 1] - 1);  // the gaps grow
}

TEST_CASE("trace: all steps up to the budget, in order, as JSON lines with missing numbers as null") {
  const Scratch scratch;
  FolderTrace trace(options_for(scratch));
  for (long t = 0; t < 30; ++t) trace.step("", numbered(t));
  CHECK(trace.finish() == scratch / "trace/index.html");
  const auto lines = lines_of(scratch / "trace/newton.jsonl");
  REQUIRE(lines.size() == 30);
  CHECK(lines[4]["_step"] == 5);
  CHECK(lines[4]["_why"] == "because 4");
  CHECK(lines[4]["F"] == 20.0);
  CHECK(lines[4]["ok"] == true);
  CHECK(lines[4]["w"][2].is_null());
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page_problems(page).empty());
  CHECK(page.find("What was left out") == std::string::npos);
  CHECK(page.find("id=\"s1-30\"") != std::string::npos);
}

TEST_CASE("trace: of many steps the kept ones are the wanted ones or near them, and the page says what was left out") {
  const Scratch scratch;
  FolderTrace trace(options_for(scratch));
  const long total = 20000;
  for (long t = 0; t < total; ++t) trace.step("fold-1/tree-2", numbered(t));
  trace.finish();
  const auto lines = lines_of(scratch / "trace/fold-1/tree-2/newton.jsonl");
  CHECK(lines.size() <= 200);
  CHECK(lines.size() >= 150);
  for (size_t i = 0; i < 50; ++i) CHECK(lines[i]["_step"] == static_cast<long>(i) + 1);
  CHECK(lines.back()["_step"] == total);
  for (size_t i = 51; i < lines.size(); ++i)
    CHECK(lines[i]["_step"].get<double>() / lines[i - 1]["_step"].get<double>() < 1.15);
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page.find("of 20\u202F000 steps of &quot;newton&quot; were kept") != std::string::npos);
}

TEST_CASE("trace: pictures of each depth become PNG files beside the page, with what black and white stand for") {
  const Scratch scratch;
  FolderTrace trace(options_for(scratch));
  const cv::Mat_<float> gx = (cv::Mat_<float>(2, 3) << -4, 0, 2, 1, 0, -1);
  const cv::Mat colour(2, 3, CV_8UC3, cv::Scalar(255, 0, 0));
  TraceImage picture{"gx",
                     "Derivative along x",
                     "Grey is zero",
                     {gx.data, 3, 2, 1, Depth::f32, gx.step[0]},
                     true,
                     {{"m", 4.0, "largest"}},
                     "",
                     ""};
  trace.image("", picture);
  picture.stage = "direction", picture.stretch = false;
  picture.view = {colour.data, 3, 2, 3, Depth::u8, colour.step[0]};
  trace.image("", picture);
  trace.finish();
  const cv::Mat read = read_image(scratch / "trace/001-gx.png");
  REQUIRE(read.type() == CV_8UC1);
  CHECK(read.at<uint8_t>(0, 0) == 0);
  CHECK(read.at<uint8_t>(0, 1) == 128);
  CHECK(read.at<uint8_t>(0, 2) == 191);
  CHECK(read_image(scratch / "trace/002-direction.png").at<cv::Vec3b>(1, 2) == cv::Vec3b(255, 0, 0));
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page_problems(page).empty());
  CHECK(page.find("alt=\"Derivative along x: Grey is zero\"") != std::string::npos);
  CHECK(page.find("Black is -4, white is 4.") != std::string::npos);
  CHECK(page.find("src=\"001-gx.png\"") != std::string::npos);
}

TEST_CASE("trace: a step with a place is shown in the pictures of its run") {
  const Scratch scratch;
  FolderTrace trace(options_for(scratch));
  const cv::Mat grey(40, 40, CV_8UC1, cv::Scalar(9));
  trace.image("", {"input", "Input", "A picture", {grey.data, 40, 40, 1, Depth::u8, grey.step[0]}, false, {}, "", ""});
  TraceStep pixel;
  pixel.kind = "pixel";
  pixel.fields = {{"x", 12LL, ""}, {"y", 20LL, ""}, {"angle_deg", 90.0, ""}};
  trace.step("", pixel);
  TraceStep link;
  link.kind = "link";
  link.fields = {{"x", std::vector<double>{1, 2, 3}, ""}, {"y", std::vector<double>{5, 5, 6}, ""}};
  trace.step("", link);
  trace.finish();
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page_problems(page).empty());
  CHECK(page.find("Pixel at (12, 20)") != std::string::npos);
  CHECK(page.find("Link at (1, 5)") != std::string::npos);
  CHECK(count_of(page, "<image href=\"001-input.png\"") == 2);
}

TEST_CASE("trace: a small budget of bytes is kept, and pictures that did not fit are named") {
  const Scratch scratch;
  TraceOptions options = options_for(scratch);
  options.max_bytes = 60'000;
  FolderTrace trace(options);
  cv::Mat noise(64, 64, CV_8UC1);
  std::mt19937 random(1);  // does not compress
  for (int i = 0; i < 40; ++i) {
    for (int p = 0; p < 4096; ++p) noise.data[p] = static_cast<uint8_t>(random() >> 24);
    trace.image("",
                {"centres", "Centres", "Where they are", {noise.data, 64, 64, 1, Depth::u8, 64}, false, {}, "", ""});
    trace.step("", numbered(i));
  }
  trace.finish();
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "trace"))
    if (entry.path().filename() != "index.html") bytes += entry.file_size();
  CHECK(bytes <= 60'000);
  CHECK(bytes > 20'000);
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page.find("of 40 pictures of &quot;centres&quot; were kept") != std::string::npos);
  CHECK(std::filesystem::exists(scratch / "trace/001-centres.png"));
  CHECK(std::filesystem::exists(scratch / "trace/040-centres.png"));
}

TEST_CASE("trace: hundreds of long paths stay a page under 3 MB, in natural order, the rest named with its files") {
  const Scratch scratch;
  FolderTrace trace(options_for(scratch));
  for (int path = 0; path < 150; ++path)
    for (long t = 0; t < 200; ++t) trace.step("tree-" + std::to_string(path), numbered(t));
  trace.finish();
  const std::string page = read_text(scratch / "trace/index.html");
  CHECK(page.size() < 3'000'000);
  CHECK(page_problems(page).empty());
  CHECK(page.find(">tree-2<") < page.find(">tree-10<"));
  CHECK(page.find("The page would be too large") != std::string::npos);
  CHECK(std::filesystem::exists(scratch / "trace/tree-149/newton.jsonl"));
}

TEST_CASE("trace: the folder does not depend on which thread came first", "[parallel]") {
  const Scratch one, two;
  for (const auto& [scratch, threads] : {std::pair<const Scratch*, int>{&one, 1}, {&two, 4}}) {
    FolderTrace trace(options_for(*scratch));
    parallel_for(threads, 12, 1, [&](Index begin, Index end) {
      for (Index p = begin; p < end; ++p)
        for (long t = 0; t < 300; ++t) trace.step("tree-" + std::to_string(p), numbered(t + p));
    });
    trace.finish();
  }
  CHECK(read_text(one / "trace/index.html") == read_text(two / "trace/index.html"));
  CHECK(read_text(one / "trace/tree-7/newton.jsonl") == read_text(two / "trace/tree-7/newton.jsonl"));
}

TEST_CASE("trace: hostile words stay text, and no path leaves the folder") {
  const Scratch scratch;
  TraceOptions options = options_for(scratch);
  options.title = "<script>alert(1)</script>";
  FolderTrace trace(options);
  TraceStep step;
  step.kind = "../../evil";
  step.why = "</p><script>alert(1)</script>";
  step.fields = {{"<b>", std::string("\u202E\"'><img src=x onerror=y>"), "]]>"}, {"\xFF", 1.5, "\x1b[31m"}};
  for (int i = 0; i < 4; ++i) trace.step("../up/<b>", step);
  trace.finish();
  CHECK(std::filesystem::exists(scratch / "trace/_./up/_b_/_._.._evil.jsonl"));
  const std::string page = read_text(scratch / "trace/index.html");
  const auto problems = page_problems(page);
  CAPTURE(problems);
  CHECK(problems.empty());
  CHECK(count_of(page, "<script>") == 1);
  CHECK(lines_of(scratch / "trace/_./up/_b_/_._.._evil.jsonl").size() == 4);
}

TEST_CASE("trace: nothing traced is a page that says so; a folder that cannot be made is an OutputError") {
  const Scratch scratch;
  FolderTrace empty(options_for(scratch));
  empty.finish();
  CHECK(read_text(scratch / "trace/index.html").find("Nothing was traced") != std::string::npos);
  TraceOptions options = options_for(scratch);
  options.folder = scratch / "trace/index.html" + "/below-a-file";
  FolderTrace blocked(options);
  CHECK_THROWS_AS(blocked.finish(), OutputError);
}

TEST_CASE("source lines: the definition of a function with its template head and comment, not a call of it") {
  const std::string root = test::source_path();
  const report::SourceLines found = report::source_lines(root, "cli/report/html/source_lines.cpp:opens_definition");
  REQUIRE(found.first_line > 0);
  CHECK(found.lines.front().rfind("// The column of", 0) == 0);
  CHECK(found.lines.back() == "}");
  CHECK(report::source_lines(root, "cli/report/html/source_lines.cpp:no_such").first_line == 0);
  CHECK(report::source_lines(root, "cli/no_such.cpp:f").first_line == 0);
  CHECK(report::source_lines(root, "../../etc/passwd:root").first_line == 0);
  CHECK(report::source_lines(root, "/etc/passwd:root").first_line == 0);
  CHECK(report::source_lines("", "core/text.cpp:trim").file == "core/text.cpp");
}
