#include "assay/features/homography/estimate.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/features/homography/consensus_internal.h"
#include "tests/support/catch.h"
#include "tests/support/homography.h"

using namespace assay;

namespace {

constexpr RobustMethod kMethods[] = {RobustMethod::ransac, RobustMethod::lmeds, RobustMethod::least_squares};
constexpr PlaneModel kModels[] = {PlaneModel::translation, PlaneModel::rigid, PlaneModel::similarity,
                                  PlaneModel::affine, PlaneModel::homography};

PlaneParams with(RobustMethod method, PlaneModel model = PlaneModel::homography) {
  PlaneParams p;
  p.method = method;
  p.model = model;
  return p;
}

// A member of each group.
Matrix3 member(PlaneModel model, Rng& rng) {
  const double turn = rng.uniform(-1, 1), s = rng.uniform(0.6, 1.6), c = std::cos(turn), d = std::sin(turn);
  const double x = rng.uniform(-99, 99), y = rng.uniform(-99, 99);
  switch (model) {
    case PlaneModel::translation:
      return {1, 0, x, 0, 1, y, 0, 0, 1};
    case PlaneModel::rigid:
      return {c, -d, x, d, c, y, 0, 0, 1};
    case PlaneModel::similarity:
      return {s * c, -s * d, x, s * d, s * c, y, 0, 0, 1};
    case PlaneModel::affine:
      return {s * c, -d, x, d + 0.1, c, y, 0, 0, 1};
    case PlaneModel::homography:
      break;
  }
  return test::random_homography(rng);
}

// The first `wrong` pairs get a second point anywhere.
std::vector<PointPair> spoiled(std::vector<PointPair> pairs, size_t wrong, Rng& rng) {
  for (size_t i = 0; i < wrong; ++i) pairs[i].x2 = rng.uniform(-100, 1100), pairs[i].y2 = rng.uniform(-100, 900);
  return pairs;
}

}  // namespace

TEST_CASE("homography of four: the matrix of the direct linear transformation, or none") {
  Rng rng(4);
  int none = 0;
  for (int t = 0; t < 300; ++t) {
    std::vector<PointPair> four;
    for (int i = 0; i < 4; ++i)
      four.push_back({rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1)});
    const auto H = homography_of_four(four.data());
    const Matrix3 dlt = *homography_dlt(four);
    std::vector<bool> sides;
    for (const PointPair& p : four) sides.push_back(dlt[6] * p.x1 + dlt[7] * p.y1 + dlt[8] > 0);
    const bool one_side = sides == std::vector<bool>(4, sides[0]);
    CHECK(H.has_value() == one_side);  // a point beyond the horizon: no picture does that
    none += !H;
    if (H) CHECK(test::difference(test::unit(*H), test::unit(dlt)) < 1e-8);
  }
  CHECK(none > 100);
  std::vector<PointPair> line{{0, 0, 0, 0}, {1, 0, 1, 0}, {2, 0, 1, 1}, {0, 1, 0, 1}};  // three on a line
  CHECK_FALSE(homography_of_four(line.data()));
}

TEST_CASE("robust: trials needed, as in the textbook's table") {
  // [HartleyZisserman2004, table 4.3], p = 0.99: share of outliers against sample size
  const double share[] = {0.95, 0.9, 0.8, 0.75, 0.7, 0.6, 0.5};
  const int four[] = {3, 5, 9, 13, 17, 34, 72}, two[] = {2, 3, 5, 6, 7, 11, 17};
  for (size_t i = 0; i < 7; ++i) {
    CHECK(detail::trials_needed(0.99, share[i], 4, 1000) == four[i]);
    CHECK(detail::trials_needed(0.99, share[i], 2, 1000) == two[i]);
  }
  CHECK(detail::trials_needed(0.99, 1, 4, 1000) == 1);
  CHECK(detail::trials_needed(0.99, 0, 4, 1000) == 1000);
}

