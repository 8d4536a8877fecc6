// features/feature_file.h: tables of features in files, our own and those of other programs.
//
//   csv     a line of column names, then one line a row in shortest round-trip numbers; the only one with a text column
//           (`class`, last). Read: columns in any order of names, all numbers but `class`
//   npy     NumPy 1.0, little-endian float64 (read: float32 too), one row a row, no names: read, columns are named after
//           their count (x, y, response; x .. octave, d0 .. d127; x .. angle_rad, d0 .. d127; else h0, h1, ...)
//   lowe    Lowe's .key (siftDemoV4): `N 128`; a point `row col scale orientation`, then 128 integers, 20 a line.
//           Orientation in (-pi, pi], counter-clockwise as seen (the y axis points up): minus our angle_rad
//   vlfeat  no header; `x y scale angle d1 ... d128` a line; angle as ours; the eight directions of each cell run the
//           other way round (d[c][t] here is their d[c][(8 - t) % 8])
//   colmap  `N 128`, then `x y scale angle d1 ... d128` a line; the origin is the top-left corner of the top-left pixel,
//           so x and y are ours + 0.5; angle and order as ours
//
// Takes      lowe, vlfeat, colmap: columns x, y, sigma_px, angle_rad, d0 .. d127 (others are left out); descriptors are
//            written as integers 0..255: unit length times 512, cut at 255, as all three programs do
// Errors     DataError with line and column: not a number, not finite, lines of different length, a cut file
// See        [Lowe2004]; VLFeat's `sift` command; COLMAP, "Feature Detection and Extraction"
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "assay/core/input.h"
#include "assay/features/feature.h"

namespace assay {

enum class FeatureFormat { csv, npy, lowe, vlfeat, colmap };
inline constexpr EnumNames<FeatureFormat, 5> feature_format_names{{{"csv", FeatureFormat::csv},
                                                                   {"npy", FeatureFormat::npy},
                                                                   {"lowe", FeatureFormat::lowe},
                                                                   {"vlfeat", FeatureFormat::vlfeat},
                                                                   {"colmap", FeatureFormat::colmap}}};

/// By name: "csv", "lowe" ...; UsageError.
FeatureFormat find_feature_format(std::string_view name);
/// By the name's ending: .csv, .npy, .key, .sift, .txt; nothing elsewhere.
std::optional<FeatureFormat> feature_format_of(const std::string& path);
/// ".csv", ".npy", ".key", ".sift", ".txt"
const char* feature_ending(FeatureFormat format);

/// The bytes of the file; DataError where the format cannot hold the table.
std::string encode_features(const FeatureTable& table, FeatureFormat format);
/// `name` is used in messages.
FeatureTable decode_features(std::string_view bytes, const std::string& name, FeatureFormat format);
/// By the ending, or where that says nothing by the first bytes: NumPy's mark, `N 128`, else csv. "-": standard input.
FeatureTable read_features(const std::string& path, std::optional<FeatureFormat> format = std::nullopt);

/// Which columns hold what; nothing where the table has no such columns.
struct KeyPointColumns {
  size_t x, y, sigma, angle;
};
std::optional<KeyPointColumns> key_point_columns(const FeatureTable& table);
/// d0 .. d(count-1), which stand together in this order; count 0: no descriptor.
struct DescriptorColumns {
  size_t first, count;
};
DescriptorColumns descriptor_columns(const FeatureTable& table);

}  // namespace assay
