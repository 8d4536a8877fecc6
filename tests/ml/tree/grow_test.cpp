#include "assay/ml/tree/grow.h"

#include "assay/ml/tree/counted.h"
#include "tests/ml/tree/tree_support.h"

using namespace assay;
using namespace assay::test;

namespace {

void require_same_tree(const Sample& s, Criterion criterion, const TreeParams& params) {
  const tree::Problem p = problem_of(s, criterion, params.min_leaf);
  const TreeNodes textbook = tree::grow(p, params, Context(0, 1), tree::Search::textbook);
  require_equal(textbook, tree::grow(p, params, Context(0, 1), tree::Search::presorted));
}

/// A sink that counts the steps it sees.
struct Counter : TraceSink {
  long steps = 0;
  void step(const std::string&, const TraceStep& s) override { steps += s.kind == "split"; }
  void image(const std::string&, const TraceImage&) override {}
};

}  // namespace

TEST_CASE("grow: the fast search makes the textbook's tree") {
  uint64_t seed = 100;
  for (const int K : {0, 2, 3, 6})
    for (const Criterion criterion : {Criterion::gini, Criterion::entropy})
      for (const int distinct : {0, 3, 40})
        for (const double missing : {0.0, 0.1})
          for (const bool weights : {false, true}) {
            if (K == 0 && criterion == Criterion::entropy) continue;
            const Sample s = random_table({400, 4, 2, K, distinct, 12, missing, weights}, ++seed);
            INFO("K " << K << " distinct " << distinct << " missing " << missing << " weights " << weights);
            TreeParams params;
            params.min_leaf = 1 + static_cast<int>(seed % 3);
            require_same_tree(s, K == 0 ? Criterion::squared_error : criterion, params);
          }
}

TEST_CASE("grow: the fast search makes the textbook's tree on lists longer than a block") {
  for (const int K : {0, 2, 3}) {
    TreeParams params;
    params.max_depth = 4;
    require_same_tree(random_table({5000, 3, 0, K, K == 2 ? 300 : 0, 4, 0.05, false}, 7),
                      K == 0 ? Criterion::squared_error : Criterion::gini, params);
    if (K > 0) require_same_tree(random_table({5000, 3, 0, K, 0, 4, 0.05, false}, 8), Criterion::entropy, params);
  }
}

TEST_CASE(
    "grow: numbers alone: nodes finished by themselves (small_search.h) make the textbook's tree, constant columns "
    "too") {
  uint64_t seed = 500;
  for (const int K : {0, 2, 5})
    for (const int distinct : {0, 2, 5, 40})
      for (const int rows : {2, 3, 20, 32, 33, 300})
        for (const double missing : {0.0, 0.05})
          for (const int min_leaf : {1, 2, 5}) {
            const int d = min_leaf == 2 ? 19 : 4;  // more columns than lanes, too
            const Sample s = random_table({rows, d, 0, K, distinct, 12, missing, K == 0 && rows > 20}, ++seed);
            INFO("K " << K << " distinct " << distinct << " rows " << rows << " missing " << missing << " "
                      << min_leaf);
            TreeParams params;
            params.min_leaf = min_leaf;
            require_same_tree(s, K == 0 ? Criterion::squared_error : Criterion::gini, params);
          }
}

TEST_CASE("grow: without a limit every leaf is pure or cannot be split") {
  const Sample s = random_table({300, 3, 0, 3, 6, 4, 0, false}, 3);
  const tree::Problem p = problem_of(s, Criterion::gini);
  const TreeNodes t = tree::grow(p, {}, Context(0, 1));
  const TreeModel model{Task::classification, Criterion::gini, {false, false, false}, t, {}};
  const std::vector<int> leaf = model.apply(s.x, Context(0, 1));
  for (int i = 0; i < 300; ++i)
    for (int j = 0; j < i; ++j) {
      const bool twins = s.x.cols().row(i) == s.x.cols().row(j);
      const bool same_leaf = leaf[static_cast<size_t>(i)] == leaf[static_cast<size_t>(j)];
      if (twins) REQUIRE(same_leaf);
      if (same_leaf && !twins) REQUIRE(s.y.code[static_cast<size_t>(i)] == s.y.code[static_cast<size_t>(j)]);
    }
}

TEST_CASE("grow: a chain as deep as the table is long needs no recursion and little memory") {
  // Each value is four times the one before: the last row is always the best to cut off.
  const int n = 200;
  Sample s;
  std::vector<double> x, y;
  for (int i = 0; i < n; ++i) {
    x.push_back(i);
    y.push_back(std::ldexp(1.0, 2 * (i - n)));
  }
  s.x.columns = {{"x", {}}};
  s.x.X = by_columns({x});
  s.y = values_of(y);
  const TreeNodes t = tree::grow(problem_of(s, Criterion::squared_error), {}, Context(0, 1));
  CHECK(t.leaves() == n);
  CHECK(t.depth() == n - 1);
  CHECK(t.size() == 2 * n - 1);
}

