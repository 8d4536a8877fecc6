// imgproc/histogram/levels_internal.h: maps of single values, and counts of values.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <opencv2/core.hpp>
#include <vector>

#include "assay/core/parallel.h"
#include "assay/imgproc/histogram/count_kernels.h"
#include "assay/imgproc/histogram/look_up_kernels.h"
#include "assay/imgproc/op.h"

namespace assay::levels {

/// v in 0..full, rounded to the nearest, ties to even.
inline double kept_in_range(double v, double full) { return std::clamp(std::nearbyint(v), 0.0, full); }

/// Byte k of eight in a word.
inline size_t byte_of(uint64_t eight, int k) { return eight >> (8 * k) & 255; }

/// out[i] = table[from[i]] for i = first, first + step, ..
template <class T>
void look_up(const T* __restrict from, const uint16_t* __restrict table, int first, int step, int n, T* __restrict to) {
  if (std::is_same_v<T, uint8_t> && step == 1) {
    uint8_t bytes[256];
    for (int v = 0; v < 256; ++v) bytes[v] = static_cast<uint8_t>(table[v]);
    look_up_bytes(reinterpret_cast<const uint8_t*>(from), bytes, n, reinterpret_cast<uint8_t*>(to));
  } else if (step == 1)
    for (int i = 0; i < n; ++i) to[i] = static_cast<T>(table[from[i]]);
  else
    for (int i = first; i < n; i += step) to[i] = static_cast<T>(table[from[i]]);
}

/// A row through the tables of its channels; where all colours have the same (`alike`), through that, and alpha is set right.
template <class T>
void look_up_row(const T* from, const std::vector<std::vector<uint16_t>>& tables, bool alike, int n, T* to) {
  const int channels = static_cast<int>(tables.size());
  if (!alike) {
    for (int c = 0; c < channels; ++c) look_up(from, tables[static_cast<size_t>(c)].data(), c, channels, n, to);
    return;
  }
  look_up(from, tables[0].data(), 0, 1, n, to);
  if (channels == 4)
    for (int i = 3; i < n; i += 4) to[i] = from[i];
}

/// out = map(c, v) for every value v of colour channel c; alpha is kept. Whole numbers go through a table, rounded and kept
/// in range.
template <class Map>
void apply(const cv::Mat& image, cv::Mat& out, const Context& ctx, Map&& map) {
  const int channels = image.channels(), colours = std::min(channels, 3);
  const double full = full_scale(image);
  out.create(image.size(), image.type());
  std::vector<std::vector<uint16_t>> tables(static_cast<size_t>(channels));
  if (image.depth() != CV_32F)
    for (int c = 0; c < channels; ++c) {
      std::vector<uint16_t>& table = tables[static_cast<size_t>(c)];
      table.resize(static_cast<size_t>(full) + 1);
      for (size_t v = 0; v < table.size(); ++v)
        table[v] = static_cast<uint16_t>(c < colours ? kept_in_range(map(c, static_cast<double>(v)), full)
                                                     : static_cast<double>(v));
    }
  const bool alike =
      std::all_of(tables.begin(), tables.begin() + colours, [&](const auto& t) { return t == tables[0]; });
  const int n = image.cols * channels;
  parallel_for(ctx.threads, image.rows, 64, [&](Index begin, Index end) {
    ctx.check_cancelled();
    for (int y = static_cast<int>(begin); y < end; ++y) {
      if (image.depth() == CV_8U) {
        look_up_row(image.ptr<uint8_t>(y), tables, alike, n, out.ptr<uint8_t>(y));
      } else if (image.depth() == CV_16U) {
        look_up_row(image.ptr<uint16_t>(y), tables, alike, n, out.ptr<uint16_t>(y));
      } else {
        const float* from = image.ptr<float>(y);
        float* __restrict to = out.ptr<float>(y);
        if (channels == 1)
          for (int i = 0; i < n; ++i) to[i] = static_cast<float>(map(0, static_cast<double>(from[i])));
        else
          for (int c = 0; c < channels; ++c)
            for (int i = c; i < n; i += channels)
              to[i] = c < colours ? static_cast<float>(map(c, static_cast<double>(from[i]))) : from[i];
      }
    }
  });
}

/// Adds a row of bytes to four tables of 256 in turn, so that equal neighbours do not wait for each other; eight bytes a read.
inline void count_bytes(const uint8_t* row, int n, uint32_t* counts) {
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, row + i, 8);
    for (int k = 0; k < 8; ++k) ++counts[static_cast<size_t>(256 * (k % 4)) + byte_of(eight, k)];
  }
  for (; i < n; ++i) ++counts[row[i]];
}

