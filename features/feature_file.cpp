#include "assay/features/feature_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"

namespace assay {

namespace {

constexpr size_t kLength = 128, kDirections = 8;

std::vector<std::string> named(std::vector<std::string> first, const char* letter, size_t count) {
  for (size_t i = 0; i < count; ++i) first.push_back(letter + std::to_string(i));
  return first;
}

size_t column_of(const FeatureTable& table, std::string_view name) {
  return static_cast<size_t>(std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin());
}

// --- csv -------------------------------------------------------------------------------------------------------------

std::string encode_csv(const FeatureTable& table) {
  const size_t width = table.columns.size(), rows = table.rows();
  std::string out = join(table.columns, ",") + (table.has_classes || !table.classes.empty() ? ",class\n" : "\n");
  for (size_t i = 0; i < rows; ++i) {
    if (const int signal = pending_signal()) throw Cancelled(signal);
    for (size_t c = 0; c < width; ++c) {
      if (c > 0) out += ',';
      out += shortest(table.at(i, c));
    }
    if (!table.classes.empty()) {
      const std::string& text = table.classes[i];
      out += ',';
      if (text.find_first_of(",\"\r\n") == std::string::npos)
        out += text;
      else {
        out += '"';
        for (char letter : text) out += letter == '"' ? std::string("\"\"") : std::string(1, letter);
        out += '"';
      }
    }
    out += '\n';
  }
  return out;
}

// Lines of a text, counted from 1; a trailing '\r' belongs to the line's end.
class Lines {
 public:
  explicit Lines(std::string_view bytes) : rest_(bytes) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return true;
  }
  long number() const { return number_; }

 private:
  std::string_view rest_;
  long number_ = 0;
};

double finite_number(std::string_view cell, const std::string& name, long line, long column) {
  const auto value = parse_double(trim(cell));
  if (!value || !std::isfinite(*value))
    throw DataError(quoted(cell) + " is not a finite number", "", Place{name, line, column});
  return *value;
}

std::string unquoted(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return std::string(cell);
  std::string text;
  for (size_t i = 1; i + 1 < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == '"' && i + 2 < cell.size() && cell[i + 1] == '"') ++i;
  }
  return text;
}

FeatureTable decode_csv(std::string_view bytes, const std::string& name) {
  Lines lines(bytes);
  std::string_view line;
  if (bytes.starts_with("\xEF\xBB\xBF")) lines = Lines(bytes.substr(3));
  if (!lines.next(line) || trim(line).empty())
    throw DataError("the file is empty; a line of column names begins a table of features", "", Place{name, 1, 0});
  FeatureTable table;
  for (const std::string& cell : split(line, ',')) table.columns.emplace_back(trim(cell));
  if (table.columns.size() > InputBudget{}.columns)
    throw DataError("more than " + std::to_string(InputBudget{}.columns) + " columns", "", Place{name, 1, 0});
  const bool classes = table.columns.back() == "class";
  table.has_classes = classes;
  if (classes) table.columns.pop_back();
  if (table.columns.empty()) throw DataError("there is no column of numbers", "", Place{name, 1, 0});
  if (std::all_of(table.columns.begin(), table.columns.end(), [](const auto& c) { return parse_double(c); }))
    throw DataError("the first line holds numbers, not the names of columns", "", Place{name, 1, 0});
  const size_t width = table.columns.size();
  while (lines.next(line)) {
    if (trim(line).empty()) continue;
    for (size_t c = 0; c < width; ++c) {
      const size_t comma = line.find(',');
      const bool last = c + 1 == width && !classes;
      if ((comma == std::string_view::npos) != last)
        throw DataError((last ? "more" : "fewer") + std::string(" cells than the ") +
                            std::to_string(width + (classes ? 1 : 0)) + " columns",
                        "", Place{name, lines.number(), 0});
      table.values.push_back(finite_number(line.substr(0, comma), name, lines.number(), static_cast<long>(c + 1)));
      if (!last) line.remove_prefix(comma + 1);
    }
    if (classes) table.classes.push_back(unquoted(line));
  }
  return table;
}

// --- npy -------------------------------------------------------------------------------------------------------------

std::string encode_npy(const FeatureTable& table) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(table.rows()) + ", " +
                       std::to_string(table.columns.size()) + "), }";
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\0", 8);
  out += static_cast<char>(header.size() & 255);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  out.reserve(out.size() + 8 * table.values.size());
  for (double value : table.values) {
    const auto bits = std::bit_cast<uint64_t>(value);
    for (int i = 0; i < 8; ++i) out += static_cast<char>(bits >> (8 * i) & 255);
  }
  return out;
}

std::vector<std::string> names_by_count(size_t count) {
  if (count == 3) return {"x", "y", "response"};
  if (count == kLength + 6) return named({"x", "y", "sigma_px", "angle_rad", "response", "octave"}, "d", kLength);
  if (count == kLength + 4) return named({"x", "y", "sigma_px", "angle_rad"}, "d", kLength);
  if (count == 6) return {"x", "y", "sigma_px", "angle_rad", "response", "octave"};
  return named({}, "h", count);
}

