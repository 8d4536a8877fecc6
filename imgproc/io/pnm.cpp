// imgproc/io/pnm.cpp: the portable formats of Netpbm (P1 to P6), PFM (Pf, PF) and NumPy's NPY, all written out here.

#include <bit>
#include <cstring>
#include <opencv2/core.hpp>

#include "assay/core/text.h"
#include "assay/imgproc/io/codec_internal.h"

namespace assay::codec {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The header's words, and the place where the pixels begin.
class Header {
 public:
  Header(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  /// Skips white space and comments, then a whole number of at most nine digits.
  uint64_t number(const char* what) {
    skip();
    uint64_t value = 0;
    const size_t begin = at_;
    while (at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9' && at_ - begin < 10)
      value = value * 10 + static_cast<uint64_t>(bytes_[at_++] - '0');
    if (at_ == begin || at_ - begin > 9)
      fail(name_, std::string("damaged PNM: no ") + what + " at byte " + std::to_string(begin));
    return value;
  }
  std::string_view word() {
    skip();
    const size_t begin = at_;
    while (at_ < bytes_.size() && !is_space(bytes_[at_])) ++at_;
    return bytes_.substr(begin, at_ - begin);
  }
  /// P1 needs no space between its digits.
  char digit() {
    skip();
    return at_ < bytes_.size() ? bytes_[at_++] : '\0';
  }
  /// The single white space after the header.
  void end() {
    if (at_ >= bytes_.size() || !is_space(bytes_[at_])) fail(name_, "damaged PNM: the header does not end");
    ++at_;
  }
  std::string_view rest() const { return bytes_.substr(at_); }

 private:
  void skip() {
    while (at_ < bytes_.size()) {
      if (bytes_[at_] == '#')
        while (at_ < bytes_.size() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
      else if (is_space(bytes_[at_]))
        ++at_;
      else
        return;
    }
  }
  std::string_view bytes_;
  const std::string& name_;
  size_t at_ = 2;  // after the magic number
};

// Level v of 0..maxval spread over the full scale, rounded to the nearest.
uint32_t spread(uint32_t v, uint32_t maxval, uint32_t full) {
  return maxval == full ? v : static_cast<uint32_t>((2 * uint64_t(v) * full + maxval) / (2 * uint64_t(maxval)));
}

void store(cv::Mat& image, int y, int i, uint32_t value) {  // i counts samples in the order R, G, B
  const int to = image.channels() == 3 ? i - i % 3 + 2 - i % 3 : i;
  if (image.depth() == CV_8U)
    image.ptr<uint8_t>(y)[to] = static_cast<uint8_t>(value);
  else
    image.ptr<uint16_t>(y)[to] = static_cast<uint16_t>(value);
}

}  // namespace

cv::Mat decode_pnm(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  const int kind = bytes[1] - '0';
  const bool ascii = kind <= 3, bitmap = kind % 3 == 1;
  Header header(bytes, name);
  const uint64_t width = header.number("width"), height = header.number("height");
  const uint64_t maxval = bitmap ? 1 : header.number("maximum");
  if (maxval < 1 || maxval > 65535)
    fail(name, "damaged PNM: the maximum " + std::to_string(maxval) + " is not in 1..65535");
  check_size(name, width, height, options);
  header.end();
  const int channels = kind % 3 == 0 ? 3 : 1;
  const uint64_t samples = width * static_cast<uint64_t>(channels);
  const uint64_t row_bytes = ascii    ? samples
                             : bitmap ? (width + 7) / 8
                                      : samples * (maxval > 255 ? 2 : 1);  // ascii: at least
  if (header.rest().size() < row_bytes * height) fail(name, "damaged PNM: the file ends too early");

  cv::Mat image(static_cast<int>(height), static_cast<int>(width),
                CV_MAKETYPE(maxval > 255 ? CV_16U : CV_8U, channels));
  const uint32_t full = maxval > 255 ? 65535 : 255;
  const auto* data = reinterpret_cast<const unsigned char*>(header.rest().data());
  for (int y = 0; y < image.rows; ++y)
    for (int i = 0; i < static_cast<int>(samples); ++i) {
      const size_t x = static_cast<size_t>(i);
      const unsigned char* row = data + row_bytes * static_cast<uint64_t>(y);
      uint64_t v = 0;
      if (ascii && bitmap) {
        const char c = header.digit();
        if (c != '0' && c != '1')
          fail(name, "damaged PNM: " +
                         (c ? quoted(std::string_view(&c, 1)) + " is neither 0 nor 1" : "the file ends too early"));
        v = c == '0';  // 1 is black
      } else if (ascii) {
        v = header.number("value");
      } else if (bitmap) {
        v = ((row[x / 8] >> (7 - x % 8)) & 1) == 0;
      } else {
        v = maxval > 255 ? static_cast<uint64_t>(row[2 * x]) << 8 | row[2 * x + 1] : row[x];
      }
      if (v > maxval)
        fail(name, "damaged PNM: the value " + std::to_string(v) + " exceeds the maximum " + std::to_string(maxval));
      store(image, y, i, spread(static_cast<uint32_t>(v), static_cast<uint32_t>(maxval), full));
    }
  return image;
}

std::string encode_pnm(const cv::Mat& image) {
  const int channels = image.channels();
  const bool wide = image.depth() == CV_16U;
  std::string out = std::string(channels == 1 ? "P5\n" : "P6\n") + std::to_string(image.cols) + " " +
                    std::to_string(image.rows) + (wide ? "\n65535\n" : "\n255\n");
  for (int y = 0; y < image.rows; ++y)
    for (int i = 0; i < image.cols * channels; ++i) {
      const int from = channels == 3 ? i - i % 3 + 2 - i % 3 : i;
      if (wide) {
        const uint16_t v = image.ptr<uint16_t>(y)[from];
        out += static_cast<char>(v >> 8);
        out += static_cast<char>(v & 255);
      } else {
        out += static_cast<char>(image.ptr<uint8_t>(y)[from]);
      }
    }
  return out;
}

// --- PFM: rows from the bottom up; the sign of the scale tells the byte order ----------------------------------------

namespace {

float read_float(const char* from, bool little) {
  uint32_t bits = 0;
  for (int i = 0; i < 4; ++i)
    bits |= static_cast<uint32_t>(static_cast<unsigned char>(from[i])) << (8 * (little ? i : 3 - i));
  return std::bit_cast<float>(bits);
}

void append_float(std::string& out, float value) {  // little-endian
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  for (int i = 0; i < 4; ++i) out += static_cast<char>(bits >> (8 * i) & 255);
}

}  // namespace

cv::Mat decode_pfm(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  Header header(bytes, name);
  const uint64_t width = header.number("width"), height = header.number("height");
  const std::optional<double> scale = parse_double(header.word());
  if (!scale || *scale == 0) fail(name, "damaged PFM: no scale");
  check_size(name, width, height, options);
  header.end();
  const int channels = bytes[1] == 'F' ? 3 : 1;
  const uint64_t samples = width * static_cast<uint64_t>(channels);
  if (header.rest().size() / 4 < samples * height) fail(name, "damaged PFM: the file ends too early");
  cv::Mat image(static_cast<int>(height), static_cast<int>(width), CV_32FC(channels));
  for (int y = 0; y < image.rows; ++y) {
    const char* row = header.rest().data() + 4 * samples * static_cast<uint64_t>(image.rows - 1 - y);
    for (int i = 0; i < static_cast<int>(samples); ++i)
      image.ptr<float>(y)[channels == 3 ? i - i % 3 + 2 - i % 3 : i] =
          read_float(row + 4 * static_cast<ptrdiff_t>(i), *scale < 0);
  }
  return image;
}

std::string encode_pfm(const cv::Mat& image) {
  const int channels = image.channels();
  std::string out = std::string(channels == 3 ? "PF\n" : "Pf\n") + std::to_string(image.cols) + " " +
                    std::to_string(image.rows) + "\n-1.0\n";
  for (int y = image.rows - 1; y >= 0; --y)
    for (int i = 0; i < image.cols * channels; ++i)
      append_float(out, image.ptr<float>(y)[channels == 3 ? i - i % 3 + 2 - i % 3 : i]);
  return out;
}

// --- NPY -------------------------------------------------------------------------------------------------------------

namespace {

// Place of sample i (R, G, B, alpha) within a row of B, G, R, alpha.
int bgr_place(int i, int channels) {
  const int c = i % channels;
  return channels >= 3 && c < 3 ? i - c + 2 - c : i;
}

}  // namespace

cv::Mat decode_npy(std::string_view bytes, const std::string& name, const ReadImageOptions& options) {
  const auto byte = [&](size_t i) {
    return i < bytes.size() ? static_cast<size_t>(static_cast<unsigned char>(bytes[i])) : 0;
  };
  const size_t version = byte(6), prefix = version == 1 ? 10 : 12;
  const size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (version < 1 || version > 3 || bytes.size() < prefix || bytes.size() - prefix < length)
    fail(name, "damaged NPY: no header");
  const std::string_view header = bytes.substr(prefix, length), data = bytes.substr(prefix + length);
  const auto value_of = [&](std::string_view key) {
    const size_t at = header.find(key);
    return at == std::string_view::npos ? std::string_view() : trim(header.substr(at + key.size()));
  };
  const std::string_view type = value_of("'descr':").substr(0, 5);
  if (type != "'|u1'" && type != "'<u2'" && type != "'<f4'")
    fail(name, "an NPY array of type " + quoted(type) + "; a picture is |u1, <u2 or <f4");
  if (value_of("'fortran_order':").substr(0, 5) != "False") fail(name, "an NPY array in Fortran order, not C order");
  std::string_view shape = value_of("'shape':");
  if (shape.empty() || shape[0] != '(' || shape.find(')') == std::string_view::npos)
    fail(name, "damaged NPY: no shape");
  uint64_t sides[3] = {0, 0, 1};
  size_t dimensions = 0;
  for (const std::string& part : split(shape.substr(1, shape.find(')') - 1), ',')) {
    if (trim(part).empty()) continue;
    const std::optional<long long> side = parse_int(trim(part));
    if (!side || *side < 0 || dimensions == 3) fail(name, "an NPY array of this shape is no picture: " + quoted(shape));
    sides[dimensions++] = static_cast<uint64_t>(*side);
  }
  if (dimensions < 2 || !(sides[2] == 1 || sides[2] == 3 || sides[2] == 4))
    fail(name, "an NPY array of this shape is no picture; (rows, columns) or (rows, columns, 3 or 4) is");
  check_size(name, sides[1], sides[0], options);
  const int channels = static_cast<int>(sides[2]);
  const int depth = type == "'|u1'" ? CV_8U : type == "'<u2'" ? CV_16U : CV_32F;
  const size_t size = depth == CV_8U ? 1 : depth == CV_16U ? 2 : 4;
  if (data.size() / size / sides[2] < sides[0] * sides[1]) fail(name, "damaged NPY: the file ends too early");
  cv::Mat image(static_cast<int>(sides[0]), static_cast<int>(sides[1]), CV_MAKETYPE(depth, channels));
  const char* from = data.data();
  for (int y = 0; y < image.rows; ++y)
    for (int i = 0; i < image.cols * channels; ++i, from += size) {
      const int to = bgr_place(i, channels);
      const auto low = static_cast<unsigned char>(from[0]);
      if (depth == CV_8U)
        image.ptr<uint8_t>(y)[to] = low;
      else if (depth == CV_16U)
        image.ptr<uint16_t>(y)[to] = static_cast<uint16_t>(low | static_cast<unsigned char>(from[1]) << 8);
      else
        image.ptr<float>(y)[to] = read_float(from, true);
    }
  return image;
}

std::string encode_npy(const cv::Mat& image) {
  const int channels = image.channels();
  const char* type = image.depth() == CV_8U ? "|u1" : image.depth() == CV_16U ? "<u2" : "<f4";
  std::string header = std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (" +
                       std::to_string(image.rows) + ", " + std::to_string(image.cols) +
                       (channels > 1 ? ", " + std::to_string(channels) : "") + "), }";
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');  // the data begin at a multiple of 64
  header += '\n';
  std::string out("\x93NUMPY\x01\0", 8);
  out += static_cast<char>(header.size() & 255);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  for (int y = 0; y < image.rows; ++y)
    for (int i = 0; i < image.cols * channels; ++i) {
      const int from = bgr_place(i, channels);
      if (image.depth() == CV_8U) {
        out += static_cast<char>(image.ptr<uint8_t>(y)[from]);
      } else if (image.depth() == CV_16U) {
        const uint16_t v = image.ptr<uint16_t>(y)[from];
        out += static_cast<char>(v & 255);
        out += static_cast<char>(v >> 8);
      } else {
        append_float(out, image.ptr<float>(y)[from]);
      }
    }
  return out;
}

}  // namespace assay::codec
