#include "assay/features/hough/lines.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/rng.h"
#include "assay/features/hough/sheared_rows_internal.h"
#include "tests/features/hough/drawn.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

constexpr double kDegree = std::numbers::pi / 180;

cv::Mat random_edges(int rows, int cols, double density, uint64_t seed) {
  Rng rng(seed, 5);
  cv::Mat edges(rows, cols, CV_8U, cv::Scalar(0));
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      if (rng.uniform() < density) edges.at<uint8_t>(y, x) = static_cast<uint8_t>(1 + rng.below(255));
  return edges;
}

Line line_of(const FeatureTable& table, size_t row) { return {table.at(row, 0), table.at(row, 1)}; }

}  // namespace

TEST_CASE("lines: the votes of one pixel, by hand") {
  cv::Mat edges(3, 5, CV_8U, cv::Scalar(0));
  edges.at<uint8_t>(2, 4) = 255;
  const LineSpace space =
      vote_for_lines(edges, {0, std::numbers::pi / 4, std::numbers::pi / 2, 3 * std::numbers::pi / 4});
  REQUIRE(space.offset == 6);  // the diagonal, 5.83, rounded up
  REQUIRE(space.bins() == 13);
  CHECK(cv::sum(space.votes)[0] == 4);
  CHECK(space.votes(0, 6 + 4) == 1);  // x = 4
  CHECK(space.votes(1, 6 + 4) == 1);  // (4 + 2) / sqrt 2 = 4.24
  CHECK(space.votes(2, 6 + 2) == 1);  // y = 2
  CHECK(space.votes(3, 6 - 1) == 1);  // (2 - 4) / sqrt 2 = -1.41
}

TEST_CASE("lines: the sum of all votes is edge pixels times angles; rows as bits and pixel by pixel give the same") {
  using Form = hough::ShearedRows::Form;
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(7, 1), cv::Size(1, 300), cv::Size(101, 64), cv::Size(640, 333),
                              cv::Size(300, 700), cv::Size(33, 1601), cv::Size(5000, 40)})
    for (const double density : {0.03, 1.0})
      for (const int angles : {1, 7, 180}) {
        CAPTURE(size.width, size.height, density, angles);
        const cv::Mat edges = random_edges(size.height, size.width, density, 1);
        const LineSpace bits = hough::vote_by_rows(edges, even_angles(angles), Form::bits),
                        pixels = hough::vote_by_rows(edges, even_angles(angles), Form::pixels);
        CHECK(cv::sum(bits.votes)[0] == cv::countNonZero(edges) * angles);
        CHECK(test::same_pixels(bits.votes, pixels.votes));
        CHECK(test::same_pixels(bits.votes, vote_for_lines(edges, even_angles(angles)).votes));
      }
}

TEST_CASE("lines: a vote is at most 1/8 pixel beside the paper's, before it is rounded") {
  std::vector<double> theta = even_angles(90);
  for (int i = 1; i < 20; ++i) theta.push_back(-0.3 * i);
  for (const cv::Size size : {cv::Size(1, 300), cv::Size(101, 64), cv::Size(333, 640)}) {
    const cv::Mat edges = random_edges(size.height, size.width, 0.05, 2);
    const LineSpace space = vote_for_lines(edges, theta), slow = vote_for_lines_textbook(edges, theta);
    CHECK(space.offset == slow.offset);
    for (int a = 0; a < space.angles(); ++a) {
      std::vector<double> rho;
      for (int y = 0; y < edges.rows; ++y)
        for (int x = 0; x < edges.cols; ++x)
          if (edges.at<uint8_t>(y, x) != 0)
            rho.push_back(x * std::cos(theta[static_cast<size_t>(a)]) + y * std::sin(theta[static_cast<size_t>(a)]));
      std::sort(rho.begin(), rho.end());
      const auto below = [&](double limit) { return std::lower_bound(rho.begin(), rho.end(), limit) - rho.begin(); };
      ptrdiff_t votes = 0, outside = 0;  // of the bins up to b: those surely in them, and those possibly
      for (int b = 0; b < space.bins(); ++b) {
        votes += space.votes(a, b);
        const double border = b - space.offset + 0.5;
        outside += votes < below(border - 0.125 - 1e-6) || votes > below(border + 0.125 + 1e-6);
      }
      CHECK(outside == 0);
    }
  }
}

