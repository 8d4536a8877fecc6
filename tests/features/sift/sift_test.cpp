#include "assay/features/sift/sift.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <tuple>

#include "assay/core/error.h"
#include "assay/features/feature_file.h"
#include "assay/features/sift/sift_internal.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/io/image_file.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/images.h"
#include "tests/support/paths.h"

using namespace assay;
using namespace assay::sift_stages;

namespace {

constexpr double kTurn = 2 * std::numbers::pi;

// A Gaussian blob of standard deviation `sigma` on grey.
cv::Mat blob(int rows, int cols, double x, double y, double sigma, double height = 0.5) {
  cv::Mat_<float> image(rows, cols);
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < cols; ++i)
      image(j, i) =
          static_cast<float>(0.25 + height * std::exp(-((i - x) * (i - x) + (j - y) * (j - y)) / (2 * sigma * sigma)));
  return image;
}

cv::Mat photo(int rows, int cols) {
  return read_image(test::dataset_path("pictures/camera.png"))(cv::Rect(150, 60, cols, rows)).clone();
}

Rows rows_of(const cv::Mat_<float>& m) {
  Rows rows(m.size());
  for (int y = 0; y < m.rows; ++y) std::copy_n(m[y], m.cols, rows[y]);
  return rows;
}

double turned_by(double a, double b) { return std::abs(std::remainder(a - b, kTurn)); }

// How many points of `a` have a partner in `b`, one to one: place within 0.5 px, scale 10 %, angle 5 degrees.
struct Partner {
  size_t i, j;
  double distance;
};
std::vector<Partner> partners(const FeatureTable& a, const FeatureTable& b) {
  std::vector<Partner> near, taken;
  for (size_t i = 0; i < a.rows(); ++i)
    for (size_t j = 0; j < b.rows(); ++j) {
      const double d = std::hypot(a.at(i, 0) - b.at(j, 0), a.at(i, 1) - b.at(j, 1)),
                   t = turned_by(a.at(i, 3), b.at(j, 3));
      if (d < 0.5 && t < kTurn / 72 && std::abs(std::log(a.at(i, 2) / b.at(j, 2))) < std::log(1.1))
        near.push_back({i, j, d + t});
    }
  std::sort(near.begin(), near.end(), [](const auto& p, const auto& q) { return p.distance < q.distance; });
  std::set<size_t> used_i, used_j;
  for (const Partner& p : near)
    if (!used_i.count(p.i) && !used_j.count(p.j)) used_i.insert(p.i), used_j.insert(p.j), taken.push_back(p);
  return taken;
}

