// Notation   a mask holds one bit a byte of 64 bytes, the lowest for the first; S: bytes where a record starts
// Method     1 every chunk on its own: line ends, quotes, and the records that start in it, once if its first byte is
//            unquoted and once if it is quoted   2 one pass over the chunks' sums fixes which of the two is true, and
//            with it the first row and line of each chunk   3 a chunk's block goes from its first start to the next
//            chunk's
#include "assay/ml/data/csv_scan.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "assay/core/simd.h"

namespace assay::csv {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 17;

bool ends_line(char c) { return c == '\n' || c == '\r'; }

#if defined(__AVX2__) && !defined(__AVX512BW__)
/// Which of 64 bytes are a, b or c?
uint64_t mask_of(const char* p, char a, char b, char c) {
  const auto of_half = [&](const char* half) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(half));
    const auto are = [&](char x) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(x)); };
    const __m256i any = _mm256_or_si256(are(a), _mm256_or_si256(are(b), are(c)));
    return uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(any))};
  };
  return of_half(p) | of_half(p + 32) << 32;
}
#else
/// Which of 64 bytes are a, b or c? The vector types make the compiler compare them all at once; eight flags of a word, each
/// with a bit of its own, become one byte by a product.
uint64_t mask_of(const char* p, char a, char b, char c) {
  using Bytes = Simd<unsigned char, 64>;
  using Words = Simd<uint64_t, 8>;
  using Few = Simd<unsigned char, 8>;
  Bytes bytes;
  std::memcpy(&bytes, p, 64);
  const Bytes zero{};
  const Words flags = reinterpret_cast<Words>((bytes == (zero + static_cast<unsigned char>(a))) |
                                              (bytes == (zero + static_cast<unsigned char>(b))) |
                                              (bytes == (zero + static_cast<unsigned char>(c))));
  const Few eight = __builtin_convertvector(((flags & 0x8040201008040201ull) * 0x0101010101010101ull) >> 56, Few);
  uint64_t mask;
  std::memcpy(&mask, &eight, 8);
  return mask;
}
#endif

/// Bit i of the result: parity of the bits 0..i.
uint64_t running_parity(uint64_t mask) {
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

struct Chunk {
  int64_t quotes = 0, lines = 0, nuls = 0;
  std::array<Index, 2> starts{};                    ///< records that start here, [first byte is quoted]
  std::array<size_t, 2> first{SIZE_MAX, SIZE_MAX};  ///< position of the first of them
  std::array<int64_t, 2> lines_before{};            ///< line ends before it
  size_t first_nul = SIZE_MAX;
  bool ends_line = false;  ///< its last byte does
};

/// Sums over a chunk without looking at quotes; the compiler keeps 64 byte counters in a register. [previous] is the
/// byte before the chunk.
void count_plain(std::string_view text, size_t begin, size_t end, Chunk& chunk) {
  const auto one = [&](size_t i) {
    const char before = i ? text[i - 1] : '\n', c = text[i], after = i + 1 < text.size() ? text[i + 1] : 0;
    chunk.quotes += c == '"';
    chunk.nuls += c == 0;
    chunk.lines += c == '\n' || (c == '\r' && after != '\n');
    chunk.starts[0] += ends_line(before) && !ends_line(c);
  };
  size_t i = begin;
  for (; i < end && i < 1; ++i) one(i);
  while (i + 64 < end) {
    std::array<uint8_t, 64> quotes{}, nuls{}, lines{}, starts{};
    const size_t rounds = std::min<size_t>((end - 1 - i) / 64, 255);
    for (size_t round = 0; round < rounds; ++round, i += 64) {
      const char* p = text.data() + i;
      for (size_t k = 0; k < 64; ++k) {
        const bool newline = p[k] == '\n', carriage = p[k] == '\r';
        const bool after_end = (p[k - 1] == '\n') | (p[k - 1] == '\r');
        quotes[k] = static_cast<uint8_t>(quotes[k] + (p[k] == '"'));
        nuls[k] = static_cast<uint8_t>(nuls[k] | (p[k] == 0));
        lines[k] = static_cast<uint8_t>(lines[k] + (newline | (carriage & (p[k + 1] != '\n'))));
        starts[k] = static_cast<uint8_t>(starts[k] + (after_end & !(newline | carriage)));
      }
    }
    for (size_t k = 0; k < 64; ++k) {
      chunk.quotes += quotes[k];
      chunk.nuls += nuls[k];
      chunk.lines += lines[k];
      chunk.starts[0] += starts[k];
    }
  }
  for (; i < end; ++i) one(i);
}

size_t first_plain_start(std::string_view text, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i)
    if (!ends_line(text[i]) && (i == 0 || ends_line(text[i - 1]))) return i;
  return SIZE_MAX;
}