TEST_CASE("lines: the paper's votes are scikit-image's, cell by cell") {
  int cases = 0;
  const nlohmann::json file = test::golden("hough.json");
  for (const auto& c : file.at("cases")) {
    cv::Mat edges(c.at("height").get<int>(), c.at("width").get<int>(), CV_8U, cv::Scalar(0));
    for (const auto& xy : c.at("edges")) edges.at<uint8_t>(xy[1].get<int>(), xy[0].get<int>()) = 255;
    const LineSpace space = vote_for_lines_textbook(edges, c.at("theta").get<std::vector<double>>());
    CHECK(space.offset == c.at("offset"));
    REQUIRE(space.bins() == c.at("bins"));
    cv::Mat_<int> votes(space.votes.size(), 0);
    for (const auto& v : c.at("votes")) votes(v[0].get<int>(), v[1].get<int>()) = v[2];
    CHECK(test::same_pixels(space.votes, votes));
    ++cases;
  }
  CHECK(cases == 3);
}

TEST_CASE("lines: a drawn line is one line, found to a fraction of a pixel and of a degree at every angle") {
  Rng rng(20, 6);
  double worst_px = 0, worst_deg = 0, sum_px = 0;
  int drawn = 0;
  for (double degrees = 0; degrees < 180; degrees += 3.7) {
    const Line truth{rng.uniform() * 40 + 150 * std::cos(degrees * kDegree) + 110 * std::sin(degrees * kDegree),
                     degrees * kDegree};
    cv::Mat edges(240, 320, CV_8U, cv::Scalar(0));
    test::draw_edge_line(edges, truth, 80);
    if (cv::countNonZero(edges) < 100) continue;
    const FeatureTable table = lines(edges);
    CAPTURE(degrees, truth.rho);
    REQUIRE(table.rows() == 1);
    CHECK(table.at(0, 1) >= 0);
    CHECK(table.at(0, 1) < std::numbers::pi);
    const double px = test::distance_at_middle(line_of(table, 0), truth, edges.size());
    sum_px += px;
    ++drawn;
    worst_px = std::max(worst_px, px);
    worst_deg = std::max(worst_deg, angle_between(table.at(0, 1), truth.theta) / kDegree);
    CHECK(table.at(0, 2) >= 0.9 * cv::countNonZero(edges));
  }
  CHECK(drawn > 40);
  CHECK(sum_px / drawn < 0.15);
  CHECK(worst_px < 0.5);
  CHECK(worst_deg < 0.2);
}

TEST_CASE("lines: parallel lines four pixels apart are two, a bundle through one point is all of its lines") {
  cv::Mat two(200, 300, CV_8U, cv::Scalar(0));
  test::draw_edge_line(two, {90, 1.3}, 150);
  test::draw_edge_line(two, {94, 1.3}, 150);
  CHECK(lines(two).rows() == 2);

  cv::Mat bundle(301, 301, CV_8U, cv::Scalar(0));
  for (int i = 0; i < 8; ++i) {
    const double theta = (i + 0.3) * std::numbers::pi / 8;
    test::draw_edge_line(bundle, {150 * std::cos(theta) + 150 * std::sin(theta), theta}, 140);
  }
  const FeatureTable found = lines(bundle);
  REQUIRE(found.rows() == 8);
  for (int i = 0; i < 8; ++i) {
    double nearest = 9;
    for (size_t row = 0; row < 8; ++row)
      nearest = std::min(nearest, angle_between(found.at(row, 1), (i + 0.3) * std::numbers::pi / 8));
    CHECK(nearest < 0.2 * kDegree);
  }
}

TEST_CASE("lines: turned by 90 degrees, a picture has its lines turned") {
  cv::Mat edges(150, 220, CV_8U, cv::Scalar(0));
  for (const Line line : {Line{60, 0.4}, Line{100, 1.2}, Line{-30, 2.3}}) test::draw_edge_line(edges, line, 70);
  const FeatureTable before = lines(edges), after = lines(test::rotate_90(edges));
  REQUIRE(before.rows() == 3);
  REQUIRE(after.rows() == 3);
  for (size_t i = 0; i < 3; ++i) {
    double nearest = 9;
    for (size_t j = 0; j < 3; ++j)
      nearest = std::min(nearest, std::abs(angle_between(before.at(i, 1), after.at(j, 1)) - std::numbers::pi / 2));
    CHECK(nearest < 0.1 * kDegree);
  }
}

TEST_CASE("lines: strewn pixels make no line, and a line among them is found") {
  int found = 0;
  for (uint64_t seed = 0; seed < 20; ++seed)
    found += static_cast<int>(lines(random_edges(200, 300, 0.05, seed)).rows());
  CHECK(found <= 1);  // votes=auto promises fewer than one by chance a picture; its bound is loose
  cv::Mat edges = random_edges(200, 300, 0.03, 3);
  test::draw_edge_line(edges, {120, 0.9}, 100);
  const FeatureTable table = lines(edges);
  REQUIRE(table.rows() == 1);
  CHECK(test::distance_at_middle(line_of(table, 0), {120, 0.9}, edges.size()) < 1);
}

