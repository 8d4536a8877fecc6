#include "assay/ml/neighbors/search.h"

#include <cmath>

#include "assay/core/context.h"
#include "assay/core/rng.h"
#include "assay/ml/data/sparse.h"
#include "tests/support/catch.h"

using namespace assay;
using neighbors::Neighbor;

namespace {

std::shared_ptr<const Matrix> random_points(Index n, Index d, uint64_t seed, double scale = 1, double offset = 0) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = offset + scale * rng.normal();
  return std::make_shared<const Matrix>(X);
}

/// Whole numbers 0 .. side - 1: full of equal distances and of twins.
std::shared_ptr<const Matrix> grid_points(Index n, Index d, int side, uint64_t seed) {
  Rng rng(seed);
  Matrix X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index f = 0; f < d; ++f) X(i, f) = static_cast<double>(rng.below(static_cast<uint64_t>(side)));
  return std::make_shared<const Matrix>(X);
}

void require_same(const std::vector<Neighbor>& a, const std::vector<Neighbor>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i].row == b[i].row);
    REQUIRE(a[i].distance == b[i].distance);
  }
}

void require_all_agree(const std::shared_ptr<const Matrix>& X, const Matrix& queries, int k) {
  const Context ctx(0, 1);
  for (const Distance distance : {Distance::euclidean, Distance::manhattan, Distance::chebyshev}) {
    const auto truth = all_nearest(*neighbors::exhaustive_search(X, distance), queries, k, ctx);
    require_same(truth, all_nearest(*neighbors::brute_search(X, distance), queries, k, ctx));
    require_same(truth, all_nearest(*neighbors::kd_tree_search(X, distance), queries, k, ctx));
  }
  const neighbors::Measure cubic(Distance::minkowski, 3);
  require_same(all_nearest(*neighbors::exhaustive_search(X, cubic), queries, k, ctx),
               all_nearest(*neighbors::brute_search(X, cubic), queries, k, ctx));
}

}  // namespace

TEST_CASE("search: five points on a line, worked by hand") {
  Matrix X(5, 1);
  X << 0, 4, 1, 2, -3;
  Matrix q(1, 1);
  q << 1.5;
  const auto shared = std::make_shared<const Matrix>(X);
  for (const auto& search :
       {neighbors::exhaustive_search(shared, Distance::euclidean), neighbors::brute_search(shared, Distance::euclidean),
        neighbors::kd_tree_search(shared, Distance::euclidean)}) {
    const auto out = all_nearest(*search, q, 4, Context(0, 1));
    std::vector<int> rows;
    for (const Neighbor& n : out) rows.push_back(n.row);
    CHECK(rows == std::vector<int>{2, 3, 0, 1});  // 1 and 2 are equally near: the earlier row first
    CHECK(out[0].distance == 0.25);
    CHECK(out[3].distance == 6.25);
  }
}

TEST_CASE("search: brute force and the kd-tree find what sorting all distances finds, bit for bit") {
  for (const Index d : {1, 2, 3, 7, 8, 9, 20, 65})
    for (const Index n : {1, 2, 15, 16, 17, 33, 700}) {
      const auto X = random_points(n, d, static_cast<uint64_t>(n * 100 + d));
      const auto queries = random_points(40, d, 9999);
      INFO("n " << n << " d " << d);
      require_all_agree(X, *queries, static_cast<int>(std::min<Index>(n, 5)));
      require_all_agree(X, X->topRows(std::min<Index>(n, 40)), static_cast<int>(n));
    }
}

TEST_CASE("search: equal distances and twins are ordered by row in every search") {
  for (const Index d : {1, 2, 3, 8, 12})
    for (const int side : {1, 2, 4}) {
      const auto X = grid_points(600, d, side, static_cast<uint64_t>(d + side));
      require_all_agree(X, X->topRows(60), 25);
      require_all_agree(X, *grid_points(60, d, side + 1, 5), 1);
    }
}

TEST_CASE("search: numbers far from zero, far apart, tiny or huge do not mislead the filter") {
  const Index d = 12;
  for (const double scale : {1e-160, 1e-30, 1e-3, 1.0, 1e30, 1e153})
    for (const double offset : {0.0, 1e6, -1e9}) {
      const auto X = random_points(400, d, 17, scale, offset * scale);
      Matrix queries = random_points(30, d, 18, scale, offset * scale)->topRows(30);
      queries.row(0) *= 1e4;
      queries.row(1) *= 1e40;
      queries.row(2).setZero();
      INFO("scale " << scale << " offset " << offset);
      require_all_agree(X, queries, 4);
    }
  Matrix mixed = *random_points(400, d, 19);
  mixed.col(3) *= 1e12;  // one column drowns the others in single precision
  mixed.row(7) *= 1e9;
  require_all_agree(std::make_shared<const Matrix>(mixed), mixed.topRows(50), 6);
  Matrix extreme = Matrix::Constant(40, d, std::numeric_limits<double>::max());
  extreme.bottomRows(20) *= -1;
  require_all_agree(std::make_shared<const Matrix>(extreme), extreme, 25);
}

