// imgproc/geometry/resize_kernels.h: the inner loops of resizing: sums along a row, sums of rows, rounding.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>
#include <vector>

#include "assay/imgproc/geometry/taps.h"

namespace assay {

/// For vectors that begin with a line of the cache: no register read from them lies across two.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  LineAllocator() = default;
  template <class U>
  explicit LineAllocator(const LineAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kLine); }
  bool operator==(const LineAllocator&) const = default;
};
template <class T>
using LineVector = std::vector<T, LineAllocator<T>>;

/// Offsets within a block: as wide as the values, so that both fill a register alike.
template <class Real>
using PlaceOf = std::conditional_t<std::is_same_v<Real, uint16_t>, int16_t,
                                   std::conditional_t<std::is_same_v<Real, double>, int64_t, int32_t>>;

/// The taps of a row, channels interleaved, laid out for row_sums: outputs in blocks, tap by tap. Real is float, double, or
/// uint16_t for whole weights whose sums stay below 2^16.
template <class Real>
class RowPlan {
 public:
#ifdef __AVX512BW__
  static constexpr int kBlock = 64 / sizeof(Real);
#else
  static constexpr int kBlock = std::is_same_v<Real, uint16_t> ? 16 : 8;
#endif
  RowPlan(const Taps& taps, const std::vector<double>& weights, int channels);
  /// out[i] = sum_t w_t in[(first + t) channels + c] for every output value; `in` is readable for `kSlack` values more,
  /// `out` is writable up to a whole block.
  void row_sums(const Real* in, Real* out) const;
  /// The same for the outputs of blocks begin..end only, the first of them written to out[0].
  void block_range_sums(const Real* in, ptrdiff_t begin, ptrdiff_t end, Real* out) const;
  static constexpr int kSlack = 128;
  /// Each output is the plain sum of neighbours, which nobody shares: as cheap as it gets.
  bool groups() const { return groups_; }

 private:
  ptrdiff_t values_ = 0;
  int count_ = 0, channels_ = 1;
  bool groups_ = false;  // shrinking by a whole number: plain sums of neighbours
  bool one_ = true;      // every block reads within a block of values for a tap
  bool two_ = true;      // within two
  bool close_ = true;    // within two for all taps together
  bool three_ = false;   // within three, but not close
  int known_block(const std::vector<PlaceOf<Real>>& offset, const std::vector<Real>& weight);
  std::vector<int> base_;             // a block: its lowest input value
  std::vector<int> which_;            // a block: the first block like it, as counted in the next two
  LineVector<PlaceOf<Real>> offset_;  // an output: its first input value less the block's base
  LineVector<Real> weight_;           // block, tap, output
};

/// Where the inputs of a block of outputs lie, for one tap: in one register of bytes, in one for each half of the block, in
/// two (for each half, where the registers are short).
enum class ByteReach { one, halves, wide };

/// RowPlan<uint16_t> straight from bytes.
class BytePlan {
 public:
#ifdef __AVX512VBMI__
  static constexpr int kBlock = 32, kRegister = 64;
#else
  static constexpr int kBlock = 16, kRegister = 16;
#endif
  static constexpr int kSlack = 2 * kRegister + 32;
  /// None where a block (with short registers, half a block) reaches farther than two registers for a tap (about: shrinking by
  /// more than four), or the machine cannot pick.
  /// Requires whole weights whose sums stay below 2^16.
  static std::optional<BytePlan> of(const Taps& taps, int channels);
  /// As RowPlan's.
  void block_range_sums(const uint8_t* in, ptrdiff_t begin, ptrdiff_t end, uint16_t* out) const;
  /// The first taps themselves, without weights, whole blocks of them; returns how many.
  ptrdiff_t pick(const uint8_t* in, uint8_t* out) const;

 private:
  ptrdiff_t values_ = 0;
  int count_ = 0, channels_ = 1;
  ByteReach reach_ = ByteReach::one;
  std::vector<int>
      base_;  // half a block: its lowest input value; the first half's is the block's where one read serves both
  std::vector<uint8_t> offset_;
  std::vector<uint16_t> weight_;
};

/// out[i] = sum_t w[t] rows[t][i]
template <class In, class Real>
void sum_rows(const In* const* rows, const Real* w, int count, Real* out, ptrdiff_t n);

/// out = v / denominator to the nearest, ties to even, for whole v and a denominator of at most largest_denominator.
template <class T, class Real>
void round_fractions(const Real* v, Real denominator, T* out, ptrdiff_t n);

template <class T, class Real>
inline constexpr double largest_denominator = std::is_same_v<Real, double> ? 0x1p32
                                              : std::is_same_v<T, uint8_t> ? 0x1p12
                                                                           : 0x1p8;

/// Division of whole numbers below 256 d by d, as a multiplication and a shift that are exact.
struct WholeDivision {
  uint16_t d = 1, multiplier = 0;
  int shift = 0;
  uint16_t floor(uint16_t v) const {
    return static_cast<uint16_t>(static_cast<uint32_t>(v) * multiplier >> 16 >> shift);
  }
  static std::optional<WholeDivision> by(double denominator);
};
/// out = v / d to the nearest, ties to even, for v up to 255 d.
void round_fractions(const uint16_t* v, const WholeDivision& division, uint8_t* out, ptrdiff_t n);

/// out[x] = the mean of the two middle values of upper[times x .. times x + times - 1] and the two of lower, times 2 or 4:
/// bilinear shrinking. Whole numbers to the nearest, ties to even; f32 as sum_rows, then row_sums have it.
template <class T>
void mean_of_four(const T* upper, const T* lower, int times, T* out, ptrdiff_t n);

/// The same of pixels of 3 or 4 channels; out has n pixels.
void mean_of_four_colours(const uint8_t* upper, const uint8_t* lower, int times, int channels, uint8_t* out,
                          ptrdiff_t n);

/// out[x] = the mean of values 4x .. 4x + 3 of four rows, likewise.
void mean_of_sixteen(const uint8_t* const (&rows)[4], uint8_t* out, ptrdiff_t n);

/// to[i] = from[i]
template <class T, class Real>
void widen_values(const T* from, Real* to, ptrdiff_t n);

}  // namespace assay