double cosine(const FeatureTable& a, size_t i, const FeatureTable& b, size_t j) {
  const size_t da = descriptor_columns(a).first, db = descriptor_columns(b).first;
  double ab = 0, aa = 0, bb = 0;
  for (size_t k = 0; k < 128; ++k) {
    const double u = a.at(i, da + k), v = b.at(j, db + k);
    ab += u * v, aa += u * u, bb += v * v;
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("sift: a blob is found at its place and size, dark ones like bright ones") {
  // The peak of a blob of variance b under a Gaussian of variance t is b / (b + t). The difference of those of t and k^2 t
  // is greatest at t = b / k. The picture counts as blurred by 0.5 px already, so that t = sigma^2 - 0.25.
  for (double size : {2.0, 3.3, 6.0, 9.5})
    for (double height : {0.5, -0.2}) {
      CAPTURE(size, height);
      const FeatureTable table = sift(blob(121, 131, 60.3, 55.8, size, height));
      REQUIRE(table.rows() >= 1);
      CHECK(std::abs(table.at(0, 0) - 60.3) < 0.05);
      CHECK(std::abs(table.at(0, 1) - 55.8) < 0.05);
      const double expected = std::sqrt((size * size - 0.25) / std::exp2(1.0 / 3));
      CHECK(table.at(0, 2) == Approx(expected).epsilon(0.03));
    }
}

TEST_CASE("sift: the direction is that of the gradient, from x towards y") {
  for (double angle = 0.1; angle < kTurn; angle += 0.37) {
    CAPTURE(angle);
    cv::Mat_<float> G(61, 61);
    for (int y = 0; y < 61; ++y)
      for (int x = 0; x < 61; ++x) G(y, x) = static_cast<float>(0.01 * (x * std::cos(angle) + y * std::sin(angle)));
    Octave octave{0, 1, std::vector<Rows>(6, rows_of(G))};
    KeyPoint k;
    k.s = 1, k.row = 30, k.col = 30, k.x = 30, k.y = 30, k.scale = 1;
    for (SiftPreset preset : {SiftPreset::lowe, SiftPreset::opencv}) {
      const Setting setting = setting_of(preset);
      const auto angles = main_directions(direction_histogram(octave, k, SiftParams{}, setting), setting);
      REQUIRE(angles.size() == 1);
      // opencv: all votes fall into one bin of 10 degrees, whose centre is the answer
      CHECK(turned_by(angles[0], angle) < (setting.soft_bins ? 0.01 : kTurn / 72));
    }
  }
  SiftParams p;
  p.upright = true;
  CHECK(sift(blob(91, 91, 45, 45, 4), p).at(0, 3) == 0);
}

TEST_CASE("sift: a ramp votes for one direction, into every cell as its Gaussian weight says") {
  cv::Mat_<float> G(101, 101);
  for (int y = 0; y < 101; ++y)
    for (int x = 0; x < 101; ++x) G(y, x) = 0.01f * static_cast<float>(x);
  Octave octave{0, 1, std::vector<Rows>(6, rows_of(G))};
  KeyPoint k;
  k.s = 1, k.row = 50, k.col = 50, k.x = 50, k.y = 50, k.scale = 1;
  const SiftParams p;
  Descriptor d = vote(octave, k, p, setting_of(SiftPreset::lowe));
  float largest = 0;
  for (size_t i = 0; i < 128; ++i)
    if (i % 8 == 0)
      largest = std::max(largest, d[i]);
    else
      CHECK(d[i] <= 1e-3f * d[i / 8 * 8]);           // the direction of the ramp is the point's own
  CHECK(d[5 * 8] == Approx(largest).epsilon(1e-5));  // one of the four cells in the middle
  for (size_t c : {5u, 6u, 9u, 10u}) CHECK(d[c * 8] == Approx(largest).epsilon(1e-4));
  for (size_t c : {0u, 3u, 12u, 15u}) CHECK(d[c * 8] < 0.7f * largest);
  normalise(d, false);
  double square = 0;
  for (float v : d) square += double(v) * v;
  CHECK(square == Approx(1).epsilon(1e-5));
  // 16 values, each cut at 0.2 of the length, then unit length again: no value is above 0.2 / sqrt(12 of cut ones)
  CHECK(*std::max_element(d.begin(), d.end()) <= 0.5f);
}

TEST_CASE("sift: descriptors have length 512, root-sift shares of 512 squared") {
  const cv::Mat image = photo(129, 161);
  for (bool root : {false, true}) {
    SiftParams p;
    p.root_sift = root;
    const FeatureTable table = sift(image, p);
    REQUIRE(table.rows() > 30);
    REQUIRE(table.columns.size() == 134);
    for (size_t i = 0; i < table.rows(); ++i) {
      double square = 0;
      for (size_t k = 6; k < 134; ++k) square += table.at(i, k) * table.at(i, k);
      CHECK(std::sqrt(square) == Approx(512).epsilon(0.01));  // each is rounded to a whole number
    }
  }
  SiftParams p;
  p.descriptors = false;
  CHECK(sift(image, p).columns.size() == 6);
}

TEST_CASE("sift: turned by 90 degrees, the octaves of sides m 2^octaves + 1 are the same to the last bit") {
  const cv::Mat image = photo(97, 353), turned = test::rotate_90(image);  // 3 x 32 + 1, 11 x 32 + 1
  SiftParams p;
  p.octaves = 5;
  const Setting setting = setting_of(SiftPreset::lowe);
  const Context ctx;
  ScaleSpace upright(image, p, setting, ctx, true), aside(turned, p, setting, ctx, true);
  for (int o = 0; o < 5; ++o) {
    const Octave &a = upright.next(), &b = aside.next();
    upright.complete(a.rows());
    aside.complete(b.rows());
    REQUIRE((a.rows() == b.cols() && a.cols() == b.rows()));
    int different = 0;
    for (size_t s = 0; s < a.G.size(); ++s)
      for (int y = 0; y < a.rows(); ++y)
        for (int x = 0; x < a.cols(); ++x) different += a.G[s](y, x) != b.G[s](x, a.rows() - 1 - y);
    CAPTURE(o);
    CHECK(different == 0);
  }
}

TEST_CASE("sift: turned by 90 degrees, a picture of sides m 2^octaves + 1 has the same points, turned") {
  const auto [rows, cols] = GENERATE(std::pair(97, 129), std::pair(289, 353));  // 3 x 32 + 1, ...
  const cv::Mat image = photo(rows, cols);
  SiftParams p;
  p.octaves = 5;
  const FeatureTable a = sift(image, p), b = sift(test::rotate_90(image), p);
  REQUIRE(a.rows() > 50);
  REQUIRE(a.rows() == b.rows());
  std::set<size_t> used;
  for (size_t i = 0; i < a.rows(); ++i) {
    const double x = rows - 1 - a.at(i, 1), y = a.at(i, 0);  // clockwise
    size_t best = 0;
    double least = INFINITY;
    for (size_t j = 0; j < b.rows(); ++j) {
      const double d = std::hypot(b.at(j, 0) - x, b.at(j, 1) - y) + std::abs(b.at(j, 2) - a.at(i, 2)) +
                       turned_by(b.at(j, 3), a.at(i, 3) + kTurn / 4);
      if (d < least && !used.count(j)) least = d, best = j;
    }
    used.insert(best);
    CHECK(std::abs(b.at(best, 0) - x) < 1e-9);
    CHECK(std::abs(b.at(best, 1) - y) < 1e-9);
    CHECK(turned_by(b.at(best, 3), a.at(i, 3) + kTurn / 4) < 1e-4);
    for (size_t k = 6; k < 134; ++k) CHECK(std::abs(b.at(best, k) - a.at(i, k)) <= 1);
  }
}

TEST_CASE("sift: turned by 180 degrees the places have no bias; preset opencv has a quarter pixel") {
  const cv::Mat image = photo(150, 181);
  cv::Mat turned;
  cv::rotate(image, turned, cv::ROTATE_180);
  for (const auto& [name, preset] : sift_preset_names.items) {
    CAPTURE(name);
    SiftParams p;
    p.preset = preset;
    const FeatureTable a = sift(image, p);
    FeatureTable b = sift(turned, p);
    for (size_t j = 0; j < b.rows(); ++j) {  // back into the first picture
      b.values[j * 134] = 180 - b.at(j, 0), b.values[j * 134 + 1] = 149 - b.at(j, 1);
      b.values[j * 134 + 3] += kTurn / 2;
    }
    FeatureTable shifted = b;
    const double bias = preset == SiftPreset::opencv ? 0.25 : 0;
    for (size_t j = 0; j < b.rows(); ++j) shifted.values[j * 134] += 2 * bias, shifted.values[j * 134 + 1] += 2 * bias;
    const auto found = partners(a, shifted);
    CHECK(found.size() > 0.85 * double(a.rows()));
    double dx = 0, dy = 0;
    for (const Partner& f : found) dx += a.at(f.i, 0) - b.at(f.j, 0), dy += a.at(f.i, 1) - b.at(f.j, 1);
    CHECK(dx / 2 / double(found.size()) == Approx(bias).margin(0.02));
    CHECK(dy / 2 / double(found.size()) == Approx(bias).margin(0.02));
  }
}

TEST_CASE("sift: nothing to find is an empty table; colour is refused") {
  for (const auto& [name, preset] : sift_preset_names.items) {
    SiftParams p;
    p.preset = preset;
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 40), cv::Size(40, 1), cv::Size(2, 2), cv::Size(7, 5)}) {
      CAPTURE(name, size.width, size.height);
      CHECK(sift(test::random_image(size.height, size.width, CV_8U), p).rows() <= 8);
    }
    CHECK(sift(cv::Mat(80, 90, CV_8U, cv::Scalar(77)), p).rows() == 0);
  }
  CHECK_THROWS_AS(sift(test::random_image(9, 9, CV_8UC3)), DataError);
  CHECK_THROWS_AS(sift(cv::Mat()), DataError);
  SiftParams p;
  p.edge = 0.5;
  CHECK_THROWS_AS(sift(test::random_image(9, 9, CV_8U), p), ParameterError);
}

