// imgproc/histogram/equalize.cpp
// Notation   C(v): how many values are <= v;  v0 the least value;  N pixels, M full scale
// Method     1 the distinct values and C   2 the map   3 one table for all levels (f32: a look-up among the distinct values)
// Departures from the textbook: (1) takes C(v0) away, so that the least value becomes 0, as OpenCV does;
//            [Zuiderveld1994] cuts repeatedly, until nothing exceeds the limit; here what is cut is given out once

#include "assay/imgproc/histogram/equalize.h"

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/imgproc/filter/border.h"
#include "assay/imgproc/histogram/levels_internal.h"
#include "assay/imgproc/histogram/look_up_kernels.h"
#include "assay/imgproc/histogram/point_kernels.h"
#include "assay/imgproc/io/image_file.h"

namespace assay {

namespace {

void show(const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    return TraceImage{"result", title, "The picture after the operator.", view_of(out),
                      false,    {},    "imgproc/histogram/equalize.cpp"};
  });
}

std::vector<levels::Distribution> distributions(const cv::Mat& image, int threads) {
  std::vector<levels::Distribution> all;
  for (int c = 0; c < std::min(image.channels(), 3); ++c) all.push_back(levels::distribution(image, c, threads));
  return all;
}

// --- histogram -------------------------------------------------------------------------------------------------------

// What is no number is counted with the least.
cv::Mat_<float> float_counts(const cv::Mat& image, int bins) {
  const int channels = image.channels(), n = image.cols * channels;
  std::vector<int> bin(static_cast<size_t>(n));
  cv::Mat_<int> counts(channels, bins, 0);
  for (int y = 0; y < image.rows; ++y) {
    bins_of_floats(image.ptr<float>(y), n, bins, bin.data());
    for (int c = 0; c < channels; ++c)
      for (int i = c; i < n; i += channels) ++counts(c, bin[static_cast<size_t>(i)]);
  }
  return counts;
}

cv::Mat_<float> bin_counts(const cv::Mat& image, int bins, int threads) {
  if (image.depth() == CV_32F) return float_counts(image, bins);
  const double levels = full_scale(image) + 1;
  cv::Mat_<float> counts(image.channels(), bins, 0.0f);
  for (int c = 0; c < image.channels(); ++c) {
    const levels::Distribution d = levels::distribution(image, c, threads);
    for (size_t i = 0; i < d.value.size(); ++i) {
      const double bin = std::clamp(std::floor(d.value[i] * bins / levels), 0.0, bins - 1.0);
      counts(c, static_cast<int>(bin)) += static_cast<float>(d.upto[i] - (i ? d.upto[i - 1] : 0));
    }
  }
  return counts;
}

// Bars on white, 128 high; colours in their colour.
cv::Mat draw(const cv::Mat_<float>& counts) {
  const int width = std::clamp(counts.cols, 256, 1024), height = 128, channels = counts.rows == 1 ? 1 : 3;
  cv::Mat picture(height, width, CV_8UC(channels), cv::Scalar::all(255));
  float most = 1;
  for (int c = 0; c < std::min(3, counts.rows); ++c)
    for (int b = 0; b < counts.cols; ++b) most = std::max(most, counts(c, b));
  for (int c = 0; c < std::min(3, counts.rows); ++c)
    for (int x = 0; x < width; ++x) {
      const int first = x * counts.cols / width, last = std::max(first + 1, (x + 1) * counts.cols / width);
      float count = 0;
      for (int b = first; b < last; ++b) count = std::max(count, counts(c, b));
      const int bar = static_cast<int>(std::ceil(count / most * static_cast<float>(height)));
      for (int y = height - bar; y < height; ++y)
        for (int k = 0; k < channels; ++k)
          if (channels == 1 || k != c) picture.ptr<uint8_t>(y)[x * channels + k] = 0;
    }
  return picture;
}

void write_table(const std::string& path, const cv::Mat_<float>& counts, double full) {
  std::string text = counts.rows == 1   ? "from,count\n"
                     : counts.rows == 3 ? "from,blue,green,red\n"
                                        : "from,blue,green,red,alpha\n";
  for (int b = 0; b < counts.cols; ++b) {
    text += std::to_string(b * (full == 1 ? 1 : full + 1) / counts.cols);
    for (int c = 0; c < counts.rows; ++c) text += "," + std::to_string(static_cast<int64_t>(counts(c, b)));
    text += "\n";
  }
  write_file(path, text);
}

// --- clahe -----------------------------------------------------------------------------------------------------------

