#include "assay/ml/cluster/linkage.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "assay/core/rng.h"
#include "tests/support/catch.h"

using namespace assay;
using namespace assay::cluster;

namespace {

constexpr Linkage kAll[] = {Linkage::single, Linkage::complete, Linkage::average, Linkage::ward};

Matrix column(std::initializer_list<double> values) {
  Matrix X(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const double v : values) X(i++, 0) = v;
  return X;
}

// `steps` > 0: on a grid so coarse that many distances are equal.
Matrix random_rows(Index n, Index d, uint64_t seed, double steps = 0) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = steps > 0 ? std::round(steps * rng.uniform()) : rng.normal();
  return X;
}

std::vector<Merge> fast(const Matrix& X, Linkage linkage, const Context& ctx = Context(0, 1)) {
  return linkage == Linkage::single ? merge_by_spanning_tree(X, ctx) : merge_by_chain(X, linkage, ctx);
}

std::vector<double> heights(const std::vector<Merge>& merges) {
  std::vector<double> h;
  for (const Merge& m : merges) h.push_back(m.height);
  return h;
}

// Formulas (1) and (2), from the rows.
double by_definition(const Matrix& X, Linkage linkage, const std::vector<int>& A, const std::vector<int>& B) {
  double least = HUGE_VAL, most = 0, sum = 0;
  for (const int i : A)
    for (const int j : B) {
      const double d = (X.row(i) - X.row(j)).norm();
      least = std::min(least, d), most = std::max(most, d), sum += d;
    }
  if (linkage == Linkage::single) return least;
  if (linkage == Linkage::complete) return most;
  const double a = static_cast<double>(A.size()), b = static_cast<double>(B.size());
  if (linkage == Linkage::average) return sum / (a * b);
  Eigen::RowVectorXd gap = Eigen::RowVectorXd::Zero(X.cols());
  for (const int i : A) gap += X.row(i) / a;
  for (const int j : B) gap -= X.row(j) / b;
  return std::sqrt(2 * a * b / (a + b)) * gap.norm();
}

// Replays the merges on sets of rows.
template <class See>
void replay(const std::vector<Merge>& merges, Index n, See&& see) {
  std::vector<std::vector<int>> sets;
  for (int i = 0; i < n; ++i) sets.push_back({i});
  for (const Merge& m : merges) {
    const size_t a = static_cast<size_t>(m.a), b = static_cast<size_t>(m.b);
    REQUIRE(a < b);
    REQUIRE(b < sets.size());
    see(sets, m);
    std::vector<int> both = sets[a];
    both.insert(both.end(), sets[b].begin(), sets[b].end());
    CHECK(static_cast<int>(both.size()) == m.rows);
    sets[a].clear();
    sets[b].clear();
    sets.push_back(both);
  }
}

bool same(const std::vector<Merge>& x, const std::vector<Merge>& y, double tolerance) {
  if (x.size() != y.size()) return false;
  for (size_t t = 0; t < x.size(); ++t)
    if (x[t].a != y[t].a || x[t].b != y[t].b || x[t].rows != y[t].rows ||
        std::abs(x[t].height - y[t].height) > tolerance * y[t].height)
      return false;
  return true;
}

}  // namespace

TEST_CASE("linkage: four points on a line, worked by hand") {
  const Matrix X = column({0, 1, 3, 7});
  CHECK(heights(fast(X, Linkage::single)) == std::vector<double>{1, 2, 4});
  CHECK(heights(fast(X, Linkage::complete)) == std::vector<double>{1, 3, 7});
  CHECK(heights(fast(X, Linkage::average)) == std::vector<double>{1, 2.5, 17.0 / 3});
  // means 0.5, 3 and 4/3, 7: d^2 = 2 * 2 * 1 / 3 * 2.5^2 and 2 * 3 * 1 / 4 * (17/3)^2
  const std::vector<double> ward = heights(fast(X, Linkage::ward));
  CHECK(ward[0] == 1);
  CHECK(ward[1] == Approx(std::sqrt(4.0 / 3) * 2.5).epsilon(1e-15));
  CHECK(ward[2] == Approx(std::sqrt(1.5) * 17 / 3).epsilon(1e-15));
  for (const Linkage linkage : kAll) {
    const std::vector<Merge> m = fast(X, linkage);
    CHECK((m[0].a == 0 && m[0].b == 1 && m[1].a == 2 && m[1].b == 4 && m[2].a == 3 && m[2].b == 5));
  }
}

