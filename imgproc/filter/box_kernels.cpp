#include "assay/imgproc/filter/box_kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace assay {

template <class T, class Sum>
void slide_sums(const T* enters, const T* leaves, Sum* sums, ptrdiff_t n) {
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; ++i)
    sums[i] = static_cast<Sum>(sums[i] + static_cast<Sum>(enters[i]) - static_cast<Sum>(leaves[i]));
}

namespace {

// out[i] = the sum of K lines at i; `continues`: and of what stands in `out`.
template <int K, bool continues, class In, class Out>
[[gnu::noinline]] void add_lines(const In* const* lines, Out* __restrict out, ptrdiff_t n) {
  const In* line[K];
  for (int k = 0; k < K; ++k) line[k] = lines[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    Out sum = line[0][i];
    for (int k = 1; k < K; ++k) sum = static_cast<Out>(sum + line[k][i]);
    out[i] = continues ? static_cast<Out>(out[i] + sum) : sum;
  }
}

template <bool continues, class In, class Out>
void add_some_lines(const In* const* lines, int count, Out* out, ptrdiff_t n) {
  switch (count) {
    case 1:
      return add_lines<1, continues>(lines, out, n);
    case 2:
      return add_lines<2, continues>(lines, out, n);
    case 3:
      return add_lines<3, continues>(lines, out, n);
    case 4:
      return add_lines<4, continues>(lines, out, n);
    case 5:
      return add_lines<5, continues>(lines, out, n);
    default:
      return add_lines<6, continues>(lines, out, n);
  }
}

// Lines to be added up.
template <class In>
struct Parts {
  const In* line[2 * kWindowLevels + 4];
  int count = 0;
  template <class Out>
  void add_to(Out* out, ptrdiff_t n, bool continues) const {
    for (int done = 0; done < count; done += 6, continues = true)
      continues ? add_some_lines<true>(line + done, std::min(count - done, 6), out, n)
                : add_some_lines<false>(line + done, std::min(count - done, 6), out, n);
  }
};

// The sums of three times as many values.
template <class In, class Out>
void next_level(const In* values, ptrdiff_t step, Out* out, ptrdiff_t n) {
  const In* three[3] = {values, values + step, values + 2 * step};
  add_lines<3, false>(three, out, n);
}

// out[i] = the sum of Q blocks, each added in the wide type, and of P parts, whose sum fits the narrow one.
template <int Q, int P>
[[gnu::noinline]] void add_blocks(const uint16_t* const* blocks, const uint16_t* const* parts, uint32_t* __restrict out,
                                  ptrdiff_t n) {
  const uint16_t *block[Q], *part[P + 1];
  for (int k = 0; k < Q; ++k) block[k] = blocks[k];
  for (int k = 0; k < P; ++k) part[k] = parts[k];
  for (ptrdiff_t i = 0; i < n; ++i) {
    uint16_t rest = 0;
    for (int k = 0; k < P; ++k) rest = static_cast<uint16_t>(rest + part[k][i]);
    uint32_t sum = rest;
    for (int k = 0; k < Q; ++k) sum += block[k][i];
    out[i] = sum;
  }
}

// Windows of two to four times the sums that fit 16 bits: by doubling, in 16 bits but for the last step. False where the
// window is none of these.
bool window_sums_by_doubling(const uint16_t* columns, WindowLevels<uint16_t, uint32_t>& levels, int window,
                             ptrdiff_t step, uint32_t* out, ptrdiff_t n) {
  int reach = 1, level = 0;
  while (2 * reach <= std::min(levels.fitting, window) && level + 1 < kWindowLevels) reach *= 2, ++level;
  const int count = window / reach;
  if (count < 2 || count > 4 || level > 3) return false;
  const uint16_t *sums[4] = {columns}, *blocks[4], *parts[3];
  const ptrdiff_t length = n + (window - 1) * step;
  for (int k = 1; k <= level; ++k) {
    const ptrdiff_t half = ptrdiff_t{1} << (k - 1);
    uint16_t* to = levels.narrow.data() + (k - 1) * levels.stride;
    const uint16_t* two[2] = {sums[k - 1], sums[k - 1] + half * step};
    add_lines<2, false>(two, to, length - (2 * half - 1) * step);
    sums[k] = to;
  }
  ptrdiff_t covered = 0;
  for (int k = 0; k < count; ++k, covered += reach) blocks[k] = sums[level] + covered * step;
  int rest = 0;
  for (int k = level - 1; k >= 0; --k)
    if ((window % reach) >> k & 1) {
      parts[rest++] = sums[k] + covered * step;
      covered += ptrdiff_t{1} << k;
    }
  constexpr auto table = [] {
    using Add = void (*)(const uint16_t* const*, const uint16_t* const*, uint32_t*, ptrdiff_t);
    return std::array<std::array<Add, 4>, 3>{
        {{add_blocks<2, 0>, add_blocks<2, 1>, add_blocks<2, 2>, add_blocks<2, 3>},
         {add_blocks<3, 0>, add_blocks<3, 1>, add_blocks<3, 2>, add_blocks<3, 3>},
         {add_blocks<4, 0>, add_blocks<4, 1>, add_blocks<4, 2>, add_blocks<4, 3>}}};
  }();
  table[static_cast<size_t>(count - 2)][static_cast<size_t>(rest)](blocks, parts, out, n);
  return true;
}

}  // namespace

