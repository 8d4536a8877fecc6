// What every learner promises, by its traits (DESIGN.md section 8). One loop a promise over the whole catalogue.
#include <numeric>

#include "assay/core/error.h"
#include "tests/contract/subject.h"

using namespace assay;
using namespace assay::contract;

namespace {

/// Fits and predicts: an answer, or an Error whose message says something. Anything else fails the test.
void answer_or_clear_error(const Case& c, const Data& data) {
  try {
    const Trained t = contract::fit(c, data, Context(0, 1));
    check_answer(c, contract::predict(t, data.samples, Context(0, 1)), data.samples.n(), data.target.K());
  } catch (const DataError& e) {
    CHECK(e.message().size() > 10);
  } catch (const UsageError& e) {
    CHECK(e.message().size() > 10);
  } catch (const std::exception& e) {
    FAIL_CHECK("neither an answer nor a DataError: " << e.what());
  }
}

void set_cell(Samples& samples, Index i, Index f, double value) {
  std::visit(
      [&](auto& x) {
        if constexpr (requires { x(i, f); }) x(i, f) = value;
      },
      samples.X);
}

std::vector<int> every_third(Index n) {
  std::vector<int> rows;
  for (Index i = n - 1; i >= 0; i -= 3) rows.push_back(static_cast<int>(i));  // backwards: the order is kept too
  rows.push_back(rows.front());                                               // and one twice
  return rows;
}

template <class M>
M take(const M& whole, const std::vector<int>& rows) {
  if (whole.cols() == 0) return whole;
  M part(static_cast<Index>(rows.size()), whole.cols());
  for (size_t i = 0; i < rows.size(); ++i) part.row(static_cast<Index>(i)) = whole.row(rows[i]);
  return part;
}

/// Counts what it sees, and forgets it.
struct Counter : TraceSink {
  std::atomic<long> steps{0};
  void step(const std::string&, const TraceStep& s) override { steps += s.kind.empty() ? 0 : 1; }
  void image(const std::string&, const TraceImage&) override { ++steps; }
};

struct Snapshot {
  std::vector<double> cells, weights, values;
  std::vector<int> codes;
  explicit Snapshot(const Data& d) {
    std::visit(
        [&](const auto& x) {
          if constexpr (requires { x.data(); }) cells.assign(x.data(), x.data() + x.size());
        },
        d.samples.X);
    weights.assign(d.samples.weight.data(), d.samples.weight.data() + d.samples.weight.size());
    values.assign(d.target.value.data(), d.target.value.data() + d.target.value.size());
    codes = d.target.code;
  }
  static bool same(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
  }
  bool operator==(const Snapshot& o) const {
    return same(cells, o.cells) && same(weights, o.weights) && same(values, o.values) && codes == o.codes;
  }
};

}  // namespace

TEST_CASE("contract: an answer has one value or class a row, and probabilities that agree with it") {
  for (const Case& c : cases()) {
    INFO(c.name());
    for (const int K : {2, 3, 5}) {
      const Data data = make_data(c, 90, 4, K, 3);
      const Trained t = contract::fit(c, data, Context(0, 1));
      const Predictions said = contract::predict(t, data.samples, Context(0, 1));
      check_answer(c, said, 90, data.target.K());
      CHECK(std::isfinite(t.report().objective));
      CHECK(t.report().iterations >= 0);
      CHECK((t.report().converged || !t.report().note.empty()));
      if (c.task == Task::regression || said.proba.cols() == 0) continue;
      for (Index i = 0; i < 90; ++i) {
        Index first = 0;
        said.proba.row(i).maxCoeff(&first);
        CHECK(said.value[i] == static_cast<double>(first));
      }
    }
  }
}

TEST_CASE("contract: empty, tiny, constant, one-class and missing data give an answer or a clear error") {
  for (const Case& c : cases()) {
    INFO(c.name());
    for (const Index n : {0, 1, 2, 3}) answer_or_clear_error(c, make_data(c, n, 3, 2, 1));
    answer_or_clear_error(c, make_data(c, 40, 1, 2, 1));  // one feature
    answer_or_clear_error(c, make_data(c, 5, 30, 2, 1));  // more features than rows
    answer_or_clear_error(c, make_data(c, 40, 3, 1, 1));  // one class
    Data data = make_data(c, 40, 3, 2, 1);
    for (Index i = 0; i < 40; ++i) set_cell(data.samples, i, 1, 7);  // a constant column
    answer_or_clear_error(c, data);
    for (Index i = 0; i < 40; ++i)
      for (Index f = 0; f < 3; ++f) set_cell(data.samples, i, f, 7);  // nothing but constants
    answer_or_clear_error(c, data);
    data = make_data(c, 40, 3, 2, 1);
    if (c.task == Task::classification)
      std::fill(data.target.code.begin(), data.target.code.end(), 1);
    else
      data.target.value.setConstant(4.5);
    answer_or_clear_error(c, data);  // two classes known, one present; or a constant target
    for (const double odd : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e300, -1e300, 1e-310}) {
      INFO("a cell of " << odd);
      data = make_data(c, 40, 3, 2, 1);
      set_cell(data.samples, 5, 0, c.traits().non_negative && odd < 0 ? 0 : odd);
      answer_or_clear_error(c, data);
    }
    data = make_data(c, 40, 3, 2, 1);
    for (Index i = 0; i < 40; ++i) set_cell(data.samples, i, 2, std::nan(""));  // a column of nothing
    answer_or_clear_error(c, data);
    data = make_data(c, 40, 0, 2, 1);
    answer_or_clear_error(c, data);  // no columns (with the pipeline: text alone)
  }
}