template <class Real, class Bits>
void read_numbers(std::string_view data, const std::string& name, size_t width, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    Bits bits = 0;
    for (size_t b = 0; b < sizeof(Bits); ++b)
      bits |= static_cast<Bits>(static_cast<unsigned char>(data[i * sizeof(Bits) + b])) << (8 * b);
    values[i] = static_cast<double>(std::bit_cast<Real>(bits));
    if (!std::isfinite(values[i]))
      throw DataError("row " + std::to_string(i / width + 1) + ", column " + std::to_string(i % width + 1) +
                          " is not a finite number",
                      "", Place{name, 0, 0});
  }
}

FeatureTable decode_npy(std::string_view bytes, const std::string& name) {
  const auto demand = [&](bool holds, const char* what) {
    if (!holds) throw DataError(what, "", Place{name, 0, 0});
  };
  demand(bytes.size() > 10 && bytes.substr(0, 6) == "\x93NUMPY", "not a NumPy file");
  demand(bytes[6] == 1, "NumPy's format 1.0 is read, this is another version");
  const size_t length = static_cast<unsigned char>(bytes[8]) + 256u * static_cast<unsigned char>(bytes[9]);
  demand(bytes.size() >= 10 + length, "the header is cut");
  const std::string_view header = bytes.substr(10, length), data = bytes.substr(10 + length);
  demand(header.find("'fortran_order': False") != std::string_view::npos, "the array is not in C order");
  const bool single = header.find("'<f4'") != std::string_view::npos;
  demand(single || header.find("'<f8'") != std::string_view::npos, "the array is neither float32 nor float64");
  const size_t open = header.find('('), close = header.find(')', open == std::string_view::npos ? 0 : open);
  demand(open != std::string_view::npos && close != std::string_view::npos, "the array has no shape");
  const std::vector<std::string> sides = split(header.substr(open + 1, close - open - 1), ',');
  demand(sides.size() == 2, "the array has not two dimensions");
  const auto rows = parse_int(trim(sides[0])), width = parse_int(trim(sides[1]));
  const size_t cell = single ? 4 : 8;
  demand(rows && width && *rows >= 0 && *width >= 1 && *width <= static_cast<long long>(InputBudget{}.columns),
         "the shape is not that of a table");
  demand(static_cast<unsigned long long>(*rows) <= data.size() / cell / static_cast<size_t>(*width) &&
             data.size() == static_cast<size_t>(*rows) * static_cast<size_t>(*width) * cell,
         "the file's size does not fit its shape: it is cut or damaged");
  FeatureTable table;
  table.columns = names_by_count(static_cast<size_t>(*width));
  table.values.resize(data.size() / cell);
  if (single)
    read_numbers<float, uint32_t>(data, name, table.columns.size(), table.values);
  else
    read_numbers<double, uint64_t>(data, name, table.columns.size(), table.values);
  return table;
}

// --- lowe, vlfeat, colmap --------------------------------------------------------------------------------------------

// Where the direction t of our cell stands in the file, and back: the map is its own inverse.
size_t turned(size_t d, FeatureFormat format) {
  if (format != FeatureFormat::vlfeat) return d;
  const size_t t = d % kDirections;
  return d - t + (kDirections - t) % kDirections;
}

double wrapped(double angle) {  // to (-pi, pi]
  angle = std::remainder(angle, 2 * std::numbers::pi);
  return angle <= -std::numbers::pi ? std::numbers::pi : angle;
}

std::string encode_points(const FeatureTable& table, FeatureFormat format) {
  const auto at = key_point_columns(table);
  const DescriptorColumns d = descriptor_columns(table);
  if (!at || d.count != kLength)
    throw DataError("this format holds key points with scale, angle and a descriptor of 128 numbers only",
                    "csv and npy hold every table");
  std::string out;
  if (format != FeatureFormat::vlfeat) out = std::to_string(table.rows()) + " 128\n";
  for (size_t i = 0; i < table.rows(); ++i) {
    const double x = table.at(i, at->x), y = table.at(i, at->y), sigma = table.at(i, at->sigma),
                 angle = table.at(i, at->angle);
    if (format == FeatureFormat::lowe)
      out += shortest(y) + ' ' + shortest(x) + ' ' + shortest(sigma) + ' ' + shortest(wrapped(-angle));
    else {
      const double shift = format == FeatureFormat::colmap ? 0.5 : 0;
      out += shortest(x + shift) + ' ' + shortest(y + shift) + ' ' + shortest(sigma) + ' ' + shortest(angle);
    }
    for (size_t k = 0; k < kLength; ++k) {
      const double value = table.at(i, d.first + turned(k, format));
      out += format == FeatureFormat::lowe && k % 20 == 0 ? "\n " : " ";
      out += std::to_string(static_cast<int>(std::clamp(std::round(value), 0.0, 255.0)));
    }
    out += '\n';
  }
  return out;
}

