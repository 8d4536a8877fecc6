#include "assay/core/progress.h"

#include "tests/support/catch.h"

using namespace assay;
using namespace std::chrono_literals;

namespace {

struct Recorder : ProgressSink {
  std::vector<double> fractions;
  void update(double fraction, const std::string&) override { fractions.push_back(fraction); }
};

}  // namespace

TEST_CASE("progress: a part of a part maps to the whole run") {
  Recorder sink;
  const Progress run(&sink);
  run.part(1, 4).report(1, 2);             // half of the second quarter
  run.part(3, 4).part(1, 2).report(1, 1);  // the end
  CHECK(sink.fractions == std::vector<double>{0.375, 1.0});
}

TEST_CASE("progress: an empty handle reports to nobody") { Progress().part(0, 2).report(1, 2); }

TEST_CASE("progress bar: quiet in the first second, ten drawings a second at most, cleared at the end") {
  std::vector<std::string> written;
  ProgressBar::Clock::time_point now{};
  {
    ProgressBar bar([&](const std::string& text) { written.push_back(text); }, 80, [&] { return now; });
    now += 900ms;
    bar.update(0.1, "fold 1");
    CHECK(written.empty());
    now += 1100ms;  // at 2 s
    bar.update(0.25, "fold 1");
    REQUIRE(written.size() == 1);
    CHECK(written[0] == "\r\x1b[K[#######.......................]  25 %  0:02, 0:06 left  fold 1");
    now += 50ms;
    bar.update(0.26, "fold 1");
    CHECK(written.size() == 1);
    now += 60ms;
    bar.update(0.2, "fold 2");  // a bar never shrinks
    REQUIRE(written.size() == 2);
    CHECK(written[1].find(" 26 %") != std::string::npos);
  }
  REQUIRE(written.size() == 3);
  CHECK(written[2] == "\r\x1b[K");
}

TEST_CASE("progress bar: a line never reaches the last column of a narrow terminal") {
  std::vector<std::string> written;
  ProgressBar::Clock::time_point now{};
  ProgressBar bar([&](const std::string& text) { written.push_back(text); }, 30, [&] { return now; });
  now += 2s;
  bar.update(0.5, "a very long description of the step");
  REQUIRE(written.size() == 1);
  CHECK(written[0].size() == std::string("\r\x1b[K").size() + 29);
}