TEST_CASE("sift: one scale for every depth") {
  const cv::Mat bytes = photo(80, 90);
  cv::Mat words, reals;
  bytes.convertTo(words, CV_16U, 257);
  bytes.convertTo(reals, CV_32F, 1 / 255.0);
  const FeatureTable a = sift(bytes);
  for (const cv::Mat& other : {words, reals}) {
    const FeatureTable b = sift(other);
    CHECK(b.rows() == a.rows());
    CHECK(partners(a, b).size() == a.rows());
  }
}

TEST_CASE("sift: the strongest come first, and max-features keeps these") {
  const cv::Mat image = photo(120, 130);
  const FeatureTable all = sift(image);
  SiftParams p;
  p.max_features = 10;
  const FeatureTable few = sift(image, p);
  REQUIRE(few.rows() == 10);
  CHECK(std::equal(few.values.begin(), few.values.end(), all.values.begin()));
  for (size_t i = 1; i < all.rows(); ++i) CHECK(all.at(i, 4) <= all.at(i - 1, 4));
}

TEST_CASE("sift: preset opencv gives cv::SIFT's points, preset vlfeat VLFeat's, both ways") {
  const nlohmann::json gold = test::golden("sift.json");
  int cases = 0;
  for (const auto& c : gold.at("cases")) {
    CAPTURE(c.at("peer").get<std::string>());
    SiftParams p;
    p.preset = c.at("peer") == "opencv" ? SiftPreset::opencv : SiftPreset::vlfeat;
    const FeatureTable ours = sift(read_image(test::golden_path(c.at("picture"))), p);
    FeatureTable theirs{ours.columns, {}, {}};
    for (const auto& point : c.at("points")) {
      const auto head = point.at(0).get<std::vector<double>>();
      theirs.values.insert(theirs.values.end(), head.begin(), head.end());
      theirs.values.insert(theirs.values.end(), {0, 0});
      const auto d = point.at(1).get<std::string>();
      for (size_t k = 0; k < 128; ++k) theirs.values.push_back(std::stoi(d.substr(2 * k, 2), nullptr, 16));
    }
    const auto found = partners(ours, theirs);
    // ORACLES: 95 % both ways, counts within 3 %, descriptors' cosine 0.98
    CHECK(double(found.size()) >= 0.98 * double(ours.rows()));
    CHECK(double(found.size()) >= 0.98 * double(theirs.rows()));
    // 0.98 wherever both found the same place; a flat extremum may be refined from another sample, some tenths away
    size_t alike = 0;
    for (const Partner& f : found) {
      const double likeness = cosine(ours, f.i, theirs, f.j);
      alike += likeness >= 0.98;
      if (std::hypot(ours.at(f.i, 0) - theirs.at(f.j, 0), ours.at(f.i, 1) - theirs.at(f.j, 1)) < 0.1)
        CHECK(likeness >= 0.98);
    }
    CHECK(double(alike) >= 0.98 * double(found.size()));
    ++cases;
  }
  CHECK(cases == 2);
}