TEST_CASE("robust: a sample has distinct members, and each is as likely") {
  Rng rng(1);
  std::vector<int> count(7);
  for (int t = 0; t < 7000; ++t) {
    int s[4];
    detail::draw_sample(rng, 7, 4, s);
    for (int i = 0; i < 4; ++i) {
      ++count[static_cast<size_t>(s[i])];
      for (int j = 0; j < i; ++j) CHECK(s[i] != s[j]);
    }
  }
  for (int c : count) CHECK(std::abs(c - 4000) < 5 * std::sqrt(7000 * 4 / 7.0 * 3 / 7.0));
}

TEST_CASE("robust: the costs in single precision are the sums of the definition, and giving up loses nothing") {
  Rng rng(9);
  const Matrix3 H = test::random_homography(rng);
  const detail::Pairs pairs(spoiled(test::noisy_pairs(H, 777, 1, rng), 300, rng), PlaneModel::homography);
  for (int t = 0; t < 50; ++t) {
    int s[4];
    PointPair sample[4];
    detail::draw_sample(rng, pairs.size(), 4, s);
    for (int i = 0; i < 4; ++i) sample[i] = pairs[static_cast<size_t>(s[i])];
    const auto model = homography_of_four(sample);
    if (!model) continue;
    const auto f = detail::in_float(*model);
    const double limit = std::pow(3 * pairs.unit(), 2);
    double cost = 0;
    int near = 0, close = 0;
    for (double e : pairs.squared_errors(*model)) {
      cost += std::min(e, limit), near += e <= limit;
      close += std::abs(e - limit) < 1e-3 * limit;  // rounding may put these on either side
    }
    const auto limit_f = static_cast<float>(limit);
    const Score score = truncated_cost(pairs.floats(), f.data(), limit_f, 1e30F);
    CHECK(score.whole);
    CHECK(static_cast<double>(score.cost) == Approx(cost).epsilon(1e-4));
    CHECK(std::abs(score.inliers - near) <= close);
    CHECK(count_below(pairs.floats(), f.data(), limit_f, 0) == Approx(score.inliers).margin(close));
    std::vector<float> e(pairs.size());
    squared_errors(pairs.floats(), f.data(), e.data());
    const auto below = std::count_if(e.begin(), e.end(), [&](float v) { return v < limit_f; });
    CHECK(count_below(pairs.floats(), f.data(), limit_f, 0) == below);
    CHECK(count_below(pairs.floats(), f.data(), limit_f, static_cast<int>(below)) == below);
    CHECK(count_below(pairs.floats(), f.data(), limit_f, static_cast<int>(below) + 1) < below + 1);
    const Score abandoned = truncated_cost(pairs.floats(), f.data(), limit_f, score.cost);
    CHECK(abandoned.cost >= 0.0F);
    if (!abandoned.whole) CHECK(abandoned.cost >= score.cost);
    const Score kept = truncated_cost(pairs.floats(), f.data(), limit_f, score.cost * 1.001F);
    CHECK(kept.whole);
    CHECK(kept.cost == score.cost);
  }
}

TEST_CASE("robust: exact pairs among wrong ones give the exact matrix and exactly these inliers, in every group") {
  for (PlaneModel model : kModels)
    for (RobustMethod method : {RobustMethod::ransac, RobustMethod::lmeds})
      for (uint64_t seed = 0; seed < 10; ++seed) {
        Rng rng(seed, 77);
        const Matrix3 H = member(model, rng);
        const auto pairs = spoiled(test::exact_pairs(H, 60, rng), 24, rng);
        const auto found = estimate_plane(pairs, with(method, model), Context(seed, 1));
        CAPTURE(static_cast<int>(model), static_cast<int>(method), seed);
        REQUIRE(found);
        CHECK(found->converged);
        CHECK(test::corner_error(found->H, H) < 1e-8);
        size_t right = 0;
        for (int i : found->inliers) right += i >= 24;
        CHECK(right == 36);
        CHECK(found->inliers.size() <= 37);  // one may have fallen on its place
      }
}