// The map of one tile, pixels [x0, x0 + w) x [y0, y0 + h), continued by reflect101.
template <class T>
std::vector<T> tile_map(const cv::Mat& image, int x0, int y0, int w, int h, double clip) {
  const int bins = static_cast<int>(full_scale(image)) + 1, pixels = w * h;
  std::vector<uint32_t> four(4 * static_cast<size_t>(bins),
                             0);  // by turns: equal neighbours do not wait for each other
  const int inside = std::max(x0, std::min(x0 + w, image.cols));
  for (int y = y0; y < y0 + h; ++y) {
    const T* row = image.ptr<T>(border_index(y, image.rows, Border::reflect101));
    if constexpr (std::is_same_v<T, uint8_t>)
      levels::count_bytes(row + x0, inside - x0, four.data());
    else
      for (int x = x0; x < inside; ++x) ++four[static_cast<size_t>(x % 4 * bins) + row[x]];
    for (int x = inside; x < x0 + w; ++x) ++four[row[border_index(x, image.cols, Border::reflect101)]];
  }
  std::vector<int> counts(static_cast<size_t>(bins));
  for (size_t v = 0, n = counts.size(); v < n; ++v)
    counts[v] = static_cast<int>(four[v] + four[n + v] + four[2 * n + v] + four[3 * n + v]);
  if (clip > 0) {
    const int limit = std::max(1, static_cast<int>(clip * pixels / bins));
    int cut = 0;
    for (int& count : counts)
      if (count > limit) cut += count - limit, count = limit;
    const int each = cut / bins;
    int rest = cut - each * bins;
    for (int& count : counts) count += each;
    const int step = rest > 0 ? std::max(bins / rest, 1) : 1;
    for (int v = 0; v < bins && rest > 0; v += step, --rest) ++counts[static_cast<size_t>(v)];
  }
  std::vector<T> map(static_cast<size_t>(bins));
  const double scale = static_cast<double>(bins - 1) / pixels;
  int64_t upto = 0;
  for (size_t v = 0; v < map.size(); ++v)
    map[v] = static_cast<T>(levels::kept_in_range(static_cast<double>(upto += counts[v]) * scale, bins - 1.0));
  return map;
}

// Along one side: the two tiles between whose centres each position lies, and the weight of the second.
struct Between {
  int first, second;
  float weight;
};
std::vector<Between> between_tiles(int n, int tile, int tiles) {
  std::vector<Between> out;
  for (int i = 0; i < n; ++i) {
    const float at = static_cast<float>(i) / static_cast<float>(tile) - 0.5f;
    const int first = static_cast<int>(std::floor(at));
    out.push_back({std::max(first, 0), std::min(first + 1, tiles - 1), at - static_cast<float>(first)});
  }
  return out;
}

template <class T>
using TileMaps = std::vector<std::vector<T>>;

template <class T>
TileMaps<T> tile_maps(const ClaheParams& p, const cv::Mat& image, const cv::Size& tile, const Context& ctx) {
  TileMaps<T> maps(static_cast<size_t>(p.tiles) * static_cast<size_t>(p.tiles));
  parallel_for(ctx.threads, static_cast<Index>(maps.size()), 1, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int t = static_cast<int>(begin); t < end; ++t)
      maps[static_cast<size_t>(t)] =
          tile_map<T>(image, t % p.tiles * tile.width, t / p.tiles * tile.height, tile.width, tile.height, p.clip);
  });
  return maps;
}

// Four levels between four tiles: upper left, upper right, lower left, lower right.
inline float between(float a, float b, float c, float d, float across, float down) {
  const float top = a * (1 - across) + b * across, bottom = c * (1 - across) + d * across;
  return top * (1 - down) + bottom * down;
}

template <class T>
void clahe_row(const T* from, const std::vector<T>* upper, const std::vector<T>* lower,
               const std::vector<Between>& across, float down, T* to) {
  for (size_t x = 0; x < across.size(); ++x) {
    const Between& a = across[x];
    const size_t v = from[x];
    to[x] = static_cast<T>(std::nearbyint(
        between(upper[a.first][v], upper[a.second][v], lower[a.first][v], lower[a.second][v], a.weight, down)));
  }
}

// Pixels of a row: the weights of the second tile, and the places where pixels begin that lie between other tiles than those
// before them.
struct RunsAcross {
  std::vector<float> weight;
  std::vector<size_t> begin;
  explicit RunsAcross(const std::vector<Between>& across) {
    for (size_t x = 0; x < across.size(); ++x) {
      weight.push_back(across[x].weight);
      if (x == 0 || across[x].first != across[x - 1].first || across[x].second != across[x - 1].second)
        begin.push_back(x);
    }
    begin.push_back(across.size());
  }
};