/// Starts under both assumptions, for a chunk that holds quotes.
void count_with_quotes(std::string_view text, size_t begin, size_t end, Chunk& chunk) {
  chunk.starts = {0, 0};
  uint64_t quoted = 0;  // all ones: the next byte is quoted, if the first one is not
  uint64_t after_end = begin == 0 || ends_line(text[begin - 1]);
  for (size_t i = begin; i < end; i += 64) {
    alignas(64) std::array<char, 64> padded{};
    const char* p = text.data() + i;
    const size_t size = std::min<size_t>(64, end - i);
    if (size < 64) p = static_cast<const char*>(std::memcpy(padded.data(), p, size));
    const uint64_t valid = size < 64 ? (uint64_t{1} << size) - 1 : ~uint64_t{0};
    const uint64_t ends = mask_of(p, '\n', '\r', '\r');
    const uint64_t quotes = mask_of(p, '\"', '\"', '\"');
    const uint64_t inside = (running_parity(quotes) ^ quotes ^ quoted);  // parity of the quotes before the byte
    const uint64_t S = (ends << 1 | after_end) & ~ends & valid;
    const std::array<uint64_t, 2> starts{S & ~inside, S & inside};
    for (size_t side = 0; side < 2; ++side) {
      if (chunk.first[side] == SIZE_MAX && starts[side])
        chunk.first[side] = i + static_cast<size_t>(std::countr_zero(starts[side]));
      chunk.starts[side] += std::popcount(starts[side]);
    }
    after_end = ends >> 63;
    if (std::popcount(quotes) % 2) quoted = ~quoted;
  }
}

/// The bytes begin..end of a piece of text; the one before and the one after them are in it unless the text ends there.
Chunk scan_chunk(std::string_view text, size_t begin, size_t end) {
  Chunk chunk;
  count_plain(text, begin, end, chunk);
  if (chunk.quotes)
    count_with_quotes(text, begin, end, chunk);
  else if (chunk.starts[0])
    chunk.first[0] = first_plain_start(text, begin, end);
  if (!chunk.quotes) {  // quoted from end to end if quoted at the beginning
    chunk.starts[1] = 0;
    chunk.first[1] = SIZE_MAX;
  }
  for (size_t side = 0; side < 2; ++side)
    if (chunk.first[side] != SIZE_MAX) chunk.lines_before[side] = count_lines(text, begin, chunk.first[side]);
  if (chunk.nuls) chunk.first_nul = text.find('\0', begin);
  chunk.ends_line = ends_line(text[end - 1]);
  return chunk;
}

}  // namespace

RecordCutter::RecordCutter(std::string_view text, const Block& block, char separator, bool quotes, size_t d)
    : next_(text.data() + block.begin),
      end_(text.data() + block.end),
      separator_(separator),
      quotes_(quotes),
      d_(d),
      ends_(1024, next_ - 1),
      last_cells_(256) {}

/// Notes the ends among the next 64 bytes: eight at a time, what is too much is written over later.
void RecordCutter::cut_next() {
  alignas(64) std::array<char, 64> padded;
  const char* p = next_;
  const auto size = static_cast<size_t>(std::min<ptrdiff_t>(64, end_ - next_));
  if (size < 64) {
    padded.fill(' ');
    p = static_cast<const char*>(std::memcpy(padded.data(), p, size));
  }
  uint64_t lines = mask_of(p, '\n', '\r', '\r'), all = mask_of(p, separator_, '\n', '\r');
  if (quotes_) {
    const uint64_t marks = mask_of(p, '"', '"', '"'), inside = running_parity(marks) ^ quoted_;
    lines &= ~inside;
    all &= ~inside;
    if (std::popcount(marks) % 2) quoted_ = ~quoted_;
  }
  const uint64_t repeated = lines & (lines << 1 | after_end_);
  after_end_ = lines >> 63;
  lines &= ~repeated;
  all &= ~repeated;

  if (found_ + 72 > ends_.size()) ends_.resize(2 * ends_.size());
  if (records_ + 64 > last_cells_.size()) last_cells_.resize(2 * last_cells_.size());
  for (; lines; lines &= lines - 1)
    last_cells_[records_++] =
        static_cast<uint32_t>(found_ + static_cast<size_t>(std::popcount(all & ((lines & (0 - lines)) - 1))));
  const auto count = static_cast<size_t>(std::popcount(all));
  const char** const ends = ends_.data() + found_;
  for (size_t done = 0; done < count; done += 8)
    for (size_t k = 0; k < 8; ++k) {
      ends[done + k] = next_ + (std::countr_zero(all) & 63);
      all &= all - 1;
    }
  found_ += count;
  next_ += size;
}

