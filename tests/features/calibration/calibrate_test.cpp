#include "assay/features/calibration/calibrate.h"

#include <Eigen/LU>

#include "assay/core/error.h"
#include "assay/core/linalg.h"
#include "assay/features/calibration/calibrate_kernels.h"
#include "assay/features/calibration/zhang.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/rendered_board.h"

using namespace assay;

namespace {

const cv::Size kSize(640, 480);

Camera lens_camera() {
  Camera c;
  c.size = kSize;
  c.fx = 812.5, c.fy = 808.3, c.cx = 331.2, c.cy = 236.7;
  c.k1 = -0.26, c.k2 = 0.09, c.p1 = 0.0011, c.p2 = -0.0006, c.k3 = 0.02;
  return c;
}

cv::Point2d seen(const Camera& c, const Pose& p, const cv::Point2d& m) {
  const double Z = p.R[6] * m.x + p.R[7] * m.y + p.t[2];
  return to_pixel(c, {(p.R[0] * m.x + p.R[1] * m.y + p.t[0]) / Z, (p.R[3] * m.x + p.R[4] * m.y + p.t[1]) / Z});
}

const std::vector<cv::Point2d> kBoard = chessboard_points(9, 6, 25);

// Random views of the board, all of it inside the picture.
std::vector<CalibrationView> views_of(const Camera& c, int count, uint64_t seed) {
  Rng rng(seed, 3);
  const auto between = [&](double lo, double hi) { return lo + (hi - lo) * rng.uniform(); };
  std::vector<CalibrationView> views;
  while (static_cast<int>(views.size()) < count) {
    const Pose pose{rotation_about({between(-0.55, 0.55), between(-0.55, 0.55), between(-0.3, 0.3)}),
                    {between(-190, -10), between(-130, 5), between(330, 620)}};
    CalibrationView view{"view " + std::to_string(views.size()), {}};
    bool inside = true;
    for (const cv::Point2d& m : kBoard) {
      view.pixels.push_back(seen(c, pose, m));
      const cv::Point2d& p = view.pixels.back();
      inside = inside && p.x > 8 && p.y > 8 && p.x < 632 && p.y < 472;
    }
    if (inside) views.push_back(view);
  }
  return views;
}

void add_noise(std::vector<CalibrationView>& views, double sigma, Rng& rng) {
  for (CalibrationView& v : views)
    for (cv::Point2d& p : v.pixels) p += cv::Point2d(sigma * rng.normal(), sigma * rng.normal());
}

double largest_difference(const Camera& a, const Camera& b) {
  double most = 0;
  for (size_t i = 0; i < a.values().size(); ++i)
    most = std::max(most, std::abs(a.values()[i] - b.values()[i]) / std::max(1.0, std::abs(b.values()[i])));
  return most;
}

Matrix3 homography_of(const Camera& c, const Pose& p) {
  return product(c.matrix(), {p.R[0], p.R[1], p.t[0], p.R[3], p.R[4], p.t[1], p.R[6], p.R[7], p.t[2]});
}

}  // namespace

TEST_CASE("camera: a point by hand") {
  Camera c;
  c.fx = 100, c.fy = 200, c.cx = 10, c.cy = 20, c.skew = 5;
  c.k1 = 0.1, c.k2 = 0.01, c.p1 = 0.02, c.p2 = 0.03, c.k3 = 0.001;
  // x = 1, y = 2: r2 = 5, radial = 1 + 0.5 + 0.25 + 0.125 = 1.875
  // x' = 1.875 + 2 * 0.02 * 2 + 0.03 * 7 = 2.165,  y' = 3.75 + 0.02 * 13 + 2 * 0.03 * 2 = 4.13
  const cv::Point2d p = to_pixel(c, {1, 2});
  CHECK(p.x == Approx(100 * 2.165 + 5 * 4.13 + 10));
  CHECK(p.y == Approx(200 * 4.13 + 20));
}