TEST_CASE("contract: no rows, bad weights and bad targets are DataErrors") {
  for (const Case& c : cases()) {
    INFO(c.name());
    CHECK_THROWS_AS(contract::fit(c, make_data(c, 0, 3, 2, 1), Context(0, 1)), DataError);
    Data data = usual_data(c);
    if (c.task == Task::regression) {
      data.target.value[3] = std::nan("");
      CHECK_THROWS_AS(contract::fit(c, data, Context(0, 1)), DataError);
    }
    if (c.traits().weights == Weights::none) continue;
    for (const double bad : {-1.0, std::nan(""), HUGE_VAL}) {
      data = usual_data(c);
      data.samples.weight = Vector::Ones(90);
      data.samples.weight[7] = bad;
      CHECK_THROWS_AS(contract::fit(c, data, Context(0, 1)), DataError);
    }
    data = usual_data(c);
    data.samples.weight = Vector::Zero(90);
    CHECK_THROWS_AS(contract::fit(c, data, Context(0, 1)), DataError);
  }
}

TEST_CASE("contract: new rows may be none, one, or hold what training never saw") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Data data = usual_data(c);
    const Trained t = contract::fit(c, data, Context(0, 1));
    for (const Index n : {0, 1}) {
      const Data fresh = make_data(c, n, 4, 3, 9);
      check_answer(c, contract::predict(t, fresh.samples, Context(0, 1)), n, data.target.K());
    }
    Data far = make_data(c, 20, 4, 3, 9);
    for (Index f = 0; f < 4; ++f) set_cell(far.samples, 3, f, f % 2 && !c.traits().non_negative ? -1e6 : 1e6);
    check_answer(c, contract::predict(t, far.samples, Context(0, 1)), 20, data.target.K());
  }
}

TEST_CASE("contract: the same seed gives the same bits") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Data data = usual_data(c), fresh = usual_data(c, 2);
    const Trained a = contract::fit(c, data, Context(5, 1)), b = contract::fit(c, data, Context(5, 1));
    CHECK(same_bits(contract::predict(a, fresh.samples, Context(5, 1)),
                    contract::predict(b, fresh.samples, Context(5, 1))));
    CHECK(a.report().iterations == b.report().iterations);
    CHECK(a.report().objective == b.report().objective);
  }
}

TEST_CASE("contract: one, two and seven threads give the same bits", "[parallel]") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Index n = c.traits().quadratic ? 500 : 5000;
    const Data data = make_data(c, n, 6, 3, 4), fresh = make_data(c, 1500, 6, 3, 5);
    const Trained one = contract::fit(c, data, Context(0, 1));
    const Predictions said = contract::predict(one, fresh.samples, Context(0, 1));
    for (const int threads : {2, 7}) {
      const Trained many = contract::fit(c, data, Context(0, threads));
      CHECK(same_bits(contract::predict(many, fresh.samples, Context(0, threads)), said));
      CHECK(many.report().objective == one.report().objective);
    }
  }
}

TEST_CASE("contract: a trace changes no bit") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Data data = usual_data(c);
    Counter counter;
    Context watched(0, 2);
    watched.trace = Trace(&counter, "");
    const Trained closed = contract::fit(c, data, Context(0, 2)), open = contract::fit(c, data, watched);
    CHECK(same_bits(contract::predict(closed, data.samples, Context(0, 2)),
                    contract::predict(open, data.samples, watched)));
    CHECK(closed.report().objective == open.report().objective);
  }
}

TEST_CASE("contract: inputs are left as they were") {
  for (const Case& c : cases()) {
    INFO(c.name());
    Data data = usual_data(c);
    if (c.traits().weights != Weights::none) data.samples.weight = Vector::LinSpaced(90, 0.5, 2);
    const auto params = c.learner->params();
    std::vector<std::string> settings;
    for (const Param& p : params->list()) settings.push_back(p.get());
    const Snapshot before(data);
    const Trained t = contract::fit(c, *params, data, Context(0, 2));
    const Predictions first = contract::predict(t, data.samples, Context(0, 2));
    CHECK(Snapshot(data) == before);
    for (size_t i = 0; i < settings.size(); ++i) CHECK(params->list()[i].get() == settings[i]);
    CHECK(same_bits(first, contract::predict(t, data.samples, Context(0, 2))));  // nor does predicting change the model
  }
}

