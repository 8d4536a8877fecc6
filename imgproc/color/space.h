// imgproc/color/space.h: the colour spaces, one colour at a time, in f64.
//
//   R, G, B: sRGB values, gamma-encoded, 0..1 (values outside are carried through)
//   linear   C / 12.92 below 0.04045, else ((C + 0.055) / 1.055)^2.4                          [IEC61966, 5.2]
//   xyz      M times linear: white (1, 1, 1) goes to Y = 1 (D65)                              [BT709, item 3]
//   lab      L* 0..100, a*, b* about +-110; f(t) = t^(1/3) above (6/29)^3, else linear        [CIE15, 8.2.1]
//   hsv      H degrees in [0, 360), S, V 0..1     hsl   H, S, L 0..1                          [Smith1978]
//   ycbcr    Y 0..1, Cb, Cr -1/2..1/2: full range                                             [BT601, item 3.5]
//
// Guarantees each pair of functions is inverse to the other, to 1e-12, on the cube [0, 1]^3 (hue where it exists)
#pragma once
#include <array>

namespace assay {

using Colour = std::array<double, 3>;  ///< in the order of the name: {R, G, B}, {H, S, V} ...

enum class ColourSpace { linear, xyz, lab, hsv, hsl, ycbcr };

double linear_from_srgb(double c);
double srgb_from_linear(double c);

Colour from_srgb(ColourSpace space, const Colour& rgb);
Colour to_srgb(ColourSpace space, const Colour& colour);

/// XYZ of linear sRGB, and back; primaries of BT.709, white D65.
Colour xyz_from_linear(const Colour& linear);
Colour linear_from_xyz(const Colour& xyz);
Colour lab_from_xyz(const Colour& xyz);
Colour xyz_from_lab(const Colour& lab);

/// The difference of two L*a*b* colours as an eye sees it; 1 is about the least that is seen [Sharma2005, eq. 2-22].
double ciede2000(const Colour& lab1, const Colour& lab2);

}  // namespace assay