/// A large picture of bytes: rows of its halves by turns.
inline void count_by_pairs(const cv::Mat& image, uint32_t* counts) {
  std::vector<uint32_t> pairs(kPairs, 0);
  const int half = image.rows / 2;
  for (int y = 0; y < half; ++y)
    count_pairs(image.ptr<uint8_t>(y), image.ptr<uint8_t>(half + y), image.cols, pairs.data(), counts);
  add_pairs(pairs.data(), counts);
  if (image.rows % 2 == 1) count_bytes(image.ptr<uint8_t>(image.rows - 1), image.cols, counts);
}

/// How often each level occurs in one channel of 16 bits. Equal neighbours are rare: one table, which stays in the cache.
inline std::vector<int64_t> count_words(const cv::Mat& image, int channel) {
  std::vector<uint32_t> counts(65536, 0);
  for (int y = 0; y < image.rows; ++y) {
    const uint16_t* row = image.ptr<uint16_t>(y) + channel;
    for (int x = 0; x < image.cols; ++x) ++counts[row[static_cast<ptrdiff_t>(x) * image.channels()]];
  }
  return {counts.begin(), counts.end()};
}

/// How often each level occurs in one channel of some rows of whole numbers.
inline std::vector<int64_t> count_rows(const cv::Mat& image, int channel) {
  if (image.depth() == CV_16U) return count_words(image, channel);
  const int channels = image.channels(), n = image.cols * channels;
  constexpr size_t levels = 256;
  std::vector<uint32_t> counts(4 * levels, 0);
  constexpr size_t kMany = 1 << 18;  // pixels for which the counters of pairs pay
  if (channels == 1 && image.total() >= kMany)
    count_by_pairs(image, counts.data());
  else
    for (int y = 0; y < image.rows; ++y) {
      const uint8_t* row = image.ptr<uint8_t>(y);
      if (channels == 1)
        count_bytes(row, n, counts.data());
      else
        for (int x = 0; x < image.cols; ++x)
          ++counts[static_cast<size_t>(x % 4) * levels + row[x * channels + channel]];
    }
  std::vector<int64_t> total(levels);
  for (size_t v = 0; v < levels; ++v)
    total[v] = int64_t{counts[v]} + counts[levels + v] + counts[2 * levels + v] + counts[3 * levels + v];
  return total;
}

/// The same of a picture; on several threads by pieces (whole numbers: their sums do not depend on the cuts) so large that they
/// make up for counters of their own.
inline std::vector<int64_t> count(const cv::Mat& image, int channel, int threads) {
  const Index piece = image.depth() == CV_8U ? Index{1} << 20 : Index{1} << 22;  // pixels
  if (threads == 1 || static_cast<Index>(image.total()) <= piece) return count_rows(image, channel);
  return parallel_reduce(
      threads, image.rows, std::max<Index>(1, piece / image.cols), std::vector<int64_t>{},
      [&](Index begin, Index end) {
        return count_rows(image.rowRange(static_cast<int>(begin), static_cast<int>(end)), channel);
      },
      [](std::vector<int64_t>& total, std::vector<int64_t>& part) {
        if (total.empty()) return total.swap(part);
        for (size_t v = 0; v < total.size(); ++v) total[v] += part[v];
      });
}

/// The values of one channel, in order, without those that are no numbers; where there are none others, a 0.
inline std::vector<float> sorted_values(const cv::Mat& image, int channel) {
  std::vector<float> values;
  values.reserve(image.total());
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      if (const float v = image.ptr<float>(y)[x * image.channels() + channel]; !std::isnan(v)) values.push_back(v);
  if (values.empty()) values.push_back(0);
  std::sort(values.begin(), values.end());
  return values;
}

/// The distinct values of one channel, rising, and how many values lie at or below each.
struct Distribution {
  std::vector<double> value;
  std::vector<int64_t> upto;
  /// Index of the last value <= v; -1 below all.
  ptrdiff_t find(double v) const { return std::upper_bound(value.begin(), value.end(), v) - value.begin() - 1; }
};
inline Distribution distribution(const cv::Mat& image, int channel, int threads) {
  Distribution d;
  if (image.depth() == CV_32F) {
    const std::vector<float> values = sorted_values(image, channel);
    for (size_t i = 0; i < values.size(); ++i) {
      if (i + 1 < values.size() && values[i + 1] == values[i]) continue;
      d.value.push_back(static_cast<double>(values[i]));
      d.upto.push_back(static_cast<int64_t>(i + 1));
    }
    return d;
  }
  int64_t upto = 0;
  const std::vector<int64_t> counts = count(image, channel, threads);
  for (size_t v = 0; v < counts.size(); ++v) {
    if (counts[v] == 0) continue;
    d.value.push_back(static_cast<double>(v));
    d.upto.push_back(upto += counts[v]);
  }
  return d;
}

}  // namespace assay::levels
