// imgproc/geometry/warp.cpp
// Notation   V = H^-1 takes output to input;  (u, v) the place in the input
// Method     1 invert H   2 places: places.cpp   3 values there: sampling.cpp
// Departures from the textbook: none. A place whose w is 0 lies at infinity, and so outside.

#include "assay/imgproc/geometry/warp.h"

#include <algorithm>
#include <cmath>

#include "assay/core/text.h"
#include "assay/imgproc/geometry/flip.h"
#include "assay/imgproc/geometry/size.h"
#include "assay/imgproc/geometry/warp_internal.h"
#include "assay/imgproc/io/image_file.h"

namespace assay {

namespace {

struct MatrixStep {
  static constexpr const char* kind = "matrix";
  static constexpr const char* title = "Each output pixel is read at V (x', y', 1), with V the inverse of H";
  static constexpr const char* source = "imgproc/geometry/warp.cpp:warp";
  std::vector<double> H, V;
  static void fields(const MatrixStep& s, auto&& field) {
    field("H", s.H, "input to output, row by row");
    field("V", s.V, "output to input: the inverse of H");
  }
};

std::optional<std::string> matrix_problem(const char* op, const std::string& text, bool affine_only) {
  const Matrix3 h = parse_matrix3(op, text);
  if (affine_only && (h[6] != 0 || h[7] != 0 || h[8] != 1))
    return std::string(op) + ": the third row of the matrix must be 0 0 1; others are for perspective";
  if (!inverse(h))
    return std::string(op) + ": the matrix " + quoted(text) + " cannot be inverted: it flattens the plane";
  return std::nullopt;
}

cv::Size size_of(const char* op, const MatrixWarpParams& p, const cv::Mat& image) {
  return output_size(op, p.width.value_or(image.cols), p.height.value_or(image.rows));
}

bool is_affine(const Matrix3& h) { return h[6] == 0 && h[7] == 0; }

void warp_exact(const cv::Mat& image, const Matrix3& V, const WarpParams& p, cv::Mat& out, const Context& ctx) {
  const Sampling how{p.method, p.border, p.value};
  if (is_affine(V)) {
    const double s = 1 / V[8];  // 1 up to rounding
    sample(image, how, AffinePlaces({V[0] * s, V[1] * s, V[2] * s, V[3] * s, V[4] * s, V[5] * s}), out, ctx);
  } else {
    sample(image, how, ProjectivePlaces(V), out, ctx);
  }
}

void show(const Matrix3& H, const Matrix3& V, const cv::Mat& out, const Context& ctx) {
  ctx.trace.step([&] { return MatrixStep{{H.begin(), H.end()}, {V.begin(), V.end()}}; });
  ctx.trace.image([&] {
    return TraceImage{"warped",
                      "The picture, moved by H",
                      "The picture after the warp; what lies beyond its edge is filled by the border.",
                      view_of(out),
                      false,
                      {},
                      "imgproc/geometry/warp.cpp:warp"};
  });
}

// Sizes of the turned canvas: |W cos| + |H sin|, a hair less than a whole pixel more being none.
double turned_side(double a, double b) { return std::max(1.0, std::ceil(std::abs(a) + std::abs(b) - 1e-9)); }

cv::Mat read_map(const std::string& path, const char* name) {
  if (path.empty()) return {};
  cv::Mat map = read_image(path);
  if (map.channels() != 1 || map.depth() != CV_32F)
    throw DataError(std::string("remap: the map ") + name + " must be a float picture of one channel (.npy or .pfm)",
                    "", Place{path, 0, 0});
  return map;
}

}  // namespace

std::optional<std::string> AffineParams::check(const AffineParams& p) {
  return matrix_problem("affine", p.matrix, true);
}
std::optional<std::string> PerspectiveParams::check(const PerspectiveParams& p) {
  return matrix_problem("perspective", p.matrix, false);
}
std::optional<std::string> ShearParams::check(const ShearParams& p) {
  if (!inverse({1, p.x, 0, p.y, 1, 0, 0, 0, 1}))
    return "shear: x times y must not be 1: that flattens the picture to a line";
  return std::nullopt;
}

void warp(const cv::Mat& image, const Matrix3& H, const cv::Size& size, const WarpParams& p, cv::Mat& out,
          const Context& ctx) {
  const std::optional<Matrix3> V = inverse(H);
  if (!V) throw ParameterError("warp: the matrix cannot be inverted");
  out.create(size, image.type());
  if (p.convention == WarpConvention::opencv)
    detail::warp_opencv(image, *V, p, out, ctx);
  else
    warp_exact(image, *V, p, out, ctx);
  show(H, *V, out, ctx);
}

void remap(const cv::Mat& image, const cv::Mat& map_x, const cv::Mat& map_y, const WarpParams& p, cv::Mat& out,
           const Context& ctx) {
  if (!map_x.empty() && !map_y.empty() && map_x.size() != map_y.size())
    throw DataError("remap: the maps differ in size: " + std::to_string(map_x.cols) + " x " +
                    std::to_string(map_x.rows) + " and " + std::to_string(map_y.cols) + " x " +
                    std::to_string(map_y.rows));
  out.create(!map_x.empty() ? map_x.size() : !map_y.empty() ? map_y.size() : image.size(), image.type());
  if (p.convention == WarpConvention::opencv) return detail::remap_opencv(image, map_x, map_y, p, out, ctx);
  sample_rows(
      image, {p.method, p.border, p.value},
      [&](int y, RowOfMaps& to) {
        for (int x = 0; x < out.cols && map_x.empty(); ++x) to.u_space[x] = static_cast<float>(x);
        for (int x = 0; x < out.cols && map_y.empty(); ++x) to.v_space[x] = static_cast<float>(y);
        if (!map_x.empty()) to.u = map_x.ptr<float>(y);
        if (!map_y.empty()) to.v = map_y.ptr<float>(y);
      },
      out, ctx);
}

void Affine::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  warp(image, parse_matrix3("affine", p.matrix), size_of("affine", p, image), p, out, ctx);
}

