// imgproc/morphology/element.h: structuring elements, kept as horizontal runs of pixels.
//
//   rect     all of width x height
//   ellipse  the pixels whose centre lies in the ellipse with axes width and height:
//            (2 dx / width)^2 + (2 dy / height)^2 <= 1, dx, dy from the centre of the box
//   cross    the row and the column through the anchor
//
// The anchor, the pixel that receives the result, is at (width / 2, height / 2), rounded down. Conventions of the
// ellipse: `opencv` as cv::getStructuringElement, whose half-widths are round(w sqrt(1 - (dy / h)^2)) with w = width / 2,
// h = height / 2 rounded down (turned by 90 degrees it is another set); `skimage` as skimage.morphology.disk:
// dx^2 + dy^2 <= r^2 with r half the side, rounded down.
#pragma once
#include <string>
#include <vector>

#include "assay/core/params.h"

namespace assay {

enum class ElementShape { rect, ellipse, cross };
inline constexpr EnumNames<ElementShape, 3> element_shape_names{
    {{"rect", ElementShape::rect}, {"ellipse", ElementShape::ellipse}, {"cross", ElementShape::cross}}};
enum class MorphologyConvention { exact, opencv, skimage };
inline constexpr EnumNames<MorphologyConvention, 3> morphology_convention_names{
    {{"exact", MorphologyConvention::exact},
     {"opencv", MorphologyConvention::opencv},
     {"skimage", MorphologyConvention::skimage}}};

/// Pixels dx = begin .. begin + length - 1 of row dy, from the anchor.
struct ElementRun {
  int dy, begin, length;
};

class Element {
 public:
  /// Rows of flags, all of one length; not all false.
  Element(const std::vector<std::vector<bool>>& cells, int anchor_x, int anchor_y);

  const std::vector<ElementRun>& runs() const { return runs_; }  ///< by rows, left to right
  bool rectangle() const { return rectangle_; }
  int left() const { return left_; }  ///< reach from the anchor, at least 0
  int right() const { return right_; }
  int up() const { return up_; }
  int down() const { return down_; }
  /// The set { -b }.
  Element reflected() const;

 private:
  explicit Element(std::vector<ElementRun> runs);
  std::vector<ElementRun> runs_;
  bool rectangle_ = false;
  int left_ = 0, right_ = 0, up_ = 0, down_ = 0;
};

Element make_element(ElementShape shape, int width, int height, MorphologyConvention convention);
/// The cells of a file that are not 0 (imgproc/filter/kernel_file.h).
Element read_element(const std::string& path);

}  // namespace assay