TEST_CASE("camera: the lens undone gives the point back to 1e-10, and beyond its fold nothing") {
  const Camera c = lens_camera();
  for (double x = -0.5; x <= 0.5; x += 0.1)
    for (double y = -0.4; y <= 0.4; y += 0.1) {
      const auto back = undistort(c, distort(c, {x, y}));
      REQUIRE(back);
      CHECK(std::hypot(back->x - x, back->y - y) < 1e-10);
      const auto pixel = from_pixel(c, to_pixel(c, {x, y}));
      REQUIRE(pixel);
      CHECK(std::hypot(pixel->x - x, pixel->y - y) < 1e-10);
    }
  Camera barrel;
  barrel.k1 = -0.3;  // r (1 - 0.3 r^2) is at most 0.70, at r = 1.05
  CHECK(undistort(barrel, {0.69, 0}));
  CHECK_FALSE(undistort(barrel, {0.75, 0}));
}

TEST_CASE("camera: undistorted points are OpenCV's") {
  const nlohmann::json golden = test::golden("calibration.json").at("undistortion");
  const std::vector<double> camera = golden.at("camera"), lens = golden.at("distortion"), from = golden.at("seen"),
                            to = golden.at("ideal");
  Camera c;
  c.set({camera[0], camera[1], camera[2], camera[3], lens[0], lens[1], lens[2], lens[3], lens[4], 0});
  for (size_t i = 0; i < from.size(); i += 2) {
    const auto p = from_pixel(c, {from[i], from[i + 1]});
    REQUIRE(p);
    CHECK(std::hypot(p->x - to[i], p->y - to[i + 1]) < 1e-9);
  }
}

TEST_CASE("camera: rotations are orthogonal, their vectors come back") {
  for (const std::array<double, 3>& w : {std::array<double, 3>{0, 0, 0},
                                         {1e-9, 0, 2e-9},
                                         {0.3, -0.2, 0.5},
                                         {3, 0.5, -0.5},
                                         {M_PI, 0, 0},
                                         {0, 0, 3.1415926}}) {
    const Matrix3 R = rotation_about(w);
    CHECK(determinant(R) == Approx(1).epsilon(1e-14));
    const Matrix3 again = rotation_about(rotation_vector(R));
    for (size_t i = 0; i < 9; ++i) CHECK(again[i] == Approx(R[i]).margin(1e-9));
  }
}

TEST_CASE("zhang: homographies of a camera without lens give it back, with and without skew") {
  for (double skew : {0.0, 3.5}) {
    Camera c;
    c.fx = 700, c.fy = 690, c.cx = 300, c.cy = 260, c.skew = skew;
    std::vector<Matrix3> H;
    std::vector<Pose> poses;
    for (int i = 0; i < 5; ++i) {
      poses.push_back({rotation_about({0.3 * (i % 3) - 0.25, 0.2 * i - 0.5, 0.1 * i}), {-20.0 * i, 30, 400}});
      H.push_back(homography_of(c, poses.back()));
    }
    const auto found = closed_form(H, kSize, true);
    REQUIRE(found);
    CHECK(largest_difference(*found, c) < 1e-9);
    if (skew == 0) {
      const auto plain = closed_form(H, kSize, false);
      REQUIRE(plain);
      CHECK(largest_difference(*plain, c) < 1e-9);
    }
    for (size_t i = 0; i < H.size(); ++i) {
      const Pose p = pose_of(c, H[i]);
      for (size_t k = 0; k < 9; ++k) CHECK(p.R[k] == Approx(poses[i].R[k]).margin(1e-9));
      for (size_t k = 0; k < 3; ++k) CHECK(p.t[k] == Approx(poses[i].t[k]).epsilon(1e-9));
    }
    // One homography alone, or the same direction again and again, determine no camera.
    const std::vector<Matrix3> same(4, H[1]);
    CHECK_FALSE(closed_form(std::span(H).first(1), kSize, false));
    CHECK_FALSE(closed_form(same, kSize, true));
  }
}