void Perspective::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  warp(image, parse_matrix3("perspective", p.matrix), size_of("perspective", p, image), p, out, ctx);
}

void Rotate::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  const Matrix3 turn = rotation3(p.angle);
  const bool square = std::remainder(p.angle, 90.0) == 0,
             grows = p.expand == Canvas::grown || (p.expand == Canvas::automatic && square);
  if (square && grows) return quarter_turns(image, static_cast<int>(std::remainder(p.angle, 360.0) / 90), out, ctx);
  const double w = image.cols, h = image.rows;
  const cv::Size size =
      grows ? output_size("rotate", turned_side(w * turn[0], h * turn[1]), turned_side(w * turn[1], h * turn[0]))
            : image.size();
  const Matrix3 to_centre{1, 0, (size.width - 1) / 2.0, 0, 1, (size.height - 1) / 2.0, 0, 0, 1};
  const Matrix3 from_centre{1, 0, -(w - 1) / 2, 0, 1, -(h - 1) / 2, 0, 0, 1};
  warp(image, product(to_centre, product(turn, from_centre)), size, p, out, ctx);
}

void Shear::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  warp(image, about({1, p.x, 0, p.y, 1, 0, 0, 0, 1}, (image.cols - 1) / 2.0, (image.rows - 1) / 2.0), image.size(), p,
       out, ctx);
}

void Remap::prepare(Params& p) { p.map_x = read_map(p.x, "x"), p.map_y = read_map(p.y, "y"); }

void Remap::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  if (!p.map_x.empty() || !p.map_y.empty()) return remap(image, p.map_x, p.map_y, p, out, ctx);
  const cv::Mat map_x = read_map(p.x, "x"), map_y = read_map(p.y, "y");
  remap(image, map_x, map_y, p, out, ctx);
}

}  // namespace assay
