// What every clusterer and reducer promises, by its traits. One loop a promise over both catalogues.
#include <map>

#include "assay/core/error.h"
#include "tests/contract/unsupervised.h"

using namespace assay;
using namespace assay::contract;

namespace {

/// Fits and answers: an answer, or an Error whose message says something. Anything else fails the test.
template <class S>
void answer_or_clear_error(const S& s, const Samples& x) {
  try {
    const auto r = contract::fit(s, x, Context(0, 1));
    check_fit(r, x);
    check_report(r);
    check_said(r, said_of(r, x, Context(0, 1)), x.n());
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

std::vector<double> cells_of(const Samples& samples) {
  std::vector<double> cells(samples.weight.data(), samples.weight.data() + samples.weight.size());
  std::visit(
      [&](const auto& x) {
        if constexpr (requires { x.data(); }) cells.insert(cells.end(), x.data(), x.data() + x.size());
      },
      samples.X);
  return cells;
}

bool same_cells(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

Matrix take(const Matrix& whole, const std::vector<int>& rows) {
  if (whole.cols() == 0) return whole;
  Matrix part(static_cast<Index>(rows.size()), whole.cols());
  for (size_t i = 0; i < rows.size(); ++i) part.row(static_cast<Index>(i)) = whole.row(rows[i]);
  return part;
}

struct Counter : TraceSink {
  std::atomic<long> steps{0};
  void step(const std::string&, const TraceStep& s) override { steps += s.kind.empty() ? 0 : 1; }
  void image(const std::string&, const TraceImage&) override { ++steps; }
};

/// True where two labellings are one partition under two sets of names; noise is a name of its own.
bool same_partition(const std::vector<int>& a, const std::vector<int>& b) {
  std::map<int, int> to, back;
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if ((a[i] == kNoise) != (b[i] == kNoise)) return false;
    if (to.emplace(a[i], b[i]).first->second != b[i] || back.emplace(b[i], a[i]).first->second != a[i]) return false;
  }
  return true;
}

struct Setting {
  std::string name, value;
};

/// Every choice and every switch of an algorithm, one at a time; and none.
std::vector<Setting> settings_of(const AnyParams& params) {
  std::vector<Setting> all{{}};
  for (const Param& p : params.list()) {
    std::vector<std::string> words = p.choices;
    if (p.type == ParamType::boolean) words = {"true", "false"};
    for (const std::string& word : words)
      if (word != p.get()) all.push_back({p.name, word});
  }
  return all;
}

}  // namespace

TEST_CASE("contract: a clustering labels every row, a reduction scores it") {
  for_every_subject([](const auto& s) {
    const Samples x = usual_rows(s, 3);
    const auto r = contract::fit(s, x, Context(0, 1));
    check_fit(r, x);
    check_report(r);
    check_said(r, said_of(r, x, Context(0, 1)), 90);
  });
}

TEST_CASE("contract: clusterers and reducers: empty, tiny, constant and missing data give an answer or a clear error") {
  for_every_subject([](const auto& s) {
    for (const Index n : {0, 1, 2, 3}) answer_or_clear_error(s, make_rows(s, n, 3, 1));
    answer_or_clear_error(s, make_rows(s, 40, 1, 1));  // one column
    answer_or_clear_error(s, make_rows(s, 5, 30, 1));  // more columns than rows
    answer_or_clear_error(s, make_rows(s, 40, 0, 1));  // no columns (with the pipeline: text alone)
    Samples x = make_rows(s, 40, 3, 1);
    for (Index i = 0; i < 40; ++i) set_cell(x, i, 1, 7);  // a constant column
    answer_or_clear_error(s, x);
    for (Index i = 0; i < 40; ++i)
      for (Index f = 0; f < 3; ++f) set_cell(x, i, f, 7);  // all rows equal
    answer_or_clear_error(s, x);
    x = make_rows(s, 40, 3, 1);
    for (Index i = 0; i < 40; ++i) set_cell(x, i, 2, std::nan(""));  // a column of nothing
    answer_or_clear_error(s, x);
    for (const double odd : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e300, -1e300, 1e-310}) {
      INFO("a cell of " << odd);
      x = make_rows(s, 40, 3, 1);
      set_cell(x, 5, 0, s.traits().non_negative && odd < 0 ? 0 : odd);
      answer_or_clear_error(s, x);
    }
  });
}

TEST_CASE("contract: clusterers and reducers: no rows, a missing cell and bad weights are DataErrors") {
  for_every_subject([](const auto& s) {
    CHECK_THROWS_AS(contract::fit(s, make_rows(s, 0, 3, 1), Context(0, 1)), DataError);
    if (!s.piped && !s.traits().accepts_missing) {
      Samples x = usual_rows(s);
      set_cell(x, 5, 0, std::nan(""));
      CHECK_THROWS_AS(contract::fit(s, x, Context(0, 1)), DataError);
    }
    Samples x = usual_rows(s);
    x.weight = Vector::Ones(90);
    if (s.traits().weights == Weights::none) {
      if (s.piped) CHECK_THROWS_AS(contract::fit(s, x, Context(0, 1)), UsageError);
      return;
    }
    for (const double bad : {-1.0, std::nan(""), HUGE_VAL}) {
      x.weight[7] = bad;
      CHECK_THROWS_AS(contract::fit(s, x, Context(0, 1)), DataError);
    }
    x.weight = Vector::Zero(90);
    CHECK_THROWS_AS(contract::fit(s, x, Context(0, 1)), DataError);
  });
}

TEST_CASE("contract: clusterers and reducers: new rows may be none, one, or lie far away") {
  for_every_subject([](const auto& s) {
    const auto r = contract::fit(s, usual_rows(s), Context(0, 1));
    for (const Index n : {0, 1}) {
      const Samples fresh = make_rows(s, n, 4, 9);
      check_said(r, said_of(r, fresh, Context(0, 1)), n);
    }
    Samples far = make_rows(s, 20, 4, 9);
    for (Index f = 0; f < 4; ++f) set_cell(far, 3, f, f % 2 && !s.traits().non_negative ? -1e6 : 1e6);
    check_said(r, said_of(r, far, Context(0, 1)), 20);
  });
}

TEST_CASE("contract: predicting the training rows gives their labels, where that is promised") {
  for (const auto& s : subjects_of(clusterers(), clusterer<test::Halves>())) {
    INFO(s.name());
    const Samples x = usual_rows(s);
    const Clustered r = contract::fit(s, x, Context(0, 1));
    CHECK(r.model().has_predict() == !s.traits().transductive);
    if (s.traits().transductive || !s.traits().labels_predicted) continue;
    CHECK(said_of(r, x, Context(0, 1)).labels == r.model().labels());
  }
}

TEST_CASE("contract: clusterers and reducers: one seed gives the same bits, for one, two and seven threads",
          "[parallel]") {
  for_every_subject([](const auto& s) {
    const Index n = s.traits().quadratic ? 300 : 1500;
    const Samples x = make_rows(s, n, 4, 6), fresh = make_rows(s, 700, 4, 7);
    const auto one = contract::fit(s, x, Context(5, 1));
    const Said said = said_of(one, fresh, Context(5, 1));
    for (const int threads : {1, 2, 7}) {
      INFO(threads << " threads");
      const auto many = contract::fit(s, x, Context(5, threads));
      CHECK(own_labels(many) == own_labels(one));
      CHECK(same_bits(said_of(many, fresh, Context(5, threads)), said));
      CHECK(many.report().objective == one.report().objective);
      CHECK(many.report().iterations == one.report().iterations);
    }
  });
}

TEST_CASE("contract: clusterers and reducers: a trace changes no bit") {
  for_every_subject([](const auto& s) {
    const Samples x = usual_rows(s);
    Counter counter;
    Context watched(0, 2);
    watched.trace = Trace(&counter, "");
    const auto closed = contract::fit(s, x, Context(0, 2)), open = contract::fit(s, x, watched);
    CHECK(own_labels(closed) == own_labels(open));
    CHECK(same_bits(said_of(closed, x, Context(0, 2)), said_of(open, x, watched)));
    CHECK(closed.report().objective == open.report().objective);
  });
}

TEST_CASE("contract: clusterers and reducers: inputs are left as they were") {
  for_every_subject([](const auto& s) {
    Samples x = usual_rows(s);
    if (s.traits().weights != Weights::none) x.weight = Vector::LinSpaced(90, 0.5, 2);
    const auto params = s.algorithm.params();
    std::vector<std::string> settings;
    for (const Param& p : params->list()) settings.push_back(p.get());
    const std::vector<double> before = cells_of(x);
    const auto r = contract::fit(s, *params, x, Context(0, 2));
    const Said first = said_of(r, x, Context(0, 2));
    CHECK(same_cells(cells_of(x), before));
    for (size_t i = 0; i < settings.size(); ++i) CHECK(params->list()[i].get() == settings[i]);
    CHECK(same_bits(first, said_of(r, x, Context(0, 2))));
  });
}

TEST_CASE("contract: clusterers and reducers: what is said of some rows is some of what is said") {
  for_every_subject([](const auto& s) {
    const Samples fresh = make_rows(s, 301, 4, 8);
    const auto r = contract::fit(s, usual_rows(s), Context(0, 1));
    const std::vector<int> rows{300, 297, 2, 2, 0, 151};
    const Said whole = said_of(r, fresh, Context(0, 1)), part = said_of(r, gather(fresh, rows), Context(0, 1));
    if (!whole.labels.empty())
      for (size_t i = 0; i < rows.size(); ++i) CHECK(part.labels[i] == whole.labels[static_cast<size_t>(rows[i])]);
    if (s.traits().rowwise_exact)
      CHECK(same_bits(part.numbers, take(whole.numbers, rows)));
    else
      CHECK(distance(part.numbers, take(whole.numbers, rows)) <= 1e-12);
  });
}

TEST_CASE(
    "contract: clusterers and reducers: where weights are exact, a row of weight w is w rows, and none for w = 0") {
  for_every_subject([](const auto& s) {
    if (s.piped || s.traits().weights != Weights::exact) return;
    Samples weighted = usual_rows(s);
    weighted.weight = Vector(90);
    std::vector<int> rows;
    for (int i = 0; i < 90; ++i) {
      const int w = i < 3 ? 1 : (i * 7) % 4;
      weighted.weight[i] = w;
      rows.insert(rows.end(), static_cast<size_t>(w), i);
    }
    Samples repeated = gather(weighted, rows);
    repeated.weight = Vector();
    const auto a = contract::fit(s, weighted, Context(0, 1)), b = contract::fit(s, repeated, Context(0, 1));
    CHECK(a.report().objective == Approx(b.report().objective).epsilon(1e-9));
    const Samples fresh = usual_rows(s, 2);
    const Said x = said_of(a, fresh, Context(0, 1)), y = said_of(b, fresh, Context(0, 1));
    CHECK(same_partition(x.labels, y.labels));
    CHECK(distance(x.numbers, y.numbers) <= 1e-8);
    std::vector<int> of_rows;
    if (!own_labels(a).empty())
      for (const int i : rows) of_rows.push_back(own_labels(a)[static_cast<size_t>(i)]);
    CHECK(same_partition(of_rows, own_labels(b)));
  });
}

TEST_CASE("contract: clusterers and reducers: a signal ends a fit or it ends by itself, and so does a used-up budget") {
  for_every_subject([](const auto& s) {
    if (s.piped) return;
    Cancellation cancellation;
    Context ctx(0, 1);
    ctx.cancellation = &cancellation;
    cancellation.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const Samples x = usual_rows(s);
    const auto r = contract::fit(s, x, ctx);
    check_fit(r, x);
    check_report(r);
    cancellation.signal = 15;
    try {
      contract::fit(s, x, ctx);
    } catch (const Cancelled& e) {
      CHECK(e.exit_code() == 143);
    }
  });
}

TEST_CASE("contract: clusterers and reducers: explaining gives finite numbers and whole tables") {
  for_every_subject([](const auto& s) {
    const Samples x = usual_rows(s);
    const auto r = contract::fit(s, x, Context(0, 1));
    const auto& columns = r.whole ? r.whole->pipeline.output_columns() : x.columns;
    const Explanation e = r.model().explain(columns);
    CHECK((e.importance.empty() || e.importance.size() == columns.size()));
    for (const double v : e.importance) CHECK(std::isfinite(v));
    for (const auto& table : e.tables)
      for (const auto& row : table.rows) CHECK(row.size() == table.header.size());
  });
}

TEST_CASE("contract: clusterers and reducers: every word of every parameter keeps the promises, saved or not",
          "[parallel]") {
  for_every_subject([](const auto& s) {
    if (s.piped) return;
    for (const Setting& word : settings_of(*s.algorithm.params())) {
      INFO(word.name << "=" << word.value);
      const auto params = s.algorithm.params();
      if (!word.name.empty()) params->set(word.name, word.value, s.algorithm.name());
      try {
        params->check();
      } catch (const ParameterError& e) {  // a word that asks for another parameter
        CHECK(e.message().size() > 10);
        continue;
      }
      const Samples x = make_rows(s, s.traits().quadratic ? 200 : 600, 4, 6), fresh = make_rows(s, 500, 4, 7);
      const auto one = contract::fit(s, *params, x, Context(3, 1));
      check_fit(one, x);
      const Said said = said_of(one, fresh, Context(3, 1));
      check_said(one, said, 500);
      const auto many = contract::fit(s, *params, x, Context(3, 7));
      CHECK(own_labels(many) == own_labels(one));
      CHECK(same_bits(said_of(many, fresh, Context(3, 2)), said));
      Json node;
      ArchiveWriter out(&node);
      one.model().save(out);
      const std::string text = node.dump();
      const Json again = parse_json(text, "model");
      ResultOf<std::decay_t<decltype(s.algorithm)>> back;
      back.bare = s.algorithm.load(ArchiveReader(&again, "model"), x.columns);
      CHECK(same_bits(said_of(back, fresh, Context(3, 1)), said));
    }
  });
}