TEST_CASE("grow: rows twice are rows of weight two, and a row of weight zero is absent") {
  for (const int K : {0, 2, 3})
    for (const Criterion criterion : {Criterion::gini, Criterion::entropy}) {
      Sample s = random_table({120, 3, 1, K, 0, 4, 0.1, false}, 11);
      Sample twice = s, weighted = s;
      const Columns X = s.x.cols();
      Columns X2(240, X.cols());
      X2 << X, X;
      twice.x.X = X2;
      twice.y.code.insert(twice.y.code.end(), s.y.code.begin(), s.y.code.end());
      if (K == 0) {
        twice.y.value.resize(240);
        twice.y.value << s.y.value, s.y.value;
      }
      weighted.x.weight = Vector::Constant(120, 2.0);
      const Criterion c = K == 0 ? Criterion::squared_error : criterion;
      const TreeNodes a = tree::grow(problem_of(twice, c), {}, Context(0, 1));
      const TreeNodes b = tree::grow(problem_of(weighted, c), {}, Context(0, 1));
      CHECK(a.feature == b.feature);
      CHECK(a.threshold == b.threshold);
      CHECK(a.default_left == b.default_left);
      CHECK(a.level == b.level);
      CHECK(a.cover == b.cover);
      for (size_t i = 0; i < a.value.size(); ++i)
        REQUIRE(a.value[i] == Approx(b.value[i]).epsilon(1e-14).margin(1e-14));

      Sample with_zero = twice;
      with_zero.x.weight = Vector::Ones(240);
      with_zero.x.weight.tail(120).setZero();
      require_equal(tree::grow(problem_of(s, c), {}, Context(0, 1)),
                    tree::grow(problem_of(with_zero, c), {}, Context(0, 1)));
    }
}

TEST_CASE("grow: any number of threads makes the same tree", "[parallel]") {
  for (const int K : {0, 2, 4}) {
    const Sample s = random_table({6000, 8, 1, K, 0, 6, 0.02, K == 4}, 21);
    const tree::Problem p = problem_of(s, K == 0 ? Criterion::squared_error : Criterion::gini);
    TreeParams params;
    params.max_depth = 7;
    const TreeNodes one = tree::grow(p, params, Context(0, 1));
    require_equal(one, tree::grow(p, params, Context(0, 2)));
    require_equal(one, tree::grow(p, params, Context(0, 7)));
  }
}

TEST_CASE("grow: a watched run makes the same tree, and shows each split once") {
  const Sample s = random_table({200, 3, 1, 3, 0, 4, 0.1, false}, 31);
  const tree::Problem p = problem_of(s, Criterion::gini);
  Counter counter;
  Context watched(0, 1);
  watched.trace = Trace(&counter, "");
  const TreeNodes t = tree::grow(p, {}, watched);
  require_equal(t, tree::grow(p, {}, Context(0, 1)));
  CHECK(counter.steps == t.leaves() - 1);
}

TEST_CASE("presort: sorted by value, then row; 0 and -0 are one value; missing last") {
  const std::vector<double> x{3, -0.0, kNaN, 0.0, -7, 1e300, kNaN, -1e-300, 3};
  std::vector<int> rows(9);
  std::iota(rows.begin(), rows.end(), 0);
  const std::vector<tree::Entry> list = tree::sort_column(x.data(), rows);
  std::vector<uint32_t> order, rank;
  for (const tree::Entry& e : list) {
    order.push_back(e.row);
    rank.push_back(e.rank);
  }
  CHECK(order == std::vector<uint32_t>{4, 7, 1, 3, 0, 8, 5, 2, 6});
  CHECK(rank == std::vector<uint32_t>{0, 1, 2, 2, 3, 3, 4, tree::kMissing, tree::kMissing});
}

TEST_CASE("grow: best first with room for all leaves is the tree grown depth first") {
  for (const int K : {0, 2, 3}) {
    const Sample s = random_table({400, 3, 2, K, 0, 5, 0.1, K == 3}, 41);
    const tree::Problem p = problem_of(s, K == 0 ? Criterion::squared_error : Criterion::gini);
    const TreeNodes full = tree::grow(p, {}, Context(0, 1));
    TreeParams roomy;
    roomy.max_leaves = full.leaves();
    require_equal(full, tree::grow(p, roomy, Context(0, 1)));
  }
}

