// features/sift/describe.cpp: steps 5 and 6, directions and descriptors.
// Notation   (i, j): sample relative to the point, rows down, columns right;  theta: the point's angle, from x towards y;
//            g: gradient of G_s, s the sample's scale;  sigma: the point's, in samples
// Method     5 histogram of 36 directions of g, each weighed by |g| and a Gaussian of 1.5 sigma; smooth; peaks of at least
//            80 % of the highest   6 turn (i, j) by -theta, cells of 3 sigma; |g| under a Gaussian of 6 sigma votes into
//            the 2 x 2 x 2 nearest of 4 x 4 x 8 bins; unit length, cut at 0.2, unit length
// Departures from the papers: the window of step 5 ends at 4.5 sigma [ReyOtero2014, sec. 3.1]; [Lowe2004] does not say.
//            Preset lowe lowers that Gaussian to 0 there: otherwise a sample on the rim, in or out, moves the direction.
//            Gaussian weights are a product of one along the row and one along the column; directions and lengths are in
//            single precision. All samples that reach a cell vote: a square of 15 sigma, turned.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "assay/features/sift/sift_internal.h"
#include "assay/features/sift/sift_kernels.h"

namespace assay::sift_stages {

namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr double kWindow = 1.5, kReach = 3;  // step 5: sigmas of the weight, weights of the reach
constexpr double kCell = 3;                  // step 6: sigmas of a cell's side
constexpr double kPeak = 0.8, kCut = 0.2;

// exp(-(i - centre)^2 / (2 sigma^2)), i = first .. last. The ratio of neighbours is itself a geometric sequence.
std::vector<float> bell(int first, int last, double centre, double sigma) {
  const double a = -0.5 / (sigma * sigma), x = first - centre, change = std::exp(2 * a);
  double w = std::exp(a * x * x), ratio = std::exp(a * (2 * x + 1));
  std::vector<float> all(static_cast<size_t>(last - first + 1));
  for (float& v : all) {
    v = static_cast<float>(w);
    w *= ratio;
    ratio *= change;
  }
  return all;
}

// Where a point's windows stand.
struct Centre {
  double y, x;
  int row, col;  ///< the nearest sample
};
Centre centre_of(const KeyPoint& k, const Setting& setting) {
  if (!setting.centred) return {double(k.row), double(k.col), k.row, k.col};
  return {k.y, k.x, static_cast<int>(std::lrint(k.y)), static_cast<int>(std::lrint(k.x))};
}

// Gradients of some rows, gathered before the costly functions run over all of them at once.
class Samples {
 public:
  explicit Samples(size_t n) : memory_(std::make_unique_for_overwrite<float[]>(6 * n)), n_(n) {}
  float* gx() { return memory_.get(); }
  float* gy() { return memory_.get() + n_; }
  float* length() { return memory_.get() + 2 * n_; }
  float* angle() { return memory_.get() + 3 * n_; }
  float* row() { return memory_.get() + 4 * n_; }
  float* col() { return memory_.get() + 5 * n_; }

 private:
  std::unique_ptr<float[]> memory_;
  size_t n_;
};

void smooth(DirectionHistogram& h, const Setting& setting) {
  std::array<double, kBins + 4> around;  // bins -2 .. 37
  for (int pass = 0; pass < (setting.soft_bins ? 6 : 1); ++pass) {
    std::copy(h.begin(), h.end(), around.begin() + 2);
    std::copy(h.end() - 2, h.end(), around.begin());
    std::copy(h.begin(), h.begin() + 2, around.end() - 2);
    for (size_t i = 0; i < kBins; ++i) {
      const double* g = around.data() + i;
      h[i] = setting.soft_bins ? (g[1] + g[3] + g[2]) / 3 : (g[0] + g[4]) / 16 + (g[1] + g[3]) / 4 + g[2] * 3 / 8;
    }
  }
}

// The columns j of row i whose place in the turned frame lies within +-2.5 cells: a + b j in both directions.
void clip(double a, double b, double& first, double& last) {
  constexpr double kHalf = (kCells + 1) / 2.0;
  if (std::abs(b) < 1e-12) {
    if (std::abs(a) >= kHalf) last = first - 1;
    return;
  }
  const double p = (-kHalf - a) / b, q = (kHalf - a) / b;
  first = std::max(first, std::min(p, q));
  last = std::min(last, std::max(p, q));
}

}  // namespace

