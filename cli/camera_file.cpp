#include "cli/camera_file.h"

#include <cmath>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/json.h"
#include "assay/core/text.h"

namespace assay::cli {

namespace {

bool ends_with(const std::string& path, std::string_view ending) { return lower(path).ends_with(ending); }

std::string numbers(const double* x, size_t n) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < n; ++i) parts.push_back(shortest(x[i]));
  return join(parts, ", ");
}

// The text after "key:", or nothing.
std::optional<std::string_view> after_key(std::string_view text, std::string_view key) {
  for (size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const bool starts = at == 0 || text[at - 1] == '\n';
    std::string_view rest = text.substr(at + key.size());
    if (starts && rest.starts_with(":")) return rest.substr(1);
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw DataError(what, "assay calibrate ... --out camera.yml writes such a file", {name, 0, 0});
}

std::vector<double> parse_list(std::string_view list, const std::string& name, const std::string& key) {
  std::vector<double> values;
  for (const std::string& part : split(list, ',')) {
    const std::optional<double> v = parse_double(trim(part));
    if (!v || !std::isfinite(*v)) refuse(name, key + ": " + quoted(std::string(trim(part))) + " is not a number");
    values.push_back(*v);
  }
  return values;
}

double yaml_number(std::string_view text, const std::string& key, const std::string& name) {
  const auto rest = after_key(text, key);
  if (!rest) refuse(name, "no " + key);
  return parse_list(rest->substr(0, rest->find('\n')), name, key).front();
}

std::vector<double> yaml_matrix(std::string_view text, const std::string& key, const std::string& name) {
  const auto rest = after_key(text, key);
  if (!rest) refuse(name, "no " + key);
  const size_t data = rest->find("data:"), open = rest->find('[', data), close = rest->find(']', open);
  if (data == std::string_view::npos || open == std::string_view::npos || close == std::string_view::npos)
    refuse(name, key + " has no data: [...]");
  return parse_list(rest->substr(open + 1, close - open - 1), name, key);
}

Camera camera_of(const std::string& name, double width, double height, const std::vector<double>& K,
                 std::vector<double> lens) {
  if (!(width >= 1 && height >= 1 && width <= 1e6 && height <= 1e6 && width == std::floor(width) &&
        height == std::floor(height)))
    refuse(name, "image_width and image_height must be whole numbers of pixels");
  if (K.size() != 9) refuse(name, "camera_matrix has " + std::to_string(K.size()) + " numbers, not 9");
  if (lens.size() > 5)
    for (size_t i = 5; i < lens.size(); ++i)
      if (lens[i] != 0) refuse(name, "distortion_coefficients: more than k1, k2, p1, p2, k3 (another lens model)");
  lens.resize(5, 0);
  if (!(K[0] > 0 && K[4] > 0)) refuse(name, "camera_matrix: the focal lengths must be > 0");
  Camera c;
  c.size = cv::Size(static_cast<int>(width), static_cast<int>(height));
  c.set({K[0], K[4], K[2], K[5], lens[0], lens[1], lens[2], lens[3], lens[4], K[1]});
  return c;
}

}  // namespace

std::string camera_text(const std::string& path, const Calibration& calibration) {
  const Camera& c = calibration.camera;
  const Matrix3 K = c.matrix();
  const double lens[5] = {c.k1, c.k2, c.p1, c.p2, c.k3};
  if (ends_with(path, ".json")) {
    Json j;
    j["image_width"] = c.size.width, j["image_height"] = c.size.height;
    j["camera_matrix"] = std::vector<double>(K.begin(), K.end());
    j["distortion_coefficients"] = std::vector<double>(lens, lens + 5);
    j["avg_reprojection_error"] = calibration.rms_px;
    return j.dump(1) + "\n";
  }
  if (!ends_with(path, ".yml") && !ends_with(path, ".yaml"))
    throw UsageError("a camera goes into a .yml, .yaml or .json file, not " + quoted(path));
  const auto matrix = [](const char* key, int rows, int cols, const double* x) {
    return std::string(key) + ": !!opencv-matrix\n   rows: " + std::to_string(rows) +
           "\n   cols: " + std::to_string(cols) + "\n   dt: d\n   data: [ " +
           numbers(x, static_cast<size_t>(rows * cols)) + " ]\n";
  };
  return "%YAML:1.0\n---\nimage_width: " + std::to_string(c.size.width) +
         "\nimage_height: " + std::to_string(c.size.height) + "\n" + matrix("camera_matrix", 3, 3, K.data()) +
         matrix("distortion_coefficients", 1, 5, lens) + "avg_reprojection_error: " + shortest(calibration.rms_px) +
         "\n";
}

Camera parse_camera(std::string_view text, const std::string& name) {
  if (trim(text).starts_with("{")) {
    Json j;
    try {
      j = parse_json(text, name);
    } catch (const ModelError& e) {
      refuse(name, e.message());
    }
    const auto list = [&](const char* key) {
      if (!j.contains(key) || !j.at(key).is_array()) refuse(name, std::string("no ") + key);
      std::vector<double> values;
      for (const Json& v : j.at(key)) {
        if (!v.is_number()) refuse(name, std::string(key) + " holds something that is not a number");
        values.push_back(v.get<double>());
      }
      return values;
    };
    const auto number = [&](const char* key) {
      if (!j.contains(key) || !j.at(key).is_number()) refuse(name, std::string("no ") + key);
      return j.at(key).get<double>();
    };
    return camera_of(name, number("image_width"), number("image_height"), list("camera_matrix"),
                     list("distortion_coefficients"));
  }
  return camera_of(name, yaml_number(text, "image_width", name), yaml_number(text, "image_height", name),
                   yaml_matrix(text, "camera_matrix", name), yaml_matrix(text, "distortion_coefficients", name));
}

Camera read_camera(const std::string& path) {
  constexpr uint64_t kMost = 1 << 20;  // a camera is a few hundred bytes
  const Input input = Input::open(path, kMost);
  return parse_camera(input.bytes(), input.name());
}

}  // namespace assay::cli