TEST_CASE("linkage: each merge has the distance of the definition, and no other pair is nearer") {
  for (const Linkage linkage : kAll)
    for (const double steps : {0.0, 3.0}) {
      const Matrix X = random_rows(34, 2, 3, steps);
      INFO("linkage " << static_cast<int>(linkage) << " steps " << steps);
      replay(fast(X, linkage), 34, [&](const auto& sets, const Merge& m) {
        const double h = by_definition(X, linkage, sets[static_cast<size_t>(m.a)], sets[static_cast<size_t>(m.b)]);
        CHECK(std::abs(m.height - h) <= 1e-12 * (1 + h));
        double nearest = HUGE_VAL;
        for (size_t i = 0; i < sets.size(); ++i)
          for (size_t j = 0; j < i; ++j)
            if (!sets[i].empty() && !sets[j].empty())
              nearest = std::min(nearest, by_definition(X, linkage, sets[i], sets[j]));
        CHECK(m.height <= nearest + 1e-12 * (1 + h));
      });
    }
}

TEST_CASE("linkage: heights never fall") {
  for (const Linkage linkage : kAll)
    for (const double steps : {0.0, 1.0, 4.0}) {
      const std::vector<double> h = heights(fast(random_rows(200, 3, 8, steps), linkage));
      CHECK(std::is_sorted(h.begin(), h.end()));
    }
}

TEST_CASE("linkage: Ward's squared heights add up to twice the sum of squares around the mean") {
  const Matrix X = random_rows(120, 4, 11);
  double total = 0;
  for (const double h : heights(fast(X, Linkage::ward))) total += h * h / 2;
  CHECK(total == Approx((X.rowwise() - X.colwise().mean()).squaredNorm()).epsilon(1e-12));
}

TEST_CASE("linkage: single linkage cut at h gives the components of the graph of edges up to h") {
  for (const double steps : {0.0, 9.0}) {
    const Matrix X = random_rows(80, 2, 21, steps);
    const std::vector<Merge> merges = fast(X, Linkage::single);
    for (const double h : {0.2, 0.4, 1.0, std::sqrt(2.0)}) {
      std::vector<int> component(80);
      std::iota(component.begin(), component.end(), 0);
      for (int i = 0; i < 80; ++i)
        for (int j = 0; j < i; ++j)
          if ((X.row(i) - X.row(j)).norm() <= h) {
            const int from = component[static_cast<size_t>(i)], to = component[static_cast<size_t>(j)];
            for (int& c : component)
              if (c == from) c = to;
          }
      const Index kept = std::count_if(merges.begin(), merges.end(), [&](const Merge& m) { return m.height <= h; });
      const std::vector<int> labels = labels_after(merges, 80, kept);
      for (size_t i = 0; i < 80; ++i)
        for (size_t j = 0; j < i; ++j) CHECK((labels[i] == labels[j]) == (component[i] == component[j]));
    }
  }
}

TEST_CASE("linkage: cuts are nested, and numbered in the order of first rows") {
  const Matrix X = random_rows(50, 2, 4);
  const std::vector<Merge> merges = fast(X, Linkage::average);
  std::vector<int> finer(50);
  std::iota(finer.begin(), finer.end(), 0);
  CHECK(labels_after(merges, 50, 0) == finer);
  for (Index count = 1; count < 50; ++count) {
    const std::vector<int> labels = labels_after(merges, 50, count);
    int seen = 0;
    for (const int k : labels) {
      CHECK(k <= seen);
      seen = std::max(seen, k + 1);
    }
    CHECK(seen == 50 - count);
    for (size_t i = 0; i < 50; ++i)
      for (size_t j = 0; j < i; ++j)
        if (finer[i] == finer[j]) CHECK(labels[i] == labels[j]);
    finer = labels;
  }
}