TEST_CASE("lines: votes, angle-step, max-lines and refine do what they say") {
  cv::Mat edges(200, 300, CV_8U, cv::Scalar(0));
  test::draw_edge_line(edges, {90, 1.31}, 120);  // 241 pixels or so
  test::draw_edge_line(edges, {40, 0.21}, 50);
  LinesParams p;
  p.votes = 150.0;
  CHECK(lines(edges, p).rows() == 1);
  p.votes = 60.0;
  CHECK(lines(edges, p).rows() == 2);
  p.max_lines = 1;
  CHECK(lines(edges, p).rows() == 1);
  p = {};
  p.refine = false;
  p.angle_step = 0.5;
  const FeatureTable bins = lines(edges, p);
  REQUIRE(bins.rows() == 2);
  for (size_t row = 0; row < 2; ++row) {
    CHECK(bins.at(row, 0) == std::round(bins.at(row, 0)));
    CHECK(std::remainder(bins.at(row, 1) / kDegree, 0.5) == Approx(0).margin(1e-9));
  }
  CHECK(line_space(edges, p).angles() == 360);
  p.angle_step = 0;
  CHECK_THROWS_AS(lines(edges, p), ParameterError);
}

TEST_CASE("lines: nothing to find is an empty table; what cannot be held is refused") {
  CHECK(lines(cv::Mat(1, 1, CV_8U, cv::Scalar(0))).rows() == 0);
  CHECK(lines(cv::Mat(1, 1, CV_8U, cv::Scalar(255))).rows() == 0);
  CHECK(lines(cv::Mat(50, 60, CV_8U, cv::Scalar(0))).rows() == 0);
  CHECK(lines(cv::Mat(50, 60, CV_8U, cv::Scalar(255))).rows() == 0);  // every pixel: no line is more than chance
  CHECK(lines(random_edges(1, 40, 0.5, 1)).rows() <= 1);
  CHECK_THROWS_AS(lines(cv::Mat()), DataError);
  CHECK_THROWS_AS(lines(cv::Mat(5, 5, CV_8UC3, cv::Scalar::all(0))), DataError);
  LinesParams p;
  p.angle_step = 0.01;
  CHECK_THROWS_WITH(lines(cv::Mat(1, 100000, CV_8U, cv::Scalar(0)), p), Catch::Contains("2^28 cells"));
}

TEST_CASE("lines: threads 1, 2 and 7 give the same bits", "[parallel]") {
  const cv::Mat edges = random_edges(200, 260, 0.1, 4);
  LinesParams p;
  p.votes = 20.0;
  const FeatureTable one = lines(edges, p, Context(0, 1));
  CHECK(one.rows() > 3);
  CHECK(lines(edges, p, Context(0, 2)).values == one.values);
  CHECK(lines(edges, p, Context(0, 7)).values == one.values);
}

TEST_CASE(
    "lines: the space as a picture holds the votes, theta to the right, rho downwards; the drawing shows the lines") {
  cv::Mat edges(40, 60, CV_8U, cv::Scalar(0));
  edges.row(20).setTo(255);
  const LinesParams p;
  const cv::Mat picture = space_picture(line_space(edges, p));
  CHECK(picture.type() == CV_32F);
  CHECK(cv::sum(picture)[0] == 60 * 180);
  double most = 0;
  cv::Point at;
  cv::minMaxLoc(picture, nullptr, &most, nullptr, &at);
  CHECK(most == 60);
  CHECK(at.x == 90);
  CHECK(space_picture(line_space(cv::Mat(5, 5, CV_8U, cv::Scalar(0)), p)).rows == 1);
  const cv::Mat drawn = draw_lines(edges, lines(edges));
  REQUIRE(drawn.type() == CV_8UC3);
  CHECK(drawn.at<cv::Vec3b>(20, 30)[2] > drawn.at<cv::Vec3b>(20, 30)[1]);
  CHECK(drawn.at<cv::Vec3b>(10, 30) == cv::Vec3b(0, 0, 0));
}

TEST_CASE("lines: a watched run shows edges, votes, peaks, lines, and each line's numbers") {
  struct Sink : TraceSink {
    std::vector<std::string> stages;
    int steps = 0;
    void step(const std::string&, const TraceStep&) override { ++steps; }
    void image(const std::string&, const TraceImage& image) override { stages.push_back(image.stage); }
  } sink;
  Context watched;
  watched.trace = Trace(&sink, "");
  cv::Mat edges(150, 220, CV_8U, cv::Scalar(0));
  test::draw_edge_line(edges, {60, 0.4}, 70);
  test::draw_edge_line(edges, {100, 1.2}, 70);
  CHECK(lines(edges, {}, watched).values == lines(edges).values);
  CHECK(sink.stages == std::vector<std::string>{"edges", "accumulator", "peaks", "lines"});
  CHECK(sink.steps == 2);
}
