// features/sift/sift_internal.h: the stages of SIFT, shared by the detector, its trace and its tests.
#pragma once
#include <array>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "assay/features/sift/sift.h"
#include "assay/imgproc/filter/border.h"

namespace assay::sift_stages {

enum class Doubling { symmetric, repeat_last, half_pixel };

/// What distinguishes the presets.
struct Setting {
  Doubling doubling;
  bool turns;  ///< octaves of a turned picture are the same to the last bit, turned
  Border border;
  int margin;           ///< samples along the rim of an octave that are no extrema
  double early;         ///< share of the contrast threshold an extremum must pass before it is refined
  bool strict;          ///< an extremum exceeds all 26 neighbours; otherwise it may equal them
  double move;          ///< a refined offset beyond this moves to the next sample
  bool moves_in_scale;  ///< ... in scale, too
  double accept;        ///< the largest offset that remains after five moves
  bool centred;         ///< windows stand around the refined place; otherwise around the sample
  bool soft_bins;  ///< the 36 directions share a gradient between two bins, smoothed by six boxes of 3; otherwise it
                   ///< goes to the nearest, smoothed by 1 4 6 4 1
  double rim;      ///< what the Gaussian of the directions is lowered by, so that it ends smoothly
  int directions;  ///< main directions a point may have
};
Setting setting_of(SiftPreset preset);

/// A picture of which some rows are in memory: all of them, or the newest. Row y stands in the place of row y - height.
class Rows {
 public:
  Rows() = default;
  /// All rows, in memory of its own.
  explicit Rows(cv::Size size);
  /// The newest `height` rows, in memory of height stride_of(size.width) floats.
  Rows(cv::Size size, float* memory, int height);
  /// From row to row: whole vectors, and an odd number of cache lines, lest the rows of a column share a cache set.
  static ptrdiff_t stride_of(int cols) { return ((cols + 15) / 16 | 1) * 16; }
  float* operator[](int y) const { return at_[static_cast<size_t>(y)]; }
  float operator()(int y, int x) const { return (*this)[y][x]; }
  cv::Size size() const { return {cols, rows}; }
  int rows = 0, cols = 0;

 private:
  cv::Mat_<float> memory_;
  std::vector<float*> at_;
};

/// One octave: G[s] = L at sigma 2^(s / scales) of its samples; `step_px` input pixels from sample to sample.
struct Octave {
  int index = 0;
  double step_px = 1;
  std::vector<Rows> G;
  int rows() const { return G[0].rows; }
  int cols() const { return G[0].cols; }
  int scales() const { return static_cast<int>(G.size()) - 3; }
  /// D_s = G_(s+1) - G_s
  float D(int s, int y, int x) const { return G[static_cast<size_t>(s + 1)](y, x) - G[static_cast<size_t>(s)](y, x); }
};

/// The weights w_0 .. w_radius of a Gaussian, `stride` samples apart.
struct BlurWeights {
  std::vector<float> w;
  int stride = 1;
  int reach() const { return stride * (static_cast<int>(w.size()) - 1); }
};
/// Of G_sigma. Where the picture is smooth already (`smooth`: its sigma) every second weight is enough, and the result is
/// the same to 1e-5 of the largest value.
BlurWeights blur_weights(double sigma, double smooth);
/// Rows [y0, y1) of out = G_sigma * in. `both_orders`: turned by 90 degrees, the picture has the same result, turned, to the
/// last bit.
void blur(const Rows& in, const BlurWeights&, Border, bool both_orders, int y0, int y1, const Rows& out,
          const Context&);

/// Memory for so many floats, uninitialised: the system is asked for large pages, which cost a hundredth.
class LargeBlock {
 public:
  LargeBlock() = default;
  explicit LargeBlock(size_t floats);
  float* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float[], Free> data_;
  size_t size_ = 0;
};

/// Goes through the octaves from fine to coarse, and through each from top to bottom, all scales at once: what one scale
/// needs of another is still in the cache, and only the newest rows are in memory.
class ScaleSpace {
 public:
  /// `whole`: all rows of an octave stay in memory. What it is given outlives it.
  ScaleSpace(const cv::Mat& image, const SiftParams& p, const Setting& setting, const Context& ctx, bool whole);
  int octaves() const { return octaves_; }
  /// Begins the next octave: the first from the picture, each other from every second sample of scale `scales`.
  const Octave& next();
  /// By how many rows to go on.
  int strip() const { return strip_; }
  /// After so many more strips all windows of a strip's points are complete.
  int strips_waiting() const;
  /// Completes what the extrema of rows 0 .. y1 - 1 and their refinement need, for the next strip. The windows of the
  /// strip that waited for it are still there; rows above them may be forgotten.
  void complete(int y1);

