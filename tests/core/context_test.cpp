#include "assay/core/context.h"

#include "tests/support/catch.h"

using namespace assay;

namespace {

struct Step {
  static constexpr const char* kind = "step";
  int t;
  double f;
  std::string why = "because";
  static void fields(const Step& s, auto&& field) {
    field("t", s.t, "iteration");
    field("f", s.f, "objective");
  }
};

struct Recorder : TraceSink {
  std::vector<std::pair<std::string, TraceStep>> steps;
  void step(const std::string& path, const TraceStep& s) override { steps.emplace_back(path, s); }
  void image(const std::string&, const TraceImage&) override {}
};

struct Shares : ProgressSink {
  std::vector<double> seen;
  void update(double fraction, const std::string&) override { seen.push_back(fraction); }
};

}  // namespace

TEST_CASE("trace: a step is described only where somebody watches") {
  int made = 0;
  const auto make = [&] {
    ++made;
    return Step{3, 0.5};
  };
  const Context closed;
  closed.trace.step(make);
  CHECK(made == 0);
  Recorder recorder;
  Context open;
  open.trace = Trace(&recorder, "");
  open.child("tree", 4).trace.step(make);
  CHECK(made == 1);
  REQUIRE(recorder.steps.size() == 1);
  CHECK(recorder.steps[0].first == "tree-4");
  const TraceStep& s = recorder.steps[0].second;
  CHECK(s.kind == "step");
  CHECK(s.why == "because");
  CHECK(std::get<long long>(s.fields[0].value) == 3);
  CHECK(std::get<double>(s.fields[1].value) == 0.5);
}

TEST_CASE("context: a child's random numbers depend on its path, not on when it is made") {
  const Context root(5, 1);
  const uint64_t first = root.child("tree", 1).rng().next();
  CHECK(root.child("tree", 2).rng().next() != first);
  CHECK(root.child("fold", 1).rng().next() != first);
  CHECK(root.child("tree", 1).rng().next() == first);
  CHECK(Context(6, 1).child("tree", 1).rng().next() != first);
  CHECK(root.child("fold", 0).child("tree", 1).rng().next() != first);
}

TEST_CASE("context: children fill their shares of the progress") {
  Shares shares;
  Context ctx;
  ctx.progress = Progress(&shares);
  ctx.child("fold", 1, 4).progress.report(1, 2);
  ctx.child("fold", 3, 4).child("tree", 0, 2).progress.report(1, 1);
  ctx.child("quiet", 0).progress.report(1, 1);  // a child without a share reports nothing
  CHECK(shares.seen == std::vector<double>{0.375, 0.875});
}

TEST_CASE("context: a signal cancels every child, a deadline is only told") {
  Cancellation cancellation;
  Context ctx;
  ctx.cancellation = &cancellation;
  const Context child = ctx.child("fold", 0);
  CHECK_NOTHROW(child.check_cancelled());
  CHECK_FALSE(child.out_of_time());
  cancellation.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  CHECK(child.out_of_time());
  CHECK_NOTHROW(child.check_cancelled());
  cancellation.signal = 15;
  CHECK_THROWS_AS(child.check_cancelled(), Cancelled);
}