TEST_CASE("calibrate: the equations of a view are those of finite differences") {
  const Camera c = lens_camera();
  const Pose pose{rotation_about({0.3, -0.2, 0.1}), {-90, -60, 450}};
  std::vector<double> board, pixels;
  for (const cv::Point2d& m : kBoard) {
    const cv::Point2d p = seen(c, pose, m);
    board.insert(board.end(), {m.x, m.y});
    pixels.insert(pixels.end(), {p.x + 0.3 * std::sin(m.x), p.y - 0.2 * std::cos(m.y)});
  }
  const auto cost = [&](const std::array<double, 16>& d, ViewEquations* e) {
    std::array<double, 10> v = c.values();
    for (size_t i = 0; i < 10; ++i) v[i] += d[i];
    const Matrix3 R = product(rotation_about({d[10], d[11], d[12]}), pose.R);
    const std::array<double, 3> t{pose.t[0] + d[13], pose.t[1] + d[14], pose.t[2] + d[15]};
    return view_equations(v.data(), R.data(), t.data(), board.data(), pixels.data(), 54, e);
  };
  ViewEquations e;
  cost({}, &e);
  for (size_t i = 0; i < 16; ++i) {
    const double h = i < 4 || i == 9 || i > 12 ? 1e-4 : 1e-7;
    std::array<double, 16> up{}, down{};
    up[i] = h, down[i] = -h;
    CAPTURE(i);
    CHECK(e.g[i] == Approx((cost(up, nullptr) - cost(down, nullptr)) / (4 * h)).epsilon(1e-5).margin(1e-4));
    // N is symmetric, and J'J: not below 0 along any axis
    CHECK(e.N[i][i] >= 0);
    for (size_t j = 0; j < i; ++j) CHECK(e.N[i][j] == Approx(e.N[j][i]).epsilon(1e-12));
  }
}

TEST_CASE("calibrate: views without noise give the camera back to 1e-8") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Camera c = lens_camera();
    CalibrationOptions options;
    if (seed == 5) c.skew = 2.5, options.skew = true;
    const Calibration found = calibrate(kBoard, views_of(c, 12, seed), kSize, options);
    CAPTURE(seed, found.iterations);
    CHECK(found.converged);
    CHECK(found.rms_px < 1e-8);
    CHECK(largest_difference(found.camera, c) < 1e-8);
  }
}

TEST_CASE("calibrate: lenses and focal lengths far from the ordinary are found from the same starts") {
  for (const auto& [f, k1] : {std::pair{250.0, -0.2}, {400.0, -0.35}, {2500.0, 0.5}, {800.0, 0.0}}) {
    Camera c = lens_camera();
    c.fx = f, c.fy = 1.02 * f, c.k1 = k1, c.k2 = 0.05, c.k3 = 0;
    Rng rng(4, 4);
    std::vector<CalibrationView> views;
    for (int i = 0; i < 10; ++i) {
      const Pose pose{
          rotation_about({0.9 * rng.uniform() - 0.45, 0.9 * rng.uniform() - 0.45, 0.5 * rng.uniform()}),
          {-100 + 30 * rng.uniform(), -60 + 30 * rng.uniform(), (0.55 + 0.3 * rng.uniform()) * f * 200 / 250}};
      CalibrationView view{"view", {}};
      for (const cv::Point2d& m : kBoard) view.pixels.push_back(seen(c, pose, m));
      views.push_back(view);
    }
    const Calibration found = calibrate(kBoard, views, kSize);
    CAPTURE(f, k1, found.rms_px);
    CHECK(largest_difference(found.camera, c) < 1e-6);
  }
}

TEST_CASE("calibrate: parameters that are not free stay 0") {
  Camera c = lens_camera();
  c.p1 = c.p2 = c.k3 = 0;
  CalibrationOptions options;
  options.p1 = options.p2 = options.k3 = false;
  const Calibration found = calibrate(kBoard, views_of(c, 8, 2), kSize, options);
  CHECK(largest_difference(found.camera, c) < 1e-8);
  CHECK(found.camera.k3 == 0);
  CHECK(found.sd[8] == 0);
  CHECK(found.sd[9] == 0);
}

TEST_CASE("calibrate: standard deviations are those of 1 000 calibrations with noise, to 10 %") {
  const Camera c = lens_camera();
  const std::vector<CalibrationView> clean = views_of(c, 8, 11);
  constexpr int kRuns = 1000;
  Rng rng(12, 1);
  std::array<double, kCameraParameters> sum{}, squares{}, stated{};
  for (int run = 0; run < kRuns; ++run) {
    std::vector<CalibrationView> views = clean;
    add_noise(views, 0.2, rng);
    const Calibration found = calibrate(kBoard, views, kSize);
    for (size_t i = 0; i < sum.size(); ++i) {
      const double off = found.camera.values()[i] - c.values()[i];
      sum[i] += off, squares[i] += off * off, stated[i] += found.sd[i];
    }
  }
  for (size_t i = 0; i < 9; ++i) {
    const double mean = sum[i] / kRuns, sd = std::sqrt(squares[i] / kRuns - mean * mean);
    CAPTURE(kCameraNames[i], sd, stated[i] / kRuns);
    CHECK(std::abs(stated[i] / kRuns / sd - 1) < 0.1);
    CHECK(std::abs(mean) < 0.2 * sd);
  }
}