TEST_CASE("contract: predicting some rows is some rows of the prediction") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Data data = usual_data(c), fresh = make_data(c, 301, 4, 3, 8);
    const Trained t = contract::fit(c, data, Context(0, 1));
    const std::vector<int> rows = every_third(301);
    const Predictions whole = contract::predict(t, fresh.samples, Context(0, 1)),
                      part = contract::predict(t, gather(fresh.samples, rows), Context(0, 1));
    const Predictions expected{take(whole.value, rows), take(whole.proba, rows), take(whole.decision, rows)};
    if (c.traits().rowwise_exact) {
      CHECK(same_bits(part, expected));
      continue;
    }
    if (c.task == Task::classification) CHECK(part.value == expected.value);
    CHECK(distance(part.value, expected.value) <= 1e-12);
    CHECK(distance(part.proba, expected.proba) <= 1e-12);
    CHECK(distance(part.decision, expected.decision) <= 1e-12);
  }
}

TEST_CASE("contract: where weights are exact, a row of weight w is w rows, and none for w = 0") {
  for (const Case& c : bare_cases()) {
    if (c.traits().weights != Weights::exact) continue;
    INFO(c.name());
    Data weighted = usual_data(c);
    weighted.samples.weight = Vector(90);
    std::vector<int> rows;
    for (int i = 0; i < 90; ++i) {
      const int w = i < 3 ? 1 : (i * 7) % 4;
      weighted.samples.weight[i] = w;
      rows.insert(rows.end(), static_cast<size_t>(w), i);
    }
    Data repeated{gather(weighted.samples, rows), gather(weighted.target, rows)};
    repeated.samples.weight = Vector();
    // An iterative solver ends within its tolerance of the optimum, from two sides; it is asked for a tight one.
    const auto params = c.learner->params();
    const bool iterative = params->find("tolerance") != nullptr;
    if (iterative) params->set("tolerance", "1e-11", c.learner->name());
    const Data fresh = usual_data(c, 2);
    const Predictions a = contract::predict(contract::fit(c, *params, weighted, Context(0, 1)), fresh.samples,
                                            Context(0, 1)),
                      b = contract::predict(contract::fit(c, *params, repeated, Context(0, 1)), fresh.samples,
                                            Context(0, 1));
    const double allowed = iterative ? 1e-8 : 1e-12;
    CHECK(distance(a.value, b.value) <= allowed);
    CHECK(distance(a.proba, b.proba) <= allowed);
  }
}

TEST_CASE("contract: learners that take no weights refuse them through the pipeline") {
  for (const Case& c : cases()) {
    if (!c.piped || c.traits().weights != Weights::none) continue;
    INFO(c.name());
    Data data = usual_data(c);
    data.samples.weight = Vector::Ones(90);
    CHECK_THROWS_AS(contract::fit(c, data, Context(0, 1)), UsageError);
  }
}

TEST_CASE("contract: a signal ends a fit or it ends by itself, and so does a used-up time budget") {
  for (const Case& c : bare_cases()) {
    INFO(c.name());
    Cancellation cancellation;
    Context ctx(0, 1);
    ctx.cancellation = &cancellation;
    cancellation.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const Data data = usual_data(c);
    const Trained t = contract::fit(c, data, ctx);
    check_answer(c, contract::predict(t, data.samples, Context(0, 1)), 90, data.target.K());
    cancellation.signal = 15;
    try {
      contract::fit(c, data, ctx);
    } catch (const Cancelled& e) {
      CHECK(e.exit_code() == 143);
    }
  }
}

TEST_CASE("contract: explaining a model names its columns and gives finite numbers") {
  for (const Case& c : cases()) {
    INFO(c.name());
    const Data data = usual_data(c);
    const Trained t = contract::fit(c, data, Context(0, 1));
    const auto& columns = t.whole ? t.whole->pipeline.output_columns() : data.samples.columns;
    const Explanation e =
        t.whole ? t.whole->model->explain(columns, t.whole->target) : t.bare->explain(columns, data.target);
    CHECK((e.importance.empty() || e.importance.size() == columns.size()));
    CHECK(e.importance.empty() == e.importance_name.empty());
    for (const double x : e.importance) CHECK(std::isfinite(x));
    for (const auto& table : e.tables)
      for (const auto& row : table.rows) CHECK(row.size() == table.header.size());
  }
}