// The window is written in base 3: sums over 1, 3, 9, .. values, each a line of its own, are joined, each twice at most
// (the last one three times). They are of type Column as long as they fit.
template <class Column, class Sum>
void window_sums(const Column* columns, WindowLevels<Column, Sum>& levels, int window, ptrdiff_t step, Sum* out,
                 ptrdiff_t n) {
  if constexpr (std::is_same_v<Column, uint16_t> && std::is_same_v<Sum, uint32_t>)
    if (window_sums_by_doubling(columns, levels, window, step, out, n)) return;
  const ptrdiff_t length = n + (window - 1) * step;
  Parts<Column> narrow_parts;
  Parts<Sum> wide_parts;
  Column* narrow_level = levels.narrow.data();
  Sum *wide_level = levels.wide.data(), *wide = nullptr;
  ptrdiff_t covered = 0, reach = 1;
  for (int rest = window;; rest /= 3, reach *= 3) {
    for (int digit = rest == 3 ? 3 : rest % 3; digit > 0; --digit, covered += reach)
      if (wide)
        wide_parts.line[wide_parts.count++] = wide + covered * step;
      else
        narrow_parts.line[narrow_parts.count++] = columns + covered * step;
    if (rest <= 3) break;
    const ptrdiff_t left = length - (3 * reach - 1) * step;
    if (!wide && 3 * reach <= levels.fitting) {
      next_level(columns, reach * step, narrow_level, left);
      columns = narrow_level;
      narrow_level += levels.stride;
      continue;
    }
    wide ? next_level(wide, reach * step, wide_level, left) : next_level(columns, reach * step, wide_level, left);
    wide = wide_level;
    wide_level += levels.stride;
  }
  narrow_parts.add_to(out, n, false);
  wide_parts.add_to(out, n, narrow_parts.count > 0);
}

template <class T, class Sum>
void divide_sums(const Sum* sums, double area, T* out, ptrdiff_t n) {
  constexpr bool short_sums = !std::is_same_v<Sum, uint64_t>;
  if constexpr (std::is_same_v<T, float>) {
    const double reciprocal = 1 / area;
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) out[i] = static_cast<float>(sums[i] * reciprocal);
  } else if (short_sums && std::is_same_v<T, uint8_t> && area < 65536 && static_cast<int>(area) % 2 == 1) {
    // With an odd area there are no ties: a mean lies at least 1 / (2 area) >= 2^-17 from one. The product errs by less.
    // Adding 1.5 times 2^23 leaves the nearest whole number in the last bits.
    const float reciprocal = static_cast<float>(1 / area);
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) {
      const float shifted = static_cast<float>(static_cast<int32_t>(sums[i])) * reciprocal + 12582912.0f;
      out[i] = static_cast<T>(std::bit_cast<int32_t>(shifted));
    }
  } else if constexpr (short_sums) {
    // The product errs by less than 1/64. Less 1/32, its nearest whole number q is the right one or one too small, which
    // the remainder tells: q is too small where 2 remainder > area, or = area and q is odd.
    const auto reciprocal = static_cast<float>(1 / area);
    const auto divisor = static_cast<int32_t>(area);
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) {
      const auto sum = static_cast<int32_t>(sums[i]);
      const auto q = static_cast<int32_t>(static_cast<float>(sum) * reciprocal + (0.5f - 0x1p-5f));
      const int32_t twice = 2 * (sum - q * divisor);
      out[i] = static_cast<T>(q + (twice + (q & 1) > divisor ? 1 : 0));
    }
  } else {
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; ++i) {
      const double mean = static_cast<double>(sums[i]) / area;
      out[i] = static_cast<T>(static_cast<int32_t>((mean + 6755399441055744.0) - 6755399441055744.0));
    }
  }
}

#define ASSAY_BOX(T, Sum)                                                \
  template void slide_sums<T, Sum>(const T*, const T*, Sum*, ptrdiff_t); \
  template void divide_sums<T, Sum>(const Sum*, double, T*, ptrdiff_t);
#define ASSAY_WINDOW(Column, Sum) \
  template void window_sums<Column, Sum>(const Column*, WindowLevels<Column, Sum>&, int, ptrdiff_t, Sum*, ptrdiff_t);
ASSAY_BOX(uint8_t, uint16_t)
ASSAY_BOX(uint8_t, uint32_t)
ASSAY_BOX(uint16_t, uint32_t)
ASSAY_BOX(uint8_t, uint64_t)
ASSAY_BOX(uint16_t, uint64_t)
ASSAY_BOX(float, double)
ASSAY_WINDOW(uint16_t, uint16_t)
ASSAY_WINDOW(uint16_t, uint32_t)
ASSAY_WINDOW(uint32_t, uint32_t)
ASSAY_WINDOW(uint64_t, uint64_t)
ASSAY_WINDOW(double, double)
#undef ASSAY_BOX
#undef ASSAY_WINDOW

}  // namespace assay
