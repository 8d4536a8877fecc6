// imgproc/io/png.cpp: PNG through libpng.
//
// libpng reports errors by longjmp, which runs no destructors. So each call into it stands in a step without objects that
// have one (run_step), and whatever must be freed is owned outside.

#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "assay/imgproc/io/codec_internal.h"

namespace assay::codec {

namespace {

struct Session {
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[160] = "";
  // reading
  const unsigned char* next = nullptr;
  size_t left = 0;
  png_bytepp rows = nullptr;
  png_uint_32 width = 0, height = 0;
  int bit_depth = 0, colour = 0, channels = 0;
  bool has_alpha = false;
  // writing
  std::string* out = nullptr;
  bool no_memory = false;
};

void on_error(png_structp png, png_const_charp text) {
  Session& s = *static_cast<Session*>(png_get_error_ptr(png));
  std::strncpy(s.message, text, sizeof s.message - 1);
  png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}  // remarks on optional chunks; the pixels' checksums are errors

void on_read(png_structp png, png_bytep to, size_t count) {
  Session& s = *static_cast<Session*>(png_get_io_ptr(png));
  if (count > s.left) png_error(png, "the file ends too early");
  std::memcpy(to, s.next, count);
  s.next += count;
  s.left -= count;
}

void on_write(png_structp png, png_bytep from, size_t count) {
  Session& s = *static_cast<Session*>(png_get_io_ptr(png));
  try {
    s.out->append(reinterpret_cast<const char*>(from), count);
  } catch (...) {
    s.no_memory = true;
  }
  if (s.no_memory) png_error(png, "out of memory");
}
void on_flush(png_structp) {}

// False where libpng jumped back. The step owns nothing.
bool run_step(Session& s, void (*step)(Session&)) {
  if (setjmp(png_jmpbuf(s.png))) return false;
  step(s);
  return true;
}

struct ReadSession : Session {
  explicit ReadSession(std::string_view bytes) {
    next = reinterpret_cast<const unsigned char*>(bytes.data());
    left = bytes.size();
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, static_cast<Session*>(this), on_error, on_warning);
    if (png) info = png_create_info_struct(png);
  }
  ~ReadSession() { png_destroy_read_struct(&png, &info, nullptr); }
  ReadSession(const ReadSession&) = delete;
  ReadSession& operator=(const ReadSession&) = delete;
};

struct WriteSession : Session {
  explicit WriteSession(std::string& to) {
    out = &to;
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, static_cast<Session*>(this), on_error, on_warning);
    if (png) info = png_create_info_struct(png);
  }
  ~WriteSession() { png_destroy_write_struct(&png, &info); }
  WriteSession(const WriteSession&) = delete;
  WriteSession& operator=(const WriteSession&) = delete;
};

// --- reading ---------------------------------------------------------------------------------------------------------

void read_header(Session& s) {
  png_set_read_fn(s.png, &s, on_read);
  png_set_crc_action(s.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits(s.png, 0x7fffffff, 0x7fffffff);  // our own budget is checked after this step
  png_set_keep_unknown_chunks(s.png, PNG_HANDLE_CHUNK_NEVER, nullptr,
                              -1);  // text, profiles, times: skipped, not unpacked
  png_read_info(s.png, s.info);
  png_get_IHDR(s.png, s.info, &s.width, &s.height, &s.bit_depth, &s.colour, nullptr, nullptr, nullptr);
  s.has_alpha = (s.colour & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(s.png, s.info, PNG_INFO_tRNS) != 0;
}

// To 8 or 16 bits of grey, BGR or BGRA in this machine's byte order.
void choose_layout(Session& s) {
  if (s.colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(s.png);
  if (s.colour == PNG_COLOR_TYPE_GRAY && s.bit_depth < 8) png_set_expand_gray_1_2_4_to_8(s.png);
  if (png_get_valid(s.png, s.info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(s.png);
  if (s.has_alpha && (s.colour & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(s.png);
  png_set_bgr(s.png);
  if constexpr (std::endian::native == std::endian::little)
    if (s.bit_depth == 16) png_set_swap(s.png);
  png_set_interlace_handling(s.png);
  png_read_update_info(s.png, s.info);
  s.channels = png_get_channels(s.png, s.info);
  s.bit_depth = png_get_bit_depth(s.png, s.info);
}

void read_rows(Session& s) {
  png_read_image(s.png, s.rows);
  png_read_end(s.png, nullptr);
}

}  // namespace

cv::Mat decode_png(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  ReadSession s(bytes);
  if (!s.png || !s.info) fail(name, "libpng could not begin");
  const auto demand = [&](void (*step)(Session&)) {
    if (!run_step(s, step)) fail(name, std::string("damaged PNG: ") + s.message);
  };
  demand(read_header);
  check_size(name, s.width, s.height, options);
  // Deflate shrinks at most 1032 times: a file too short for its picture is found before the picture is allocated.
  const uint64_t bits = uint64_t(s.bit_depth) * (s.colour == PNG_COLOR_TYPE_RGB         ? 3
                                                 : s.colour == PNG_COLOR_TYPE_RGB_ALPHA ? 4
                                                                                        : 1);
  if (uint64_t(s.width) * s.height / 8 * bits > (uint64_t(bytes.size()) + 64) * 1032)
    fail(name, "damaged PNG: the file ends too early");
  demand(choose_layout);
  cv::Mat image(static_cast<int>(s.height), static_cast<int>(s.width),
                CV_MAKETYPE(s.bit_depth == 16 ? CV_16U : CV_8U, s.channels));
  std::vector<png_bytep> rows(s.height);
  for (size_t y = 0; y < rows.size(); ++y) rows[y] = image.ptr(static_cast<int>(y));
  s.rows = rows.data();
  demand(read_rows);
  return image;
}

// --- writing ---------------------------------------------------------------------------------------------------------

namespace {

void write_all(Session& s) {
  png_set_write_fn(s.png, &s, on_write, on_flush);
  png_set_IHDR(s.png, s.info, s.width, s.height, s.bit_depth, s.colour, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(s.png, s.info);
  png_set_bgr(s.png);
  if constexpr (std::endian::native == std::endian::little)
    if (s.bit_depth == 16) png_set_swap(s.png);
  png_write_image(s.png, s.rows);
  png_write_end(s.png, nullptr);
}

}  // namespace

std::string encode_png(const cv::Mat& image) {
  std::string out;
  WriteSession s(out);
  if (!s.png || !s.info) throw Error("libpng could not begin");
  s.width = static_cast<png_uint_32>(image.cols);
  s.height = static_cast<png_uint_32>(image.rows);
  s.bit_depth = image.depth() == CV_16U ? 16 : 8;
  s.colour = image.channels() == 1   ? PNG_COLOR_TYPE_GRAY
             : image.channels() == 3 ? PNG_COLOR_TYPE_RGB
                                     : PNG_COLOR_TYPE_RGB_ALPHA;
  std::vector<png_bytep> rows(s.height);
  for (int y = 0; y < image.rows; ++y) rows[static_cast<size_t>(y)] = const_cast<png_bytep>(image.ptr(y));
  s.rows = rows.data();
  if (!run_step(s, write_all)) {
    if (s.no_memory) throw std::bad_alloc();
    throw Error(std::string("libpng: ") + s.message);
  }
  return out;
}

}  // namespace assay::codec