const char* const* RecordCutter::take(Index rows) {
  const auto wanted = static_cast<size_t>(rows);
  std::copy(ends_.begin() + static_cast<ptrdiff_t>(taken_), ends_.begin() + static_cast<ptrdiff_t>(found_),
            ends_.begin());
  const size_t left_behind = taken_ / d_;  // records
  for (size_t r = left_behind; r < records_; ++r)
    last_cells_[r - left_behind] = last_cells_[r] - static_cast<uint32_t>(taken_);
  found_ -= taken_;
  records_ -= left_behind;
  while (records_ < wanted && next_ < end_) cut_next();
  if (records_ < wanted) {  // the last record of the text has no line end
    if (found_ == ends_.size()) ends_.resize(found_ + 1);
    last_cells_[records_++] = static_cast<uint32_t>(found_);
    ends_[found_++] = end_;
  }
  if (records_ < wanted) return nullptr;
  for (size_t r = 0; r < wanted; ++r)
    if (last_cells_[r] != (r + 1) * d_) return nullptr;
  taken_ = wanted * d_;
  return ends_.data() + 1;
}

int64_t count_lines(std::string_view text, size_t begin, size_t end) {
  int64_t lines = 0;
  for (size_t i = begin; i < end; ++i)
    lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 >= text.size() || text[i + 1] != '\n'));
  return lines;
}

Scan find_records(std::string_view text, size_t from, int64_t first_line, int threads) {
  return find_records(text.size(), from, first_line, threads,
                      [&](size_t begin, size_t end, std::vector<char>&) { return text.substr(begin, end - begin); });
}

Scan find_records(size_t size, size_t from, int64_t first_line, int threads, ReadText read) {
  const Index count = static_cast<Index>((size - from + kChunkBytes - 1) / kChunkBytes);
  std::vector<Chunk> chunks(static_cast<size_t>(count));
  parallel_for(threads, count, 8, [&](Index first, Index last) {
    std::vector<char> buffer;
    for (Index c = first; c < last; ++c) {
      const size_t begin = from + static_cast<size_t>(c) * kChunkBytes, end = std::min(size, begin + kChunkBytes);
      const size_t before = begin > from ? 1 : 0, after = end < size ? 1 : 0;
      Chunk& chunk = chunks[static_cast<size_t>(c)];
      chunk = scan_chunk(read(begin - before, end + after, buffer), before, before + end - begin);
      for (size_t* place : {&chunk.first[0], &chunk.first[1], &chunk.first_nul})
        if (*place != SIZE_MAX) *place += begin - before;
    }
  });

  Scan scan;
  bool quoted = false;
  int64_t lines = 0;
  for (const Chunk& chunk : chunks) {
    const size_t side = quoted ? 1 : 0;
    scan.nul = std::min(scan.nul, chunk.first_nul);
    if (chunk.starts[side]) {
      Block block;
      block.begin = chunk.first[side];
      block.first_row = scan.rows;
      block.rows = chunk.starts[side];
      block.line = first_line + lines + chunk.lines_before[side];
      if (!scan.blocks.empty()) scan.blocks.back().end = block.begin;
      scan.blocks.push_back(block);
      scan.rows += block.rows;
    }
    lines += chunk.lines;
    scan.quotes |= chunk.quotes != 0;
    if (chunk.quotes % 2) quoted = !quoted;
  }
  if (!scan.blocks.empty()) {
    scan.blocks.back().end = size;
    scan.lines = lines - (chunks.back().ends_line ? 1 : 0);
    // One line a record, and none empty between, before or after them.
    scan.simple_lines = scan.lines == (scan.blocks[0].line - first_line) + scan.rows - 1;
  }
  scan.open_quote = quoted;
  return scan;
}

}  // namespace assay::csv