TEST_CASE("robust: 10 to 70 per cent of wrong pairs, 1000 trials each, corners within 3 pixels every time") {
  for (int wrong : {10, 20, 30, 40, 50, 60, 70}) {
    int good = 0;
    double worst = 0;
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      Rng rng(seed, static_cast<uint64_t>(wrong));
      const Matrix3 H = test::random_homography(rng);
      const auto pairs = spoiled(test::noisy_pairs(H, 200, 0.7, rng), static_cast<size_t>(2 * wrong), rng);
      const auto found = estimate_plane(pairs, {}, Context(seed, 1));
      const double error = found ? test::corner_error(found->H, H) : HUGE_VAL;
      good += error < 3;
      worst = std::max(worst, error);
    }
    CAPTURE(wrong, worst);
    CHECK(good == 1000);
  }
}

TEST_CASE("robust: the least median withstands just under half of wrong pairs, wherever they lie") {
  // [Rousseeuw1984]: breakdown point 1/2. All wrong pairs agree with each other on another map.
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed, 5);
    const Matrix3 H = test::random_homography(rng), other = test::random_homography(rng);
    auto pairs = test::noisy_pairs(H, 101, 0.5, rng);
    const auto decoys = test::noisy_pairs(other, 46, 0.5, rng);
    std::copy(decoys.begin(), decoys.end(), pairs.begin());
    const auto found = estimate_plane(pairs, with(RobustMethod::lmeds), Context(seed, 1));
    REQUIRE(found);
    CHECK(test::corner_error(found->H, H) < 3);
    // of normal noise 99 in 100 are within the threshold
    size_t right = 0;
    for (int i : found->inliers) right += i >= 46;
    CHECK(right >= 50);
    CHECK(found->threshold == Approx(3.03 * 0.5).epsilon(0.5));
  }
  // just over half: the decoys win
  Rng rng(1, 6);
  const Matrix3 H = test::random_homography(rng), other{1, 0, 300, 0, 1, 0, 0, 0, 1};
  auto pairs = test::noisy_pairs(H, 100, 0.5, rng);
  const auto decoys = test::noisy_pairs(other, 60, 0.5, rng);
  std::copy(decoys.begin(), decoys.end(), pairs.begin());
  CHECK(test::corner_error(estimate_plane(pairs, with(RobustMethod::lmeds))->H, other) < 3);
}

TEST_CASE("robust: nothing but the seed decides, and the order of trials ends as confidence says") {
  Rng rng(3);
  const auto pairs = spoiled(test::noisy_pairs(test::random_homography(rng), 200, 0.7, rng), 100, rng);
  for (RobustMethod method : kMethods) {
    const auto a = estimate_plane(pairs, with(method), Context(5, 1)),
               b = estimate_plane(pairs, with(method), Context(5, 7));
    CHECK(a->H == b->H);
    CHECK(a->inliers == b->inliers);
    CHECK(a->trials == b->trials);
  }
  PlaneParams p;
  const auto thorough = estimate_plane(pairs, p);
  p.confidence = 0.9;
  const auto quick = estimate_plane(pairs, p);
  CHECK(quick->trials < thorough->trials / 3);
  CHECK(thorough->trials == detail::trials_needed(0.99999, thorough->inliers.size() / 200.0, 4, 100000));
  p.confidence = 0.999999;
  p.max_trials = 10;
  CHECK_FALSE(estimate_plane(pairs, p)->converged);
}

