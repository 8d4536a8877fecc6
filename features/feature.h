// features/feature.h: a feature is one name, one struct of parameters, one pure function from a picture to a table.
//
//   struct Harris {
//     using Params = HarrisParams;
//     static constexpr FeatureInfo info{...};
//     static FeatureTable detect(const Params&, const cv::Mat& image, const Context&);
//   };
//
// One row a key point (columns x, y first: pixels, centres at integer coordinates), or one row a picture.
#pragma once
#include <string>
#include <vector>

#include "assay/imgproc/op.h"

namespace assay {

struct FeatureTable {
  std::vector<std::string> columns;
  std::vector<double> values;          ///< row by row
  std::vector<std::string> classes{};  ///< of each row, where a folder gave them; else empty
  bool has_classes = false;            ///< there is a column of classes, though there be no rows
  size_t rows() const { return columns.empty() ? 0 : values.size() / columns.size(); }
  double at(size_t row, size_t column) const { return values[row * columns.size() + column]; }
};

struct FeatureInfo {
  const char* name;
  const char* title;                           ///< one line for `list`
  const char* reference;                       ///< key of REFERENCES.bib with section or equation
  std::initializer_list<const char*> aliases;  ///< names of other libraries
  ImageTraits traits;                          ///< depths and channels it takes; laws its values promise
};

template <class F>
concept FeatureDetector = requires(const typename F::Params& p, const cv::Mat& image, const Context& ctx) {
  { F::detect(p, image, ctx) } -> std::same_as<FeatureTable>;
  { F::info } -> std::convertible_to<const FeatureInfo&>;
};

/// The border of every feature: parameters and picture are checked here, once.
template <FeatureDetector F>
FeatureTable detect(const typename F::Params& params, const cv::Mat& image, const Context& ctx) {
  check_params(params);
  check_image(F::info.name, F::info.traits, image);
  ctx.check_cancelled();
  return F::detect(params, image, ctx);
}

/// The picture as 8-bit colour, dimmed, with a ring around each point of the table (columns x and y), the strongest
/// (first) rows in warm colours. Columns sigma_px and angle_rad, where there are any, give the ring the size of the blob
/// (sqrt(2) sigma) and a line to its rim.
cv::Mat draw_points(const cv::Mat& image, const FeatureTable& table);

/// One line of the catalogue.
struct Feature {
  const FeatureInfo* info;
  std::unique_ptr<AnyParams> (*params)();
  FeatureTable (*detect)(const AnyParams&, const cv::Mat& image, const Context&);
  cv::Mat (*draw)(const AnyParams&, const cv::Mat& image, const FeatureTable&);
  std::string_view name() const { return info->name; }
};

/// The catalogue's line for detector type F. It draws by F::draw(params, image, table) where there is one, else points.
template <FeatureDetector F>
constexpr Feature feature() {
  using P = typename F::Params;
  return {&F::info, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& p, const cv::Mat& image, const Context& ctx) {
            return detect<F>(dynamic_cast<const ParamsOf<P>&>(p).value, image, ctx);
          },
          [](const AnyParams& p, const cv::Mat& image, const FeatureTable& table) {
            if constexpr (requires(const P& q) { F::draw(q, image, table); })
              return F::draw(dynamic_cast<const ParamsOf<P>&>(p).value, image, table);
            else
              return draw_points(image, table);
          }};
}

}  // namespace assay
