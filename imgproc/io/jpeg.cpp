// imgproc/io/jpeg.cpp: JPEG through libjpeg-turbo, and the orientation a camera notes in EXIF.
//
// libjpeg reports errors by a call that must not return; ours jumps, which runs no destructors. So each call into it
// stands in a step without objects that have one, and whatever must be freed is owned outside.

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

#include <jpeglib.h>  // after <cstdio>, which it needs

#include <jerror.h>

#include "assay/imgproc/io/codec_internal.h"

namespace assay::codec {

namespace {

struct Failure : jpeg_error_mgr {
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void on_error(j_common_ptr session) {
  Failure& f = *static_cast<Failure*>(session->err);
  f.format_message(session, f.message);
  std::longjmp(f.jump, 1);
}

// libjpeg goes on after a warning, with grey or noise in place of what is missing. We do not.
void on_message(j_common_ptr session, int level) {
  if (level >= 0) return;
  const int code = session->err->msg_code;
  if (code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;  // unknown versions of a header
  on_error(session);
}

// A hostile progressive file has thousands of scans, each of which costs a pass over the picture.
void on_progress(j_common_ptr session) {
  constexpr int kMostScans = 1000;
  if (session->is_decompressor && reinterpret_cast<j_decompress_ptr>(session)->input_scan_number > kMostScans) {
    Failure& f = *static_cast<Failure*>(session->err);
    std::snprintf(f.message, sizeof f.message, "more than %d scans", kMostScans);
    std::longjmp(f.jump, 1);
  }
}

struct Decoder {
  jpeg_decompress_struct session{};
  Failure failure;
  jpeg_progress_mgr progress{};
  const unsigned char* bytes;
  unsigned long size;
  unsigned char* pixels = nullptr;
  size_t stride = 0;

  explicit Decoder(std::string_view file)
      : bytes(reinterpret_cast<const unsigned char*>(file.data())), size(static_cast<unsigned long>(file.size())) {
    session.err = jpeg_std_error(&failure);
    failure.error_exit = on_error;
    failure.emit_message = on_message;
    progress.progress_monitor = on_progress;
  }
  ~Decoder() { jpeg_destroy_decompress(&session); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

// False where libjpeg gave up. The step owns nothing.
template <class Codec>
bool run_step(Codec& c, void (*step)(Codec&)) {
  if (setjmp(c.failure.jump)) return false;
  step(c);
  return true;
}

void read_header(Decoder& d) {
  jpeg_create_decompress(&d.session);
  d.session.progress = &d.progress;
  jpeg_mem_src(&d.session, d.bytes, d.size);
  jpeg_save_markers(&d.session, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&d.session, TRUE);
}

void read_pixels(Decoder& d) {
  d.session.out_color_space = d.session.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_EXT_BGR;
  d.session.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&d.session);
  while (d.session.output_scanline < d.session.output_height) {
    JSAMPROW row = d.pixels + d.stride * d.session.output_scanline;
    jpeg_read_scanlines(&d.session, &row, 1);
  }
  jpeg_finish_decompress(&d.session);
}

int orientation_of(const jpeg_decompress_struct& session) {
  for (jpeg_saved_marker_ptr m = session.marker_list; m; m = m->next)
    if (m->marker == JPEG_APP0 + 1) {
      const std::string_view segment(reinterpret_cast<const char*>(m->data), m->data_length);
      if (segment.substr(0, 4) == "Exif") return exif_orientation(segment);
    }
  return 1;
}

}  // namespace

cv::Mat decode_jpeg(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  Decoder d(bytes);
  const auto demand = [&](void (*step)(Decoder&)) {
    if (!run_step(d, step)) fail(name, std::string("damaged JPEG: ") + d.failure.message);
  };
  demand(read_header);
  check_size(name, d.session.image_width, d.session.image_height, options);
  const J_COLOR_SPACE space = d.session.jpeg_color_space;
  if (space == JCS_CMYK || space == JCS_YCCK)
    fail(name, "a JPEG in CMYK, whose colours depend on the printer's profile", "convert it to RGB first");
  if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB) fail(name, "a JPEG of an unknown colour space");
  cv::Mat image(static_cast<int>(d.session.image_height), static_cast<int>(d.session.image_width),
                space == JCS_GRAYSCALE ? CV_8UC1 : CV_8UC3);
  d.pixels = image.data;
  d.stride = image.step[0];
  const int orientation = options.orientation ? orientation_of(d.session) : 1;  // the markers go with the last row
  demand(read_pixels);
  return oriented(image, orientation);
}

// --- writing ---------------------------------------------------------------------------------------------------------

namespace {

struct Encoder {
  jpeg_compress_struct session{};
  Failure failure;
  const cv::Mat* image;
  int quality;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  Encoder(const cv::Mat& from, int q) : image(&from), quality(q) {
    session.err = jpeg_std_error(&failure);
    failure.error_exit = on_error;
  }
  ~Encoder() {
    jpeg_destroy_compress(&session);
    std::free(bytes);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

void write_all(Encoder& e) {
  jpeg_create_compress(&e.session);
  jpeg_mem_dest(&e.session, &e.bytes, &e.size);
  e.session.image_width = static_cast<JDIMENSION>(e.image->cols);
  e.session.image_height = static_cast<JDIMENSION>(e.image->rows);
  e.session.input_components = e.image->channels();
  e.session.in_color_space = e.image->channels() == 1 ? JCS_GRAYSCALE : JCS_EXT_BGR;
  jpeg_set_defaults(&e.session);
  jpeg_set_quality(&e.session, e.quality, TRUE);
  jpeg_start_compress(&e.session, TRUE);
  while (e.session.next_scanline < e.session.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(e.image->ptr(static_cast<int>(e.session.next_scanline)));
    jpeg_write_scanlines(&e.session, &row, 1);
  }
  jpeg_finish_compress(&e.session);
}

}  // namespace

std::string encode_jpeg(const cv::Mat& image, int quality) {
  Encoder e(image, quality);
  if (!run_step(e, write_all)) throw DataError(std::string("libjpeg: ") + e.failure.message);
  return std::string(reinterpret_cast<const char*>(e.bytes), e.size);
}

}  // namespace assay::codec

namespace assay {

int exif_orientation(std::string_view app1) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (app1.substr(0, kPrefix.size()) != kPrefix) return 1;
  const std::string_view tiff = app1.substr(kPrefix.size());
  const bool little = tiff.substr(0, 4) == std::string_view("II*\0", 4);
  if (!little && tiff.substr(0, 4) != std::string_view("MM\0*", 4)) return 1;
  // 2 or 4 bytes at an offset; beyond the end: 0.
  const auto number = [&](uint64_t offset, int count) {
    uint64_t value = 0;
    if (offset + static_cast<uint64_t>(count) > tiff.size()) return value;
    for (int i = 0; i < count; ++i) {
      const auto byte = static_cast<unsigned char>(tiff[offset + static_cast<uint64_t>(i)]);
      value |= static_cast<uint64_t>(byte) << (8 * (little ? i : count - 1 - i));
    }
    return value;
  };
  constexpr uint64_t kOrientation = 0x0112, kShort = 3, kEntry = 12;
  const uint64_t directory = number(4, 4), entries = number(directory, 2);
  for (uint64_t i = 0; i < entries; ++i) {
    const uint64_t entry = directory + 2 + i * kEntry;
    if (entry + kEntry > tiff.size()) return 1;
    if (number(entry, 2) != kOrientation || number(entry + 2, 2) != kShort || number(entry + 4, 4) != 1) continue;
    const uint64_t value = number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

cv::Mat oriented(const cv::Mat& stored, int orientation) {
  cv::Mat out;
  switch (orientation) {  // where the stored first row and first column belong: TIFF 6.0, tag 274
    case 2:
      cv::flip(stored, out, 1);
      return out;  // top, right
    case 3:
      cv::rotate(stored, out, cv::ROTATE_180);
      return out;  // bottom, right
    case 4:
      cv::flip(stored, out, 0);
      return out;  // bottom, left
    case 5:
      cv::transpose(stored, out);
      return out;  // left, top
    case 6:
      cv::rotate(stored, out, cv::ROTATE_90_CLOCKWISE);
      return out;  // right, top
    case 7: {      // right, bottom
      cv::Mat turned;
      cv::rotate(stored, turned, cv::ROTATE_180);
      cv::transpose(turned, out);
      return out;
    }
    case 8:
      cv::rotate(stored, out, cv::ROTATE_90_COUNTERCLOCKWISE);
      return out;  // left, bottom
    default:
      return stored;
  }
}

}  // namespace assay
