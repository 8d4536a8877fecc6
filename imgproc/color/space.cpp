// imgproc/color/space.cpp
// Notation   that of the standards: X, Y, Z; L*, a*, b*; H, S, V; Y, Cb, Cr. White: X_n, Y_n, Z_n of linear (1, 1, 1)
// Departures from the standards: the matrix has six digits (the primaries of BT.709 and D65, as in OpenCV and scikit-image), that
//            of IEC 61966-2-1 four; its inverse is computed, so that there and back is the same colour. White is the matrix's
//            own (0.950456, 1, 1.088754), so that grey has a* = b* = 0; the D65 of CIE 15 gives it some 1e-3.

#include "assay/imgproc/color/space.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay {

namespace {

constexpr double kXyz[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
constexpr Colour kWhite{kXyz[0][0] + kXyz[0][1] + kXyz[0][2], kXyz[1][0] + kXyz[1][1] + kXyz[1][2],
                        kXyz[2][0] + kXyz[2][1] + kXyz[2][2]};

struct Inverse {
  double m[3][3];
  Inverse() {
    const auto& a = kXyz;
    double det = 0;
    for (int j = 0; j < 3; ++j)
      det += a[0][j] * (a[1][(j + 1) % 3] * a[2][(j + 2) % 3] - a[1][(j + 2) % 3] * a[2][(j + 1) % 3]);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        m[j][i] = (a[(i + 1) % 3][(j + 1) % 3] * a[(i + 2) % 3][(j + 2) % 3] -
                   a[(i + 1) % 3][(j + 2) % 3] * a[(i + 2) % 3][(j + 1) % 3]) /
                  det;
  }
};

Colour times(const double (&m)[3][3], const Colour& v) {
  Colour out;
  for (size_t i = 0; i < 3; ++i) out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return out;
}

constexpr double kDelta = 6.0 / 29;

double lab_f(double t) { return t > kDelta * kDelta * kDelta ? std::cbrt(t) : t / (3 * kDelta * kDelta) + 4.0 / 29; }
double lab_f_inverse(double f) { return f > kDelta ? f * f * f : 3 * kDelta * kDelta * (f - 4.0 / 29); }

double hue_of(double r, double g, double b, double most, double range) {
  if (range == 0) return 0;
  double h = most == r ? (g - b) / range : most == g ? 2 + (b - r) / range : 4 + (r - g) / range;
  if (h < 0) h += 6;
  return 60 * h;
}

Colour hsv_of(const Colour& c) {
  const double most = std::max({c[0], c[1], c[2]}), range = most - std::min({c[0], c[1], c[2]});
  return {hue_of(c[0], c[1], c[2], most, range), most > 0 ? range / most : 0, most};
}

Colour hsl_of(const Colour& c) {
  const double most = std::max({c[0], c[1], c[2]}), least = std::min({c[0], c[1], c[2]}), range = most - least;
  const double sum = most + least, room = std::min(sum, 2 - sum);  // 1 - |2 L - 1|
  return {hue_of(c[0], c[1], c[2], most, range), range > 0 && room > 0 ? range / room : 0, sum / 2};
}

// The colour of this hue with the largest component `most` and the smallest `least`.
Colour of_hue(double degrees, double least, double most) {
  const double h = std::fmod(std::fmod(degrees, 360) + 360, 360) / 60;
  const auto component = [&](double shift) {
    const double k = std::fmod(h + shift, 6);
    return least + (most - least) * std::clamp(std::abs(k - 3) - 1, 0.0, 1.0);
  };
  return {component(0), component(4), component(2)};
}

constexpr double kRed = 0.299, kGreen = 0.587, kBlue = 0.114;

}  // namespace

double linear_from_srgb(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }
double srgb_from_linear(double c) { return c <= 0.04045 / 12.92 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055; }

Colour xyz_from_linear(const Colour& linear) { return times(kXyz, linear); }
Colour linear_from_xyz(const Colour& xyz) {
  static const Inverse inverse;
  return times(inverse.m, xyz);
}

Colour lab_from_xyz(const Colour& xyz) {
  const double x = lab_f(xyz[0] / kWhite[0]), y = lab_f(xyz[1] / kWhite[1]), z = lab_f(xyz[2] / kWhite[2]);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}
Colour xyz_from_lab(const Colour& lab) {
  const double y = (lab[0] + 16) / 116;
  return {kWhite[0] * lab_f_inverse(y + lab[1] / 500), kWhite[1] * lab_f_inverse(y),
          kWhite[2] * lab_f_inverse(y - lab[2] / 200)};
}

Colour from_srgb(ColourSpace space, const Colour& rgb) {
  if (space == ColourSpace::hsv) return hsv_of(rgb);
  if (space == ColourSpace::hsl) return hsl_of(rgb);
  if (space == ColourSpace::ycbcr) {
    const double y = kRed * rgb[0] + kGreen * rgb[1] + kBlue * rgb[2];
    return {y, (rgb[2] - y) / (2 * (1 - kBlue)), (rgb[0] - y) / (2 * (1 - kRed))};
  }
  const Colour linear{linear_from_srgb(rgb[0]), linear_from_srgb(rgb[1]), linear_from_srgb(rgb[2])};
  if (space == ColourSpace::linear) return linear;
  const Colour xyz = xyz_from_linear(linear);
  return space == ColourSpace::xyz ? xyz : lab_from_xyz(xyz);
}

Colour to_srgb(ColourSpace space, const Colour& c) {
  if (space == ColourSpace::hsv) return of_hue(c[0], c[2] * (1 - c[1]), c[2]);
  if (space == ColourSpace::hsl) {
    const double half = c[1] * std::min(c[2], 1 - c[2]);
    return of_hue(c[0], c[2] - half, c[2] + half);
  }
  if (space == ColourSpace::ycbcr) {
    const double r = c[0] + 2 * (1 - kRed) * c[2], b = c[0] + 2 * (1 - kBlue) * c[1];
    return {r, (c[0] - kRed * r - kBlue * b) / kGreen, b};
  }
  const Colour linear =
      space == ColourSpace::linear ? c : linear_from_xyz(space == ColourSpace::xyz ? c : xyz_from_lab(c));
  return {srgb_from_linear(linear[0]), srgb_from_linear(linear[1]), srgb_from_linear(linear[2])};
}

double ciede2000(const Colour& lab1, const Colour& lab2) {
  constexpr double kDegree = std::numbers::pi / 180, kSeven25 = 6103515625.0;  // 25^7
  const auto seventh = [](double c) { return c * c * c * c * c * c * c; };
  // step 1: C', h'
  const double mean_c = (std::hypot(lab1[1], lab1[2]) + std::hypot(lab2[1], lab2[2])) / 2;
  const double G = 0.5 * (1 - std::sqrt(seventh(mean_c) / (seventh(mean_c) + kSeven25)));
  const double a1 = (1 + G) * lab1[1], a2 = (1 + G) * lab2[1];
  const double c1 = std::hypot(a1, lab1[2]), c2 = std::hypot(a2, lab2[2]);
  const auto hue = [&](double a, double b) {
    if (a == 0 && b == 0) return 0.0;
    const double h = std::atan2(b, a) / kDegree;
    return h < 0 ? h + 360 : h;
  };
  const double h1 = hue(a1, lab1[2]), h2 = hue(a2, lab2[2]);
  // step 2: differences
  double dh = c1 * c2 == 0 ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const double dL = lab2[0] - lab1[0], dC = c2 - c1, dH = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2 * kDegree);
  // step 3: means and weights
  const double L = (lab1[0] + lab2[0]) / 2, C = (c1 + c2) / 2;
  double h = h1 + h2;
  if (c1 * c2 != 0) {
    if (std::abs(h1 - h2) > 180) h += h < 360 ? 360 : -360;
    h /= 2;
  }
  const double T = 1 - 0.17 * std::cos((h - 30) * kDegree) + 0.24 * std::cos(2 * h * kDegree) +
                   0.32 * std::cos((3 * h + 6) * kDegree) - 0.20 * std::cos((4 * h - 63) * kDegree);
  const double turn = 30 * std::exp(-((h - 275) / 25) * ((h - 275) / 25));
  const double rc = 2 * std::sqrt(seventh(C) / (seventh(C) + kSeven25)), l50 = (L - 50) * (L - 50);
  const double sl = 1 + 0.015 * l50 / std::sqrt(20 + l50), sc = 1 + 0.045 * C, sh = 1 + 0.015 * C * T;
  const double rt = -std::sin(2 * turn * kDegree) * rc;
  return std::sqrt((dL / sl) * (dL / sl) + (dC / sc) * (dC / sc) + (dH / sh) * (dH / sh) + rt * (dC / sc) * (dH / sh));
}

}  // namespace assay