TEST_CASE("sift: the fast votes are the textbook's, gradient by gradient") {
  cv::Mat_<float> G;
  photo(140, 150).convertTo(G, CV_32F, 1 / 255.0);
  Octave octave{0, 1, std::vector<Rows>(6, rows_of(G))};
  for (SiftPreset preset : {SiftPreset::lowe, SiftPreset::opencv})
    for (int i = 0; i < 12; ++i) {
      KeyPoint k;
      k.s = 1 + i % 3, k.row = 20 + 9 * i, k.col = 120 - 10 * i;  // some windows hang over the edge
      k.x = k.col + 0.3, k.y = k.row - 0.2, k.scale = k.s + 0.1, k.angle = 0.55 * i;
      if (i == 3) k.angle = kTurn / 4;
      const SiftParams p;
      const Setting setting = setting_of(preset);
      const Descriptor fast = vote(octave, k, p, setting), slow = vote_textbook(octave, k, p, setting);
      const float largest = *std::max_element(slow.begin(), slow.end());
      for (size_t j = 0; j < 128; ++j) CHECK(std::abs(fast[j] - slow[j]) <= 1e-5f * largest);
    }
}

TEST_CASE("sift: extrema by vectors are those of the definition, sample by sample") {
  for (const auto& [name, preset] : sift_preset_names.items) {
    SiftParams p;
    p.preset = preset;
    const Setting setting = setting_of(preset);
    cv::Mat coarse = photo(90, 101);
    coarse /= 32, coarse *= 32;  // plateaus and equal values
    const Context ctx;
    ScaleSpace space(coarse, p, setting, ctx, true);
    for (int o = 0; o < space.octaves(); ++o) {
      const Octave& octave = space.next();
      space.complete(octave.rows());
      auto fast = find_extrema(octave, 0, octave.rows(), p, setting, ctx),
           slow = find_extrema_textbook(octave, p, setting);
      const auto by_place = [](const Extremum& a, const Extremum& b) {
        return std::tuple(a.y, a.s, a.x) < std::tuple(b.y, b.s, b.x);
      };
      std::sort(fast.begin(), fast.end(), by_place);
      std::sort(slow.begin(), slow.end(), by_place);
      CAPTURE(name, o, fast.size());
      REQUIRE(fast.size() == slow.size());
      for (size_t i = 0; i < fast.size(); ++i)
        CHECK((fast[i].s == slow[i].s && fast[i].y == slow[i].y && fast[i].x == slow[i].x));
      if (o == 0) CHECK(fast.size() > 20);
    }
  }
}

