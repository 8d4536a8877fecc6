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

/// One octave: G[s] = L at sigma 2^(s / scales) of its samples; `step_px` input pixels from sample to sample.
struct Octave {
  int index = 0;
  double step_px = 1;
  std::vector<cv::Mat_<float>> G;
  int rows() const { return G[0].rows; }
  int cols() const { return G[0].cols; }
  int scales() const { return static_cast<int>(G.size()) - 3; }
  /// D_s = G_(s+1) - G_s
  float D(int s, int y, int x) const { return G[static_cast<size_t>(s + 1)](y, x) - G[static_cast<size_t>(s)](y, x); }
};

/// `count` parts of at least `bytes` bytes, uninitialised: the system is asked for large pages, which cost a hundredth.
class LargeBlock {
 public:
  LargeBlock() = default;
  LargeBlock(size_t bytes, size_t count);
  void* part(size_t i) const { return static_cast<char*>(data_.get()) + i * bytes_; }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> data_;
  size_t bytes_ = 0;
};

/// Goes through the octaves from fine to coarse; one of them is in memory at a time.
class ScaleSpace {
 public:
  ScaleSpace(const cv::Mat& image, const SiftParams& p, const Setting& setting, const Context& ctx);
  int octaves() const { return octaves_; }
  /// Builds the next octave: the first from the picture, each other from every second sample of scale `scales`.
  const Octave& next();

 private:
  std::vector<cv::Mat_<float>> scales_of(cv::Size size);
  void first_scale(const cv::Mat& image);
  const SiftParams& p_;
  const Setting& setting_;
  const Context& ctx_;
  const cv::Mat& image_;
  int octaves_ = 0;
  LargeBlock memory_;
  Octave octave_;
};

/// out = G_sigma * in, radius `radius` samples. Where `in` is smooth already (`smooth`: its sigma) every second weight is
/// enough: then the radius is that of the thinned kernel, and out is the same to 1e-5 of the largest value.
void blur(const cv::Mat_<float>& in, double sigma, int radius, double smooth, Border border, cv::Mat_<float>& out,
          const Context& ctx);

struct Extremum {
  int s, y, x;  ///< sample of D
};
/// Step 2. In bands of 64 rows, and there in tiles of 64 columns.
std::vector<Extremum> find_extrema(const Octave&, const SiftParams&, const Setting&, const Context&);
/// The definition, sample by sample.
std::vector<Extremum> find_extrema_textbook(const Octave&, const SiftParams&, const Setting&);

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

constexpr int kBins = 36;
using DirectionHistogram = std::array<float, kBins>;
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