int window_reach(const SiftParams& p) {
  KeyPoint largest;
  largest.scale = p.scales + 1;
  const double sigmas = p.descriptors ? std::sqrt(2.0) * kCell * (kCells + 1) / 2 : kWindow * kReach;
  return static_cast<int>(std::ceil(sigmas * largest.sigma(p))) +
         4;  // the place is rounded, and gradients reach by one
}

DirectionHistogram direction_histogram(const Octave& octave, const KeyPoint& k, const SiftParams& p,
                                       const Setting& setting) {
  const Rows& G = octave.G[static_cast<size_t>(k.s)];
  const double spread = kWindow * k.sigma(p);
  const Centre c = centre_of(k, setting);
  const int r = setting.rim > 0     ? static_cast<int>(std::ceil(kReach * spread))
                : setting.soft_bins ? std::max(1, static_cast<int>(kReach * spread))
                                    : static_cast<int>(std::lrint(kReach * spread));
  const int y0 = std::max(1, c.row - r), y1 = std::min(G.rows - 2, c.row + r);
  const int x0 = std::max(1, c.col - r), x1 = std::min(G.cols - 2, c.col + r);
  DirectionHistogram h{};
  if (y1 < y0 || x1 < x0) return h;
  const std::vector<float> wx = bell(x0, x1, c.x, spread), wy = bell(y0, y1, c.y, spread);
  Samples samples(static_cast<size_t>(y1 - y0 + 1) * static_cast<size_t>(x1 - x0 + 1));
  size_t count = 0;
  for (int y = y0; y <= y1; ++y) {
    int from = x0, to = x1;
    if (setting.soft_bins) {  // a disc
      const double half = std::sqrt(std::max(0.0, r * r + 0.6 - (y - c.y) * (y - c.y)));
      if (r * r + 0.6 <= (y - c.y) * (y - c.y)) continue;
      from = std::max(x0, static_cast<int>(std::ceil(c.x - half)));
      to = std::min(x1, static_cast<int>(std::floor(c.x + half)));
      if (to < from) continue;
    }
    const int n = to - from + 1;
    gradients(G[y - 1] + from, G[y] + from, G[y + 1] + from, wx.data() + (from - x0), wy[static_cast<size_t>(y - y0)],
              static_cast<float>(setting.rim), samples.gx() + count, samples.gy() + count, samples.length() + count, n);
    count += static_cast<size_t>(n);
  }
  polar(samples.gx(), samples.gy(), kBins, samples.length(), samples.angle(), static_cast<ptrdiff_t>(count));
  vote_directions(samples.angle(), samples.length(), static_cast<ptrdiff_t>(count), setting.soft_bins, h.data());
  smooth(h, setting);
  return h;
}

std::vector<double> main_directions(const DirectionHistogram& h, const Setting& setting) {
  const double highest = *std::max_element(h.begin(), h.end());
  std::vector<double> angles;
  for (int i = 0; i < kBins && static_cast<int>(angles.size()) < setting.directions; ++i) {
    const double here = h[static_cast<size_t>(i)];
    if (here < kPeak * highest) continue;
    const double before = h[static_cast<size_t>((i + kBins - 1) % kBins)],
                 after = h[static_cast<size_t>((i + 1) % kBins)];
    if (!(here > before && here > after)) continue;
    // The top of the parabola through three bins. Soft bins have their centres at half numbers.
    const double peak = i + (before - after) / (2 * (before - 2 * here + after)) + (setting.soft_bins ? 0.5 : 0);
    double angle = peak / kBins * kTurn;
    if (angle < 0) angle += kTurn;
    if (angle >= kTurn) angle -= kTurn;
    angles.push_back(angle);
  }
  return angles;
}