TEST_CASE("calibrate: left01 to left14 reach OpenCV's optimum, standard deviations the corrected ones") {
  const nlohmann::json golden = test::golden("calibration.json");
  std::vector<CalibrationView> views;
  for (const auto& photo : golden.at("photographs")) {
    const std::vector<double> place = photo.at("window_11");
    views.push_back({photo.at("name"), {}});
    // OpenCV stores the corners as floats
    for (size_t i = 0; i < place.size(); i += 2)
      views.back().pixels.emplace_back(static_cast<float>(place[i]), static_cast<float>(place[i + 1]));
  }
  for (const char* model : {"full", "without_k3"}) {
    const nlohmann::json& optimum = golden.at(model).at("optimum");
    CalibrationOptions options;
    options.k3 = std::string(model) == "full";
    const Calibration found = calibrate(kBoard, views, kSize, options);
    CAPTURE(model, found.iterations, found.starts);
    CHECK(found.converged);
    CHECK(std::abs(found.rms_px - optimum.at("rms").get<double>()) < 1e-6);
    for (size_t i = 0; i < 9; ++i) {
      CAPTURE(kCameraNames[i]);
      const double theirs = optimum.at(kCameraNames[i]);
      CHECK(found.camera.values()[i] == Approx(theirs).epsilon(1e-4).margin(1e-5));
      if (optimum.at("sd").contains(kCameraNames[i]))
        CHECK(found.sd[i] == Approx(optimum.at("sd").at(kCameraNames[i]).get<double>()).epsilon(1e-3));
    }
    const std::vector<double> view_rms = optimum.at("view_rms");
    for (size_t v = 0; v < views.size(); ++v) CHECK(found.views[v].rms_px == Approx(view_rms[v]).margin(1e-5));
    REQUIRE(found.retake);
    CHECK(views[*found.retake].name == "left02");
  }
}

TEST_CASE("calibrate: views that do not constrain the camera are refused") {
  const Camera c = lens_camera();
  std::vector<CalibrationView> flat;
  for (int i = 0; i < 6; ++i) {  // all parallel to the picture
    flat.push_back({"flat", {}});
    for (const cv::Point2d& m : kBoard)
      flat.back().pixels.push_back(cv::Point2d(100 + 20 * i, 80 + 10 * i) + (1 + 0.1 * i) * m);
  }
  CHECK_THROWS_AS(calibrate(kBoard, flat, kSize), DataError);
  std::vector<CalibrationView> good = views_of(c, 3, 5);
  CHECK_THROWS_AS(calibrate(kBoard, {good[0]}, kSize), DataError);
  CHECK_THROWS_AS(calibrate(kBoard, {good[0], good[0], good[0]}, kSize), DataError);
  CHECK_THROWS_AS(calibrate(kBoard, {}, kSize), DataError);
  std::vector<CalibrationView> line = good;
  for (cv::Point2d& p : line[1].pixels) p.y = 2 * p.x;
  CHECK_THROWS_AS(calibrate(kBoard, line, kSize), DataError);
  std::vector<CalibrationView> odd = good;
  odd[2].pixels.pop_back();
  CHECK_THROWS_AS(calibrate(kBoard, odd, kSize), DataError);
  odd = good;
  odd[2].pixels[3].x = NAN;
  CHECK_THROWS_AS(calibrate(kBoard, odd, kSize), DataError);
  const std::vector<cv::Point2d> four = chessboard_points(2, 2, 25);
  std::vector<CalibrationView> small = good;
  for (CalibrationView& v : small) v.pixels.resize(4);
  CHECK_THROWS_AS(calibrate(four, small, kSize), DataError);
}

TEST_CASE("calibrate: coverage counts points in cells as square as the picture allows") {
  const std::vector<CalibrationView> views{{"a", {{0, 0}, {639, 479}, {-5, 3}, {79.4, 0}, {79.6, 0}}}};
  const Coverage c = coverage_of(views, kSize);
  CHECK(c.across == 8);
  CHECK(c.down == 6);
  CHECK(c.count[0] == 2);
  CHECK(c.count[1] == 1);
  CHECK(c.count[47] == 1);
  CHECK(c.share() == Approx(3.0 / 48));
}
