// imgproc/geometry/matrix3.h: 3 x 3 matrices of the projective plane, x' = H x with x = (x, y, 1).
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

using Matrix3 = std::array<double, 9>;  ///< row by row

inline constexpr Matrix3 identity3{1, 0, 0, 0, 1, 0, 0, 0, 1};

/// "a b c; d e f" (the third row is 0 0 1) or "a b c; d e f; g h i". ParameterError naming `op` where it is neither, or
/// a number is not finite.
Matrix3 parse_matrix3(std::string_view op, std::string_view text);

Matrix3 product(const Matrix3& a, const Matrix3& b);
double determinant(const Matrix3& h);
/// None where |det| is not above 1e-12 of the product of the rows' lengths.
std::optional<Matrix3> inverse(const Matrix3& h);

/// `h` about the point (x, y) instead of the origin.
Matrix3 about(const Matrix3& h, double x, double y);
/// Turns by `degrees` counter-clockwise as the picture is seen (y grows downwards); exact at multiples of 90.
Matrix3 rotation3(double degrees);

}  // namespace assay
