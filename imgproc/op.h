// imgproc/op.h: an image operator is one name, one struct of parameters, one pure function.
//
//   struct Canny {
//     using Params = CannyParams;
//     static constexpr ImageOpInfo info{...};
//     static void apply(const Params&, const cv::Mat& image, cv::Mat& out, const Context&);
//     static void prepare(Params&);  // if it reads files: keeps what they hold beside their names; `apply` does without, too
//   };
//
// Pictures are cv::Mat of u8, u16 or f32 with 1, 3 or 4 channels (B, G, R, alpha) and any row stride. Full scale is
// 255, 65535 and 1.0. `out` is made, or reused where it already has the right size; it never shares memory with
// `image`. The catalogue forgets these types (ImageOp below); the cli, the docs and the contract tests see only that.
#pragma once
#include <concepts>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "assay/core/context.h"
#include "assay/core/image_view.h"
#include "assay/core/params.h"

namespace assay {

/// Sets of depths and of channel counts, as bits.
enum Depths : unsigned { kU8 = 1, kU16 = 2, kF32 = 4, kAnyDepth = 7 };
enum Channels : unsigned { kGrey = 1, kColour = 2, kColourAlpha = 4, kAnyChannels = 7 };

/// op(T(image)) = T(op(image)) for a rigid motion T of the pixel grid: what the default parameters promise.
enum class Law {
  none,   ///< no such promise
  close,  ///< bit for bit on integer depths; on f32 to 1e-6 of the largest absolute value
  exact,  ///< bit for bit
};

struct ImageTraits {
  unsigned depths = kAnyDepth;
  unsigned channels = kAnyChannels;
  Law flip = Law::none;      ///< left-right and top-bottom
  Law rotation = Law::none;  ///< by 90, 180, 270 degrees
};

struct ImageOpInfo {
  const char* name;
  const char* title;                           ///< one line for `list`
  const char* reference;                       ///< key of REFERENCES.bib with section or equation
  std::initializer_list<const char*> aliases;  ///< names of other libraries
  ImageTraits traits;
};

/// Numbers an operator tells about its result, for the terminal and the JSON: {"energy_kept", 0.98}. An operator that has
/// some returns them from `apply`, the others return nothing.
using ImageFacts = std::vector<std::pair<std::string, double>>;

template <class Op>
concept ImageOperator = requires(const typename Op::Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  Op::apply(p, image, out, ctx);
  { Op::info } -> std::convertible_to<const ImageOpInfo&>;
};

/// What an operator (or a feature) named `name` demands of its input; DataError says what the picture has instead.
void check_image(std::string_view name, const ImageTraits& traits, const cv::Mat& image);

/// 255, 65535 or 1.
double full_scale(const cv::Mat& image);

/// The picture as core sees it; valid while the picture lives.
ImageView view_of(const cv::Mat& image);

namespace detail {
/// True where writing `out` would change `image`.
bool shares_memory(const cv::Mat& image, const cv::Mat& out);

/// check_params, which takes as long as a small picture: not again for the same bytes that passed it last.
template <class P>
void check_new_params(const P& params) {
  if constexpr (std::is_trivially_copyable_v<P>) {
    thread_local unsigned char passed[sizeof(P)];
    thread_local bool any = false;
    if (any && std::memcmp(passed, &params, sizeof(P)) == 0) return;
    check_params(params);
    std::memcpy(passed, &params, sizeof(P));
    any = true;
  } else {
    check_params(params);
  }
}
}  // namespace detail

/// The border of every operator: parameters and picture are checked here, once.
template <ImageOperator Op>
ImageFacts apply_op(const typename Op::Params& params, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  detail::check_new_params(params);
  check_image(Op::info.name, Op::info.traits, image);
  ctx.check_cancelled();
  if (detail::shares_memory(image, out)) out = cv::Mat();
  if constexpr (std::same_as<decltype(Op::apply(params, image, out, ctx)), ImageFacts>) {
    return Op::apply(params, image, out, ctx);
  } else {
    Op::apply(params, image, out, ctx);
    return {};
  }
}
template <ImageOperator Op>
cv::Mat apply_op(const typename Op::Params& params, const cv::Mat& image, const Context& ctx) {
  cv::Mat out;
  apply_op<Op>(params, image, out, ctx);
  return out;
}

/// One line of the catalogue.
struct ImageOp {
  const ImageOpInfo* info;
  std::unique_ptr<AnyParams> (*params)();
  /// Parameters of the operator's own type (as `params` made them); throws ParameterError, DataError.
  ImageFacts (*apply)(const AnyParams&, const cv::Mat& image, cv::Mat& out, const Context&);
  /// Reads the files that the parameters name, for many pictures at once; null where there are none. Throws DataError.
  void (*prepare)(AnyParams&);
  std::string_view name() const { return info->name; }
  const ImageTraits& traits() const { return info->traits; }
};

/// The catalogue's line for operator type Op.
template <ImageOperator Op>
constexpr ImageOp image_op() {
  using P = typename Op::Params;
  void (*prepare)(AnyParams&) = nullptr;
  if constexpr (requires(P & p) { Op::prepare(p); })
    prepare = [](AnyParams& p) { Op::prepare(dynamic_cast<ParamsOf<P>&>(p).value); };
  return {&Op::info, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
            return apply_op<Op>(dynamic_cast<const ParamsOf<P>&>(p).value, image, out, ctx);
          },
          prepare};
}

}  // namespace assay