TEST_CASE("robust: at the result the inliers are those of the matrix, and their least squares is the matrix") {
  Rng rng(13);
  const auto pairs = spoiled(test::noisy_pairs(test::random_homography(rng), 150, 0.8, rng), 60, rng);
  const auto found = estimate_plane(pairs);
  std::vector<PointPair> inliers;
  double squares = 0;
  size_t k = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const bool within = transfer_error(found->H, pairs[i]) <= 3;
    CHECK(within == (k < found->inliers.size() && found->inliers[k] == static_cast<int>(i)));
    if (within) inliers.push_back(pairs[i]), ++k, squares += std::pow(transfer_error(found->H, pairs[i]), 2);
  }
  CHECK(test::corner_error(*plane_least_squares(PlaneModel::homography, inliers), found->H) < 1e-5);
  CHECK(found->rms == Approx(std::sqrt(squares / static_cast<double>(k))));
}

TEST_CASE("robust: what cannot be answered is said in words") {
  const std::vector<PointPair> four{{0, 0, 5, 5}, {9, 0, 14, 5}, {9, 9, 14, 14}, {0, 9, 5, 14}};
  std::vector<PointPair> line, same(9, four[0]), flat;
  for (int i = 0; i < 9; ++i) {
    line.push_back({i * 2.0, i * 3.0, double(i * i), 5.0 - i});
    flat.push_back({double(i * i), 5.0 - i, i * 2.0, i * 3.0});
  }
  for (RobustMethod method : kMethods) {
    CHECK(estimate_plane(four, with(method)));
    CHECK_FALSE(estimate_plane(std::span(four).first(3), with(method)));
    CHECK_FALSE(estimate_plane({}, with(method)));
    CHECK_FALSE(estimate_plane({}, with(method, PlaneModel::translation)));
    CHECK_FALSE(estimate_plane(line, with(method)));
    CHECK_FALSE(estimate_plane(line, with(method, PlaneModel::affine)));
    CHECK(estimate_plane(line, with(method, PlaneModel::similarity)));
    CHECK_FALSE(estimate_plane(flat, with(method)));
    CHECK_FALSE(estimate_plane(same, with(method)));
    CHECK_FALSE(estimate_plane(same, with(method, PlaneModel::rigid)));
    CHECK(estimate_plane(same, with(method, PlaneModel::translation)));
  }
  const auto why = [](PlaneModel model, PointPairs pairs) { return why_no_model(model, pairs); };
  CHECK(why(PlaneModel::homography, std::span(four).first(3)) == "4 pairs determine it, there are 3");
  CHECK(why(PlaneModel::homography, same) == "without repetitions there are only 1 pairs, 4 determine it");
  CHECK(why(PlaneModel::homography, line) == "all points of the first picture lie on one line");
  CHECK(why(PlaneModel::affine, flat) == "all points of the second picture lie on one line");
  const std::vector<PointPair> point{{1, 1, 2, 3}, {1, 1, 4, 5}};
  CHECK(why(PlaneModel::rigid, point) == "all points of the first picture are equal");

  std::vector<PointPair> bad = four;
  bad[1].x1 = std::nan("");
  CHECK_THROWS_AS(estimate_plane(bad), DataError);
  PlaneParams p;
  p.threshold = 0;
  CHECK_THROWS_AS(estimate_plane(four, p), ParameterError);
}

TEST_CASE("robust: far from the origin and in large units the result is the same map") {
  Rng rng(31);
  const Matrix3 H = test::random_homography(rng);
  const auto pairs = spoiled(test::noisy_pairs(H, 120, 0.5, rng), 50, rng);
  auto far = pairs;
  for (PointPair& p : far) p = {1000 * p.x1 + 4e6, 1000 * p.y1 - 7e6, 1000 * p.x2 - 2e6, 1000 * p.y2 + 1e6};
  PlaneParams wide;
  wide.threshold = 3000;
  const auto near_by = estimate_plane(pairs), far_off = estimate_plane(far, wide);
  CHECK(near_by->inliers == far_off->inliers);
  const Matrix3 S1{1000, 0, 4e6, 0, 1000, -7e6, 0, 0, 1}, S2{1000, 0, -2e6, 0, 1000, 1e6, 0, 0, 1};
  CHECK(test::corner_error(product(*inverse(S2), product(far_off->H, S1)), near_by->H) < 1e-4);
}