Descriptor vote(const Octave& octave, const KeyPoint& k, const SiftParams& p, const Setting& setting) {
  const Rows& G = octave.G[static_cast<size_t>(k.s)];
  const Centre c = centre_of(k, setting);
  const double side = kCell * k.sigma(p), cosine = std::cos(k.angle) / side, sine = std::sin(k.angle) / side;
  const int r = static_cast<int>(std::sqrt(2.0) * side * (kCells + 1) / 2 + 0.5);
  const int y0 = std::max(1, c.row - r), y1 = std::min(G.rows - 2, c.row + r);
  const int x0 = std::max(1, c.col - r), x1 = std::min(G.cols - 2, c.col + r);
  Descriptor d{};
  if (y1 < y0 || x1 < x0) return d;
  const double spread = side * kCells / 2;
  const std::vector<float> wx = bell(x0, x1, c.x, spread), wy = bell(y0, y1, c.y, spread);
  const auto theta = static_cast<float>(k.angle / kTurn * kDirections);
  constexpr size_t kBlock = 512;
  Samples samples(kBlock + static_cast<size_t>(x1 - x0 + 1));
  alignas(64) std::array<float, 2 * kHistogram> histogram{};
  size_t count = 0;
  const auto flush = [&] {
    const auto n = static_cast<ptrdiff_t>(count);
    polar(samples.gx(), samples.gy(), kDirections, samples.length(), samples.angle(), n);
    float* angle = samples.angle();
    for (size_t i = 0; i < count; ++i) angle[i] = theta - angle[i];
    vote_trilinearly(samples.row(), samples.col(), samples.angle(), samples.length(), n, histogram.data());
    count = 0;
  };
  for (int y = y0; y <= y1; ++y) {
    const double i = y - c.y;  // column and row in the turned frame: i sine + j cosine, i cosine - j sine
    double first = x0 - c.x, last = x1 - c.x;
    clip(i * sine, cosine, first, last);
    clip(i * cosine, -sine, first, last);
    const int from = static_cast<int>(std::ceil(c.x + first)), to = static_cast<int>(std::floor(c.x + last)),
              n = to - from + 1;
    if (n <= 0) continue;
    gradients(G[y - 1] + from, G[y] + from, G[y + 1] + from, wx.data() + (from - x0), wy[static_cast<size_t>(y - y0)],
              0, samples.gx() + count, samples.gy() + count, samples.length() + count, n);
    const double j = from - c.x, middle = (kCells + 1) / 2.0;
    places(static_cast<float>(i * cosine - j * sine + middle), static_cast<float>(-sine),
           static_cast<float>(i * sine + j * cosine + middle), static_cast<float>(cosine), samples.row() + count,
           samples.col() + count, n);
    count += static_cast<size_t>(n);
    if (count >= kBlock) flush();
  }
  flush();
  collect_cells(histogram.data(), d.data());
  return d;
}

Descriptor vote_textbook(const Octave& octave, const KeyPoint& k, const SiftParams& p, const Setting& setting) {
  const Rows& G = octave.G[static_cast<size_t>(k.s)];
  const Centre c = centre_of(k, setting);
  const double side = kCell * k.sigma(p), spread = kCells / 2.0;
  std::array<double, kLength> d{};
  for (int y = 1; y < G.rows - 1; ++y)
    for (int x = 1; x < G.cols - 1; ++x) {
      const double i = (y - c.y) / side, j = (x - c.x) / side;
      const double row = i * std::cos(k.angle) - j * std::sin(k.angle),
                   col = i * std::sin(k.angle) + j * std::cos(k.angle);
      const double gx = G(y, x + 1) - G(y, x - 1), gy = G(y + 1, x) - G(y - 1, x);
      const double weight = std::hypot(gx, gy) * std::exp(-0.5 * (row * row + col * col) / (spread * spread));
      const double direction = (k.angle - std::atan2(gy, gx)) / kTurn * kDirections;
      for (int a = 0; a < kCells; ++a)
        for (int b = 0; b < kCells; ++b)
          for (int t = 0; t < kDirections; ++t) {
            const double middle = (kCells - 1) / 2.0;
            const double down = 1 - std::abs(row + middle - a), right = 1 - std::abs(col + middle - b);
            const double turn = 1 - std::abs(std::remainder(direction - t, kDirections));
            if (down > 0 && right > 0 && turn > 0)
              d[static_cast<size_t>((a * kCells + b) * kDirections + t)] += weight * down * right * turn;
          }
    }
  Descriptor out;
  std::transform(d.begin(), d.end(), out.begin(), [](double v) { return static_cast<float>(v); });
  return out;
}

void normalise(Descriptor& d, bool root) {
  const auto to_unit = [&](float cut) {
    double square = 0;
    for (float v : d) square += double(v) * v;
    const auto scale = static_cast<float>(1 / std::max(std::sqrt(square), 1e-30));
    for (float& v : d) v = std::min(v * scale, cut);
  };
  to_unit(static_cast<float>(kCut));  // [Lowe2004, sec. 6.1]: no single gradient decides
  to_unit(1);
  if (!root) return;
  double sum = 0;
  for (float v : d) sum += v;
  for (float& v : d) v = static_cast<float>(std::sqrt(v / std::max(sum, 1e-30)));
}

}  // namespace assay::sift_stages
