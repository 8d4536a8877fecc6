#include "assay/imgproc/geometry/transpose_kernels.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "assay/core/simd.h"

namespace assay {

namespace {

template <int bytes>
void transpose_one_by_one(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step, int rows,
                          int cols) {
  for (int x = 0; x < cols; ++x)
    for (int y = 0; y < rows; ++y) std::memcpy(to + x * to_step + y * bytes, from + y * from_step + x * bytes, bytes);
}

// N x N values in N registers: zipping row i with row i + N / 2, log2 N times, transposes them [each zip moves the index's
// highest bit of the row to the lowest of the column].
template <class T>
struct Block {
  static constexpr int N = 16 / sizeof(T);
  using Row = Simd<T, N>;
  Row row[N];

  template <int... k>
  static Row low(Row a, Row b, std::integer_sequence<int, k...>) {
    return __builtin_shufflevector(a, b, (k / 2 + k % 2 * N)...);
  }
  template <int... k>
  static Row high(Row a, Row b, std::integer_sequence<int, k...>) {
    return __builtin_shufflevector(a, b, (N / 2 + k / 2 + k % 2 * N)...);
  }
  void transpose() {
    constexpr std::make_integer_sequence<int, N> places;
    for (int stage = 1; stage < N; stage *= 2) {
      Block zipped;
      for (int i = 0; i < N / 2; ++i) {
        zipped.row[2 * i] = low(row[i], row[i + N / 2], places);
        zipped.row[2 * i + 1] = high(row[i], row[i + N / 2], places);
      }
      *this = zipped;
    }
  }
};

// Loads N pixels of a row, and stores them; of three bytes as four in the register. Twelve bytes go as eight and four through whole
// numbers: through memory the register would have to wait for both.
using Bytes16 = Simd<uint8_t, 16>;
using Words2 = Simd<uint64_t, 2>;
template <int bytes, class Row>
Row load_row(const uint8_t* from) {
  Row row;
  if constexpr (bytes == 3) {
    uint64_t eight = 0;
    uint32_t four = 0;
    std::memcpy(&eight, from, 8);
    std::memcpy(&four, from + 8, 4);
    const auto b = reinterpret_cast<Bytes16>(Words2{eight, four});
    row = reinterpret_cast<Row>(__builtin_shufflevector(b, b, 0, 1, 2, 15, 3, 4, 5, 15, 6, 7, 8, 15, 9, 10, 11, 15));
  } else {
    std::memcpy(&row, from, 16);
  }
  return row;
}
template <int bytes, class Row>
void store_row(Row row, uint8_t* to) {
  if constexpr (bytes == 3) {
    const auto b = reinterpret_cast<Bytes16>(row);
    const auto packed =
        reinterpret_cast<Words2>(__builtin_shufflevector(b, b, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3));
    const uint64_t eight = packed[0];
    const auto four = static_cast<uint32_t>(packed[1]);
    std::memcpy(to, &eight, 8);
    std::memcpy(to + 8, &four, 4);
  } else {
    std::memcpy(to, &row, 16);
  }
}

// T holds a pixel.
template <class T, int bytes = sizeof(T)>
void transpose_blocks(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step, int rows, int cols) {
  constexpr int N = Block<T>::N;
  using Row = typename Block<T>::Row;
  const int whole_rows = rows / N * N, whole_cols = cols / N * N;
  for (int x = 0; x < whole_cols; x += N)
    for (int y = 0; y < whole_rows; y += N) {
      Block<T> block;
      for (int i = 0; i < N; ++i) block.row[i] = load_row<bytes, Row>(from + (y + i) * from_step + x * bytes);
      block.transpose();
      for (int i = 0; i < N; ++i) store_row<bytes, Row>(block.row[i], to + (x + i) * to_step + y * bytes);
    }
  transpose_one_by_one<bytes>(from + whole_rows * from_step, from_step, to + whole_rows * bytes, to_step,
                              rows - whole_rows, whole_cols);
  transpose_one_by_one<bytes>(from + whole_cols * bytes, from_step, to + whole_cols * to_step, to_step, rows,
                              cols - whole_cols);
}

}  // namespace

void transpose_pixels(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step, int rows, int cols,
                      int bytes) {
  switch (bytes) {
    case 1:
      return transpose_blocks<uint8_t>(from, from_step, to, to_step, rows, cols);
    case 2:
      return transpose_blocks<uint16_t>(from, from_step, to, to_step, rows, cols);
    case 3:
      return transpose_blocks<uint32_t, 3>(from, from_step, to, to_step, rows, cols);
    case 4:
      return transpose_blocks<uint32_t>(from, from_step, to, to_step, rows, cols);
    case 6:
      return transpose_one_by_one<6>(from, from_step, to, to_step, rows, cols);
    case 8:
      return transpose_one_by_one<8>(from, from_step, to, to_step, rows, cols);
    case 12:
      return transpose_one_by_one<12>(from, from_step, to, to_step, rows, cols);
    default:
      return transpose_one_by_one<16>(from, from_step, to, to_step, rows, cols);
  }
}

}  // namespace assay
