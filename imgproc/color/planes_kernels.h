// imgproc/color/planes_kernels.h: pixels of three or four channels of u8, u16 or f32 apart and together again; a register at a time by
// shuffles, some 4 times as fast as the plain loops, which stand beside them.
#pragma once
#include <cstdint>

namespace assay {

/// a[i], b[i], c[i] = from[3 i], from[3 i + 1], from[3 i + 2],  i < n
template <class T>
void split_planes(const T* from, int n, T* a, T* b, T* c);
template <class T>
void split_planes_plainly(const T* from, int n, T* a, T* b, T* c);

/// The inverse.
template <class T>
void join_planes(const T* a, const T* b, const T* c, int n, T* to);
template <class T>
void join_planes_plainly(const T* a, const T* b, const T* c, int n, T* to);

/// The same of four channels.
template <class T>
void split_planes(const T* from, int n, T* a, T* b, T* c, T* d);
template <class T>
void split_planes_plainly(const T* from, int n, T* a, T* b, T* c, T* d);
template <class T>
void join_planes(const T* a, const T* b, const T* c, const T* d, int n, T* to);
template <class T>
void join_planes_plainly(const T* a, const T* b, const T* c, const T* d, int n, T* to);

/// The next n numbers begin their way into the cache while those before them are worked on.
template <class T>
inline void fetch_numbers(const T* from, int n) {
  for (int i = 0; i < n; i += static_cast<int>(64 / sizeof(T))) __builtin_prefetch(from + i);
}
/// Likewise n pixels of three channels.
template <class T>
inline void fetch_ahead(const T* from, int n) {
  fetch_numbers(from, 3 * n);
}

}  // namespace assay