TEST_CASE("search: nearly equal distances are decided in double precision") {
  const Index d = 16;
  Rng rng(3);
  Matrix X(800, d);
  for (Index i = 0; i < X.rows(); ++i)  // a shell around the origin, 1e-13 thick
    for (Index f = 0; f < d; ++f) X(i, f) = rng.normal();
  for (Index i = 0; i < X.rows(); ++i) X.row(i) *= (1 + 1e-13 * rng.uniform()) / X.row(i).norm();
  require_all_agree(std::make_shared<const Matrix>(X), Matrix::Zero(1, d), 50);
}

TEST_CASE("search: the answer does not depend on threads or on how queries are cut", "[parallel]") {
  for (const Index d : {3, 30}) {
    const auto X = random_points(1500, d, 1);
    const auto queries = random_points(777, d, 2);
    for (const auto& search :
         {neighbors::brute_search(X, Distance::euclidean), neighbors::kd_tree_search(X, Distance::euclidean)}) {
      const auto one = all_nearest(*search, *queries, 7, Context(0, 1));
      require_same(one, all_nearest(*search, *queries, 7, Context(0, 2)));
      require_same(one, all_nearest(*search, *queries, 7, Context(0, 7)));
      std::vector<Neighbor> cut(one.size());
      for (Index i = 0; i < 777; i += 37)
        search->nearest(*queries, i, std::min<Index>(777, i + 37), 7, cut.data() + i * 7);
      require_same(one, cut);
    }
  }
}

TEST_CASE("search: the cheaper search is chosen by the rows alone, and finds the same") {
  const auto easy = random_points(3000, 2, 5), hard = random_points(3000, 30, 6);
  Algorithm used = Algorithm::automatic;
  const auto tree = neighbors::chosen_search(easy, Distance::euclidean, 5, used);
  CHECK(used == Algorithm::kd_tree);
  require_same(
      all_nearest(*tree, easy->topRows(20), 5, Context(0, 1)),
      all_nearest(*neighbors::exhaustive_search(easy, Distance::euclidean), easy->topRows(20), 5, Context(0, 1)));
  for (const Distance distance : {Distance::euclidean, Distance::minkowski}) {
    used = Algorithm::automatic;
    neighbors::chosen_search(hard, {distance, 3}, 5, used);
    CHECK(used == Algorithm::brute);
  }
}

TEST_CASE("search: twins by the thousand and one far-off row keep the kd-tree's depth bounded") {
  Matrix X = Matrix::Zero(5000, 2);
  for (Index i = 0; i < 13; ++i) X(i * 300, 0) = std::ldexp(1.0, static_cast<int>(i) * 40);
  require_all_agree(std::make_shared<const Matrix>(X), X.topRows(30), 40);
}

TEST_CASE("search: a limit guessed from the query before is no limit where rows are of every scale") {
  Rng rng(5, 1);
  Matrix X(3000, 3);
  for (Index i = 0; i < X.rows(); ++i)
    for (Index f = 0; f < 3; ++f) X(i, f) = std::ldexp(rng.normal(), static_cast<int>(rng.below(400)) - 200);
  const auto shared = std::make_shared<const Matrix>(X);
  require_all_agree(shared, X.topRows(300), 7);
  require_all_agree(std::make_shared<const Matrix>(X.topRows(600)), X.topRows(50), 600);  // every row is a neighbour
}

TEST_CASE("search: sparse tables have the dense ones' neighbours and distances, bit for bit", "[parallel]") {
  Rng rng(8, 2);
  for (const double scale : {1.0, 1e160, 1e-170}) {
    Matrix X = Matrix::Zero(400, 30), queries = Matrix::Zero(70, 30);
    for (Matrix* M : {&X, &queries})
      for (Index i = 0; i < M->rows(); ++i)
        for (Index f = 0; f < M->cols(); ++f)
          if (rng.below(5) == 0)
            (*M)(i, f) = scale * (static_cast<double>(rng.below(7)) - 3);  // zero rows, twins, ties
    queries.row(3).setZero();
    const auto dense_rows = std::make_shared<const Matrix>(X),
               unit_rows = std::make_shared<const Matrix>(neighbors::directions(X));
    const auto sparse_rows = std::make_shared<const Csr>(entries_of(X)),
               unit_entries = std::make_shared<const Csr>(neighbors::directions(*sparse_rows));
    for (const int k : {1, 5, 400})
      for (const neighbors::Measure& measure :
           {neighbors::Measure(Distance::euclidean), neighbors::Measure(Distance::manhattan),
            neighbors::Measure(Distance::chebyshev), neighbors::Measure(Distance::minkowski, 3)}) {
        const neighbors::SparseSearch search(sparse_rows, measure);
        const auto truth = all_nearest(*neighbors::exhaustive_search(dense_rows, measure), queries, k, Context(0, 1));
        require_same(truth, all_nearest(search, entries_of(queries), k, Context(0, 1)));
        require_same(truth, all_nearest(search, entries_of(queries), k, Context(0, 7)));
      }
    require_same(neighbors::all_nearest(*neighbors::exhaustive_search(unit_rows, Distance::cosine),
                                        neighbors::directions(queries), 9, Context(0, 1)),
                 neighbors::all_nearest(neighbors::SparseSearch(unit_entries, Distance::cosine),
                                        neighbors::directions(entries_of(queries)), 9, Context(0, 1)));
  }
}