// Numbers between white space, with the line each stands on.
class Words {
 public:
  Words(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  bool at_end() {
    while (at_ < bytes_.size() && is_space(bytes_[at_])) line_ += bytes_[at_++] == '\n';
    return at_ == bytes_.size();
  }
  double number() {
    if (at_end()) throw DataError("the file ends within a key point: it is cut", "", Place{name_, line_, 0});
    const size_t begin = at_;
    while (at_ < bytes_.size() && !is_space(bytes_[at_])) ++at_;
    return finite_number(bytes_.substr(begin, at_ - begin), name_, line_, 0);
  }
  long line() const { return line_; }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  std::string_view bytes_;
  const std::string& name_;
  size_t at_ = 0;
  long line_ = 1;
};

FeatureTable decode_points(std::string_view bytes, const std::string& name, FeatureFormat format) {
  Words words(bytes, name);
  double count = -1;
  if (format != FeatureFormat::vlfeat) {
    count = words.number();
    if (const double length = words.number(); length != kLength)
      throw DataError("the second number is the descriptor's length, 128; it is " + shortest(length), "",
                      Place{name, words.line(), 0});
  }
  FeatureTable table{named({"x", "y", "sigma_px", "angle_rad"}, "d", kLength), {}, {}};
  while (!words.at_end()) {
    double head[4];
    for (double& v : head) v = words.number();
    if (format == FeatureFormat::lowe) {
      std::swap(head[0], head[1]);
      head[3] = -head[3];
    }
    if (format == FeatureFormat::colmap) head[0] -= 0.5, head[1] -= 0.5;
    if (!(head[2] > 0)) throw DataError("a scale is not positive", "", Place{name, words.line(), 0});
    table.values.insert(table.values.end(), head, head + 4);
    const size_t first = table.values.size();
    table.values.resize(first + kLength);
    for (size_t k = 0; k < kLength; ++k) table.values[first + turned(k, format)] = words.number();
  }
  if (count >= 0 && static_cast<double>(table.rows()) != count)
    throw DataError(
        "the first line promises " + shortest(count) + " key points, the file holds " + std::to_string(table.rows()),
        "", Place{name, 1, 0});
  return table;
}

// "N 128" alone on the first line.
bool begins_with_count(std::string_view bytes) {
  const std::string_view line = trim(bytes.substr(0, std::min(bytes.find('\n'), bytes.size())));
  const size_t space = line.find(' ');
  return space != std::string_view::npos && parse_int(line.substr(0, space)) && trim(line.substr(space)) == "128";
}

}  // namespace

FeatureFormat find_feature_format(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [text, format] : feature_format_names.items) {
    if (name == text) return format;
    names.emplace_back(text);
  }
  throw UsageError("unknown format of features " + quoted(name) + did_you_mean(name, names),
                   "the formats: " + join(names, ", "));
}

const char* feature_ending(FeatureFormat format) {
  static const char* const kEndings[] = {".csv", ".npy", ".key", ".sift", ".txt"};
  return kEndings[static_cast<int>(format)];
}

std::optional<FeatureFormat> feature_format_of(const std::string& path) {
  const std::string name = lower(path);
  for (const auto& [text, format] : feature_format_names.items)
    if (name.ends_with(feature_ending(format))) return format;
  return std::nullopt;
}

std::optional<KeyPointColumns> key_point_columns(const FeatureTable& table) {
  const KeyPointColumns c{column_of(table, "x"), column_of(table, "y"), column_of(table, "sigma_px"),
                          column_of(table, "angle_rad")};
  for (size_t column : {c.x, c.y, c.sigma, c.angle})
    if (column == table.columns.size()) return std::nullopt;
  return c;
}

DescriptorColumns descriptor_columns(const FeatureTable& table) {
  const size_t first = column_of(table, "d0");
  size_t count = 0;
  while (first + count < table.columns.size() && table.columns[first + count] == "d" + std::to_string(count)) ++count;
  return {first, count};
}

std::string encode_features(const FeatureTable& table, FeatureFormat format) {
  if (format == FeatureFormat::csv) return encode_csv(table);
  if (!table.classes.empty()) throw DataError("this format has no place for the column 'class'", "csv has: --as csv");
  return format == FeatureFormat::npy ? encode_npy(table) : encode_points(table, format);
}

FeatureTable decode_features(std::string_view bytes, const std::string& name, FeatureFormat format) {
  if (format == FeatureFormat::csv) return decode_csv(bytes, name);
  return format == FeatureFormat::npy ? decode_npy(bytes, name) : decode_points(bytes, name, format);
}

FeatureTable read_features(const std::string& path, std::optional<FeatureFormat> format) {
  const Input input = Input::open(path);
  if (!format) format = feature_format_of(path);
  if (!format) {
    const std::string_view bytes = input.bytes();
    if (bytes.starts_with("\x93NUMPY"))
      format = FeatureFormat::npy;
    else
      format = begins_with_count(bytes) ? FeatureFormat::lowe : FeatureFormat::csv;
  }
  return decode_features(input.bytes(), input.name(), *format);
}

}  // namespace assay