TEST_CASE("linkage: the leaves stand so that every branch is one run of them") {
  const Matrix X = random_rows(40, 2, 17);
  const std::vector<Merge> merges = fast(X, Linkage::ward);
  const std::vector<int> order = leaf_order(merges, 40);
  std::vector<int> place(40, -1);
  for (size_t p = 0; p < order.size(); ++p) place[static_cast<size_t>(order[p])] = static_cast<int>(p);
  replay(merges, 40, [&](const auto& sets, const Merge& m) {
    std::vector<int> both = sets[static_cast<size_t>(m.a)];
    both.insert(both.end(), sets[static_cast<size_t>(m.b)].begin(), sets[static_cast<size_t>(m.b)].end());
    int lo = 40, hi = -1;
    for (const int i : both) {
      REQUIRE(place[static_cast<size_t>(i)] >= 0);
      lo = std::min(lo, place[static_cast<size_t>(i)]), hi = std::max(hi, place[static_cast<size_t>(i)]);
    }
    CHECK(hi - lo + 1 == m.rows);
  });
}

TEST_CASE("linkage: one row, two rows, and rows that are all equal") {
  for (const Linkage linkage : kAll) {
    CHECK(fast(column({5}), linkage).empty());
    CHECK(merge_textbook(column({5}), linkage, Context(0, 1)).empty());
    CHECK(heights(fast(column({5, 8}), linkage)) == std::vector<double>{3});
    const std::vector<Merge> m = fast(Matrix::Constant(9, 2, 4), linkage);
    CHECK(m.size() == 8);
    CHECK(m.back().height == 0);
    CHECK(m.back().rows == 9);
    CHECK(same(m, merge_textbook(Matrix::Constant(9, 2, 4), linkage, Context(0, 1)), 0));
  }
}

TEST_CASE("linkage: chains and the spanning tree make the textbook's merges") {
  for (const Linkage linkage : kAll)
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      const Matrix X = random_rows(20 + 11 * static_cast<Index>(seed), 1 + static_cast<Index>(seed % 4), seed);
      CHECK(same(fast(X, linkage), merge_textbook(X, linkage, Context(0, 1)), 1e-12));
    }
}

TEST_CASE("linkage: also among ties, by the stated rule") {
  for (const Linkage linkage : {Linkage::single, Linkage::complete})
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      const Matrix X = random_rows(70, 1 + static_cast<Index>(seed % 3), seed, static_cast<double>(1 + seed));
      CHECK(same(fast(X, linkage), merge_textbook(X, linkage, Context(0, 1)), 0));
    }
  // Three equal gaps: rows 0-1 come first; then cluster "1" and row 2, whose pair (1, 2) is below (2, 3).
  const std::vector<Merge> m = fast(column({0, 1, 2, 3}), Linkage::single);
  CHECK((m[0].a == 0 && m[0].b == 1 && m[1].a == 2 && m[1].b == 4 && m[2].a == 3 && m[2].b == 5));
  const std::vector<Merge> c = fast(column({0, 1, 2, 3}), Linkage::complete);
  CHECK((c[1].a == 2 && c[1].b == 3 && c[1].height == 1 && c[2].height == 3));
}

TEST_CASE("linkage: the same bits for any number of threads, and watched or not", "[parallel]") {
  struct Counter : TraceSink {
    long merges = 0;
    void step(const std::string&, const TraceStep& s) override { merges += s.kind == "merge"; }
    void image(const std::string&, const TraceImage&) override {}
  } counter;
  const Matrix X = random_rows(300, 3, 5);
  for (const Linkage linkage : kAll) {
    const std::vector<Merge> one = fast(X, linkage);
    CHECK(same(one, fast(X, linkage, Context(0, 7)), 0));
    Context watched(0, 2);
    watched.trace = Trace(&counter, "");
    counter.merges = 0;
    CHECK(same(one, fast(X, linkage, watched), 0));
    CHECK(counter.merges == 299);
  }
}