void clahe_row(const uint8_t* from, const TileMaps<uint8_t>& maps, int tiles, const std::vector<Between>& across,
               const RunsAcross& runs, const Between& down, uint8_t* to) {
  for (size_t r = 0; r + 1 < runs.begin.size(); ++r) {
    const size_t x = runs.begin[r];
    const Between& a = across[x];
    const auto map = [&](int row, int column) { return maps[static_cast<size_t>(row * tiles + column)].data(); };
    blend_maps(
        from + x,
        {map(down.first, a.first), map(down.first, a.second), map(down.second, a.first), map(down.second, a.second)},
        runs.weight.data() + x, down.weight, static_cast<int>(runs.begin[r + 1] - x), to + x);
  }
}

template <class T>
void clahe_picture(const ClaheParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const bool divides = image.cols % p.tiles == 0 && image.rows % p.tiles == 0;
  const cv::Size tile(image.cols / p.tiles + (divides ? 0 : 1), image.rows / p.tiles + (divides ? 0 : 1));
  const TileMaps<T> maps = tile_maps<T>(p, image, tile, ctx);
  const std::vector<Between> across = between_tiles(image.cols, tile.width, p.tiles),
                             down = between_tiles(image.rows, tile.height, p.tiles);
  const RunsAcross runs(across);
  parallel_for(ctx.threads, image.rows, 32, [&](Index begin, Index end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const Between& d = down[static_cast<size_t>(y)];
      if constexpr (std::is_same_v<T, uint8_t>)
        clahe_row(image.ptr<T>(y), maps, p.tiles, across, runs, d, out.ptr<T>(y));
      else
        clahe_row(image.ptr<T>(y), maps.data() + d.first * p.tiles, maps.data() + d.second * p.tiles, across, d.weight,
                  out.ptr<T>(y));
    }
  });
}

}  // namespace

void Histogram::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const cv::Mat_<float> counts = bin_counts(image, p.bins, ctx.threads);
  if (!p.table.empty()) write_table(p.table, counts, full_scale(image));
  const cv::Mat result = p.output == HistogramOutput::counts ? cv::Mat(counts) : draw(counts);
  result.copyTo(out);
  show(out, "Histogram", ctx);
}

void Equalize::apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const std::vector<levels::Distribution> d = distributions(image, ctx.threads);
  const double full = full_scale(image);
  const auto pixels = static_cast<int64_t>(image.total());
  levels::apply(image, out, ctx, [&](int c, double v) {
    const levels::Distribution& dist = d[static_cast<size_t>(c)];
    const ptrdiff_t i = dist.find(v);
    const int64_t least = dist.upto[0], upto = i < 0 ? least : dist.upto[static_cast<size_t>(i)];
    return pixels == least ? v : full * static_cast<double>(upto - least) / static_cast<double>(pixels - least);  // (1)
  });
  show(out, "Equalise (1)", ctx);
}

void match_histogram(const cv::Mat& image, const cv::Mat& reference, cv::Mat& out, const Context& ctx) {
  const std::vector<levels::Distribution> have = distributions(image, ctx.threads),
                                          want = distributions(reference, ctx.threads);
  const auto pixels = static_cast<double>(image.total()), others = static_cast<double>(reference.total());
  levels::apply(image, out, ctx, [&](int c, double v) {  // (2)
    const levels::Distribution &a = have[static_cast<size_t>(c)], &b = want[static_cast<size_t>(c)];
    const ptrdiff_t i = std::max<ptrdiff_t>(0, a.find(v));
    const double share = static_cast<double>(a.upto[static_cast<size_t>(i)]) / pixels;
    const auto at = std::partition_point(b.upto.begin(), b.upto.end(),
                                         [&](int64_t upto) { return static_cast<double>(upto) / others < share; });
    if (at == b.upto.begin()) return b.value.front();
    if (at == b.upto.end()) return b.value.back();
    const auto k = static_cast<size_t>(at - b.upto.begin());
    const double low = static_cast<double>(b.upto[k - 1]) / others, high = static_cast<double>(b.upto[k]) / others;
    if (high == share) return b.value[k];
    return b.value[k - 1] + (share - low) / (high - low) * (b.value[k] - b.value[k - 1]);
  });
}

void MatchHistogram::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const cv::Mat reference = p.reference.empty() ? image : read_image(p.reference);
  if (reference.type() != image.type())
    throw DataError(
        "match-histogram needs a reference of the picture's depth and channels, this one is of OpenCV type " +
            cv::typeToString(reference.type()) + " and not " + cv::typeToString(image.type()),
        "", Place{p.reference, 0, 0});
  match_histogram(image, reference, out, ctx);
  show(out, "Match the histogram of the reference (2)", ctx);
}

void Clahe::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    clahe_picture<uint8_t>(p, image, out, ctx);
  else
    clahe_picture<uint16_t>(p, image, out, ctx);
  show(out, "Contrast-limited adaptive equalisation", ctx);
}

}  // namespace assay