 private:
  int height_of(size_t s) const;
  void begin(cv::Size size);
  void go_on();
  const SiftParams& p_;
  const Setting& setting_;
  const Context& ctx_;
  bool whole_;
  int octaves_ = 0, strip_ = 0, window_ = 0;
  std::vector<BlurWeights> weights_;  // to each scale from the one before; to the first from the picture
  std::vector<int> lead_;             // rows that each scale, and the picture, is ahead of the last one
  LargeBlock memory_;
  cv::Mat_<float> reals_;  // the picture
  Rows base_;              // G_0 of the next octave
  Rows first_;             // the picture at the step of the first octave
  std::vector<int> done_;  // rows of each scale, and the picture, that are complete
  int front_ = 0;          // rows asked of the last scale; negative while scales before it begin
  Octave octave_;
};

struct Extremum {
  int s, y, x;  ///< sample of D
};
/// Step 2, in rows [y0, y1) of the octave; tile of columns by tile: windows of neighbours share what is in the cache.
std::vector<Extremum> find_extrema(const Octave&, int y0, int y1, const SiftParams&, const Setting&, const Context&);
/// The definition, sample by sample.
std::vector<Extremum> find_extrema_textbook(const Octave&, const SiftParams&, const Setting&);

/// A point that would move farther than so many samples from its extremum stays.
constexpr int kFar = 32;

enum class Fate { kept, unstable, contrast, edge };
struct KeyPoint {
  int octave = 0, s = 0, row = 0, col = 0;  ///< the sample nearest to it
  double x = 0, y = 0, scale = 0;           ///< refined, in samples and scales of the octave
  double response = 0;                      ///< |D|
  double angle = 0;
  Fate fate = Fate::kept;
  double sigma(const SiftParams& p) const;  ///< in samples of the octave
};
/// Step 3 and 4: one for each extremum, whatever its fate.
std::vector<KeyPoint> refine(const Octave&, const std::vector<Extremum>&, const SiftParams&, const Setting&,
                             const Context&);

/// Rows and columns that steps 5 and 6 read around an extremum's refined sample.
int window_reach(const SiftParams&);

constexpr int kBins = 36;
using DirectionHistogram = std::array<double, kBins>;
/// Step 5: the smoothed histogram of the directions around a point, and its peaks above 80 %.
DirectionHistogram direction_histogram(const Octave&, const KeyPoint&, const SiftParams&, const Setting&);
std::vector<double> main_directions(const DirectionHistogram&, const Setting&);

constexpr int kCells = 4, kDirections = 8, kLength = kCells * kCells * kDirections;
using Descriptor = std::array<float, kLength>;
/// Step 6: votes before normalising. `direction`: 0 .. 7 anticlockwise from the point's angle.
Descriptor vote(const Octave&, const KeyPoint&, const SiftParams&, const Setting&);
/// The same, gradient by gradient as the papers write it, in double precision.
Descriptor vote_textbook(const Octave&, const KeyPoint&, const SiftParams&, const Setting&);
/// Unit length, cut at 0.2, unit length again; with `root` the square roots of the shares.
void normalise(Descriptor&, bool root);

/// Shows each octave, and at the end where the extrema went.
class Watcher {
 public:
  void octave(const Octave&, const std::vector<KeyPoint>& refined, const std::vector<KeyPoint>& directed,
              const SiftParams&, const Setting&, const Context&);
  void funnel(const cv::Mat& image, const FeatureTable&, const Context&) const;

 private:
  struct Place {
    double x, y, sigma;
  };
  std::array<std::vector<Place>, 4> places_;  // by fate
};

}  // namespace assay::sift_stages