TEST_CASE("grow: each leaf more is the split that lowers the tree's impurity most among all that could be made") {
  const Sample s = random_table({300, 3, 1, 3, 0, 5, 0.1, false}, 43);
  const tree::Problem p = problem_of(s, Criterion::gini);
  const TreeNodes full = tree::grow(p, {}, Context(0, 1));
  const auto impurity = [](const TreeNodes& t) {
    double sum = 0;
    for (int i = 0; i < t.size(); ++i)
      if (t.leaf(i)) sum += t.cover[static_cast<size_t>(i)] * t.impurity[static_cast<size_t>(i)];
    return sum;
  };
  TreeParams params;
  params.max_leaves = 1;
  TreeNodes before = tree::grow(p, params, Context(0, 1));
  REQUIRE(before.size() == 1);
  for (int leaves = 2; leaves <= 25; ++leaves) {
    params.max_leaves = leaves;
    const TreeNodes after = tree::grow(p, params, Context(0, 1));
    REQUIRE(after.leaves() == leaves);
    // The greatest decrease among the leaves of `before`, each found in the full tree: the walk down both from the root.
    double greatest = 0;
    std::vector<std::pair<int, int>> open{{0, 0}};
    while (!open.empty()) {
      const auto [b, f] = open.back();
      open.pop_back();
      const size_t j = static_cast<size_t>(f);
      if (full.leaf(f)) continue;
      const size_t l = static_cast<size_t>(full.left[j]), r = static_cast<size_t>(full.right[j]);
      if (before.leaf(b)) {
        greatest = std::max(greatest, full.cover[j] * full.impurity[j] - full.cover[l] * full.impurity[l] -
                                          full.cover[r] * full.impurity[r]);
        continue;
      }
      open.emplace_back(before.left[static_cast<size_t>(b)], full.left[j]);
      open.emplace_back(before.right[static_cast<size_t>(b)], full.right[j]);
    }
    REQUIRE(impurity(before) - impurity(after) == Approx(greatest).epsilon(1e-9).margin(1e-10));
    before = after;
  }
}

TEST_CASE(
    "grow: columns of few values are counted, and make the textbook's tree with many classes, missing cells and "
    "limits") {
  uint64_t seed = 900;
  for (const int K : {2, 5, 26})
    for (const double missing : {0.0, 0.05})
      for (const Criterion criterion : {Criterion::gini, Criterion::entropy, Criterion::gain_ratio}) {
        const Sample s = random_table({2500, 4, 1, K, 16, 5, missing, false}, ++seed);
        const tree::CountedColumns counted(problem_of(s, criterion), all_rows(s), 1);
        REQUIRE(counted.has(0));
        REQUIRE_FALSE(counted.has(4));  // it has levels
        TreeParams params;
        params.min_leaf = 1 + static_cast<int>(seed % 4);
        INFO("K " << K << " missing " << missing);
        require_same_tree(s, criterion, params);
        params.max_leaves = 40;
        require_same_tree(s, criterion, params);
      }
}

TEST_CASE(
    "counted: ranks ascend with the values, 0 and -0 are one, missing cells come last, and 256 values are too many") {
  const std::vector<double> x{3, -0.0, kNaN, 0.0, -7, 1e300, kNaN, -1e-300, 3};
  std::vector<int> rows(9);
  std::iota(rows.begin(), rows.end(), 0);
  const tree::FewValues few = tree::few_values(x.data(), 9, rows);
  CHECK(few.rank == std::vector<uint8_t>{3, 2, 5, 2, 0, 4, 5, 1, 3});
  CHECK(few.distinct == 5);
  CHECK(few.missing);
  std::vector<double> many(300);
  std::iota(many.begin(), many.end(), 0.0);
  std::vector<int> most(255), more(256);
  std::iota(most.begin(), most.end(), 0);
  std::iota(more.begin(), more.end(), 0);
  CHECK(tree::few_values(many.data(), 300, most).distinct == 255);
  CHECK(tree::few_values(many.data(), 300, more).distinct == 0);
}

TEST_CASE("counted: the parent's table less one child's is the other's, and sorting by counting is sorting") {
  const Sample s = random_table({300, 2, 0, 4, 12, 4, 0.1, false}, 55);
  const tree::Problem p = problem_of(s, Criterion::gini);
  const tree::CountedColumns counted(p, all_rows(s), 1);
  std::vector<int> left, right;
  for (const int row : all_rows(s)) (row % 3 ? left : right).push_back(row);
  const auto table = [&](const std::vector<int>& rows) {
    std::vector<int> cells(counted.cells(), 0);
    counted.count_all(rows.data(), static_cast<int>(rows.size()), cells.data(), 1);
    return cells;
  };
  std::vector<int> rest = table(all_rows(s));
  const std::vector<int> small = table(right);
  for (size_t j = 0; j < rest.size(); ++j) rest[j] -= small[j];
  CHECK(rest == table(left));
  std::vector<tree::Entry> list;
  counted.sort(1, left.data(), static_cast<int>(left.size()), list);
  const std::vector<tree::Entry> sorted = tree::sort_column(s.x.cols().col(1).data(), left);
  REQUIRE(list.size() == sorted.size());
  for (size_t i = 0; i < list.size(); ++i) REQUIRE(list[i].row == sorted[i].row);
}
