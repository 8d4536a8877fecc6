// imgproc/histogram/equalize.h: the histogram, and maps of the values that give it a wished shape. M: full scale, N: pixels.
//
//   equalize          M (C(v) - C(v0)) / (N - C(v0)),   C(v): how many values are <= v,  v0 the least value               (1)
//   match-histogram   the value of the reference at the same share of its pixels: interpolated between its distinct values (2)
//   clahe             (1) in tiles, with histograms cut at a limit, interpolated between the four nearest tiles
//
// Takes      u8, u16, f32 (clahe: u8, u16); 1, 3, 4 channels (each alone; alpha is kept; clahe: 1 channel)
// Gives      the same depth; integer depths rounded to the nearest
// Guarantees equalize, match-histogram: rising maps, so that order is kept; a picture matched to itself stays as it is; one value
//            stays as it is
// Errors     DataError: the reference has other channels or another depth
// Trace      picture "result"
// See        [GonzalezWoods2018] sec. 3.3; [Zuiderveld1994]
//
// clahe is computed as OpenCV does: the limit is max(1, floor(clip pixels / bins)) for the pixels of a tile; what is cut is
// given to all bins alike, the rest to every k-th; if the tiles do not divide both
// sides, both are continued, by reflect101, to the next multiple above them.
#pragma once
#include <string>

#include "assay/imgproc/op.h"

namespace assay {

enum class HistogramOutput { picture, counts };
inline constexpr EnumNames<HistogramOutput, 2> histogram_output_names{
    {{"picture", HistogramOutput::picture}, {"counts", HistogramOutput::counts}}};

struct HistogramParams {
  int bins = 256;
  HistogramOutput output = HistogramOutput::picture;
  std::string table;
  static void fields(auto& p, auto&& field) {
    field("bins", p.bins, between(2, 65536), "of equal width over the full scale");
    field("output", p.output, histogram_output_names, "a drawing, or a float picture: a row a channel, a column a bin");
    field("table", p.table, "write bins and counts to this CSV file");
  }
};
struct Histogram {
  using Params = HistogramParams;
  static constexpr ImageOpInfo info{"histogram",
                                    "how often each value occurs",
                                    "GonzalezWoods2018, sec. 3.3",
                                    {},
                                    {kAnyDepth, kAnyChannels, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct EqualizeParams {
  static void fields(auto&, auto&&) {}
};
struct Equalize {
  using Params = EqualizeParams;
  static constexpr ImageOpInfo info{"equalize",
                                    "all values equally frequent, as far as can be",
                                    "GonzalezWoods2018, sec. 3.3",
                                    {"equalise", "equalize-hist"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct MatchHistogramParams {
  std::string reference;
  static void fields(auto& p, auto&& field) {
    field("reference", p.reference, "a picture of the same depth and channels; none: the picture itself");
  }
};
struct MatchHistogram {
  using Params = MatchHistogramParams;
  static constexpr ImageOpInfo info{"match-histogram",
                                    "the distribution of values of another picture",
                                    "GonzalezWoods2018, sec. 3.3",
                                    {"match-histograms"},
                                    {kAnyDepth, kAnyChannels, Law::exact, Law::exact}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

struct ClaheParams {
  double clip = 2;
  int tiles = 8;
  static void fields(auto& p, auto&& field) {
    field("clip", p.clip, between(0, 1000), "a bin holds at most this many times the mean; 0: no limit",
          {"clip-limit"});
    field("tiles", p.tiles, between(1, 256), "across, and as many down");
  }
};
struct Clahe {
  using Params = ClaheParams;
  static constexpr ImageOpInfo info{
      "clahe", "contrast of each place, limited", "Zuiderveld1994", {}, {kU8 | kU16, kGrey, Law::none, Law::none}};
  static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
};

/// (2) between two pictures at hand.
void match_histogram(const cv::Mat& image, const cv::Mat& reference, cv::Mat& out, const Context& ctx);

}  // namespace assay