TEST_CASE("sift: blurs are the Gaussian operator's, thinned ones to 1e-5") {
  cv::Mat_<float> scene;
  cv::Mat(cv::repeat(photo(70, 333), 1, 4)).convertTo(scene, CV_32F, 1 / 255.0);  // several tiles wide
  for (const cv::Size size : {cv::Size(333, 70), cv::Size(1100, 41), cv::Size(7, 5)}) {
    const cv::Mat_<float> image = scene(cv::Rect({0, 0}, size));
    GaussianParams g;
    g.sigma = 2.54;  // scale 2 of an octave
    const cv::Mat_<float> smooth = gaussian(image, g);
    for (Border border : {Border::reflect101, Border::replicate})
      for (double sigma : {0.2, 1.226, 1.545, 1.947, 2.452, 3.09, 6.4}) {
        CAPTURE(size.width, sigma);
        g.sigma = sigma, g.border = border;
        const cv::Mat expected = gaussian(smooth, g);
        for (double known : {0.0, 2.54}) {
          if (known > 0 && border == Border::replicate) continue;  // a bend at the edge is not smooth
          const BlurWeights weights = blur_weights(sigma, known);
          CHECK(weights.stride == (known > 0 && sigma > 1.9 ? 2 : 1));
          Rows out(size);
          for (int y = 0; y < size.height; y += 13)
            blur(rows_of(smooth), weights, border, false, y, std::min(size.height, y + 13), out, {});
          double worst = 0;
          for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
              worst = std::max<double>(worst, std::abs(out(y, x) - expected.at<float>(y, x)));
          // six groups of weights round a little more than one
          CHECK(worst <= (weights.stride == 2 ? 1e-5 : 2e-7) * (sigma > 4 ? 2 : 1));
        }
      }
  }
}

TEST_CASE("sift: rows on the way are those of the whole octave", "[parallel]") {
  // wide enough for several tiles, high enough for several strips of the first octave
  const cv::Mat image = test::random_image(333, 3300, CV_8U);
  for (const auto& [name, preset] : sift_preset_names.items)
    for (bool doubled : {true, false}) {
      SiftParams p;
      p.preset = preset, p.double_size = doubled;
      const Setting setting = setting_of(preset);
      Context two;
      two.threads = 2;
      const Context one;
      ScaleSpace whole(image, p, setting, one, true), strips(image, p, setting, two, false);
      for (int o = 0; o < whole.octaves(); ++o) {
        const Octave &a = whole.next(), &b = strips.next();
        whole.complete(a.rows());
        REQUIRE((a.rows() == b.rows() && a.cols() == b.cols()));
        if (o == 0) CHECK(b.rows() > strips.strip());
        int different = 0;
        for (int y = 0; y < b.rows(); y += strips.strip()) {
          strips.complete(std::min(b.rows(), y + strips.strip()));
          const int first = std::max(0, y - kFar - 1), last = std::min(b.rows(), y + strips.strip() + kFar + 1);
          for (size_t s = 0; s < a.G.size(); ++s)
            for (int j = first; j < last; ++j) different += !std::equal(a.G[s][j], a.G[s][j] + a.cols(), b.G[s][j]);
        }
        CAPTURE(name, doubled, o);
        CHECK(different == 0);
      }
    }
}

TEST_CASE("sift: strips, threads and an open window change nothing", "[parallel]") {
  const cv::Mat image = photo(300, 330);
  for (const auto& [name, preset] : sift_preset_names.items) {
    CAPTURE(name);
    SiftParams p;
    p.preset = preset;
    const FeatureTable a = sift(image, p);
    for (int threads : {1, 2, 7}) {
      Context ctx;
      ctx.threads = threads;
      CHECK(sift(image, p, ctx).values == a.values);
    }
  }
}
