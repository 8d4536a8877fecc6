#include "assay/imgproc/color/xyz_kernels.h"

#include <cstring>
#include <limits>

#include "assay/core/simd.h"

namespace assay {

template <class T>
bool xyz_of_pixels(const T* from, int channels, int n, const double* light, const double (&columns)[3][4], T* to) {
  using Four = Simd<double, 4>;
  constexpr double kRound = 0x1.8p52;
  constexpr int kFull = std::numeric_limits<T>::max();
  Four of[3], off{};
  for (int k = 0; k < 3; ++k) std::memcpy(&of[k], columns[k], sizeof(Four));
  for (int i = 0; i < n; ++i, from += channels, to += channels) {
    const Four v = light[from[2]] * of[0] + light[from[1]] * of[1] + light[from[0]] * of[2];
    const Four near = (v + kRound) - kRound, d = v > near ? v - near : near - v;
    off = d > off ? d : off;
    const Simd<int, 4> whole = __builtin_convertvector(near, Simd<int, 4>);
    const Simd<T, 4> stored = __builtin_convertvector(whole < kFull ? whole : kFull, Simd<T, 4>);
    const T alpha = from[channels - 1];
    std::memcpy(to, &stored,
                i + 1 < n || channels == 4 ? sizeof stored : 3 * sizeof(T));  // the next pixel lies over the fourth
    if (channels == 4) to[3] = alpha;
  }
  const double most = off[0] > off[1] ? off[0] : off[1], largest = most > off[2] ? most : off[2];
  return largest < 0.5 - 1e-8;
}
template bool xyz_of_pixels(const uint8_t*, int, int, const double*, const double (&)[3][4], uint8_t*);
template bool xyz_of_pixels(const uint16_t*, int, int, const double*, const double (&)[3][4], uint16_t*);

}  // namespace assay
