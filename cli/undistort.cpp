// assay undistort: pictures as a camera without lens would have taken them.
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/calibration/undistort.h"
#include "cli/bundled.h"
#include "cli/camera_file.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

cv::Size size_of(const Options& options, const cv::Size& own) {
  const std::string text = options.text("size");
  if (text.empty()) return own;
  const std::vector<std::string> parts = split(lower(text), 'x');
  const auto w = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt,
             h = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!w || !h || *w < 1 || *h < 1 || *w > 100000 || *h > 100000 ||
      static_cast<uint64_t>(*w) * static_cast<uint64_t>(*h) > InputBudget{}.pixels)
    throw UsageError("--size must be WIDTHxHEIGHT in pixels, as 640x480; not " + quoted(text));
  return {static_cast<int>(*w), static_cast<int>(*h)};
}

Camera shown_by(const Options& options, const Camera& camera) {
  const cv::Size size = size_of(options, camera.size);
  if (options.given("alpha")) return shown_camera(camera, options.number("alpha", unit_interval), size);
  Camera shown = camera;
  const double sx = static_cast<double>(size.width) / camera.size.width,
               sy = static_cast<double>(size.height) / camera.size.height;
  shown.size = size;
  shown.fx *= sx, shown.skew *= sx, shown.cx = (camera.cx + 0.5) * sx - 0.5;
  shown.fy *= sy, shown.cy = (camera.cy + 0.5) * sy - 0.5;
  return shown;
}

Interpolation method_of(const std::string& name) {
  for (const auto& [word, method] : sampling_names.items)
    if (name == word) return method;
  return Interpolation::bilinear;  // choices were checked
}

void run_undistort(Invocation& call) {
  const std::string file = call.argument(0, "CAM.yml"), in = resolve_path(call.argument(1, "IN")),
                    out = call.argument(2, "OUT");
  call.no_more_than(3);
  image_format_of(out);
  const Camera camera = read_camera(file);
  const Camera shown = shown_by(call.options, camera);
  Sampling how;
  how.method = method_of(call.options.text("method"));
  ImageTiming timing;
  const cv::Mat image = timing.read([&] { return read_image(in); });
  cv::Mat result;
  try {
    timing.operate(call.options.integer("repeat", at_least(1)),
                   [&] { undistort(camera, shown, how, image, result, call.ctx); });
  } catch (const DataError& e) {
    throw DataError(e.message(), e.hint(), Place{in, 0, 0});
  }
  std::string note;
  timing.write([&] {
    const Fitted fitted = fit_to_format(result, image_format_of(out));
    note = fitted.note;
    write_image(out, fitted.image);
  });
  call.say(std::to_string(shown.size.width) + "x" + std::to_string(shown.size.height) + " pixels in " + out +
           (note.empty() ? "" : "; " + note));
  const Matrix3 K = shown.matrix();
  call.result["input"] = in, call.result["out"] = out;
  call.result["width"] = shown.size.width, call.result["height"] = shown.size.height;
  call.result["camera_matrix"] = std::vector<double>(K.begin(), K.end());
  call.result["run"]["timing"] = timing.json();
}

}  // namespace

Verb undistort_verb() {
  Verb verb;
  verb.name = "undistort";
  verb.arguments = "CAM.yml IN OUT";
  verb.summary = "undo a calibrated lens in a picture";
  verb.text =
      "CAM.yml is what `assay calibrate --out` wrote, or OpenCV. Straight lines become straight. Without --alpha the "
      "picture keeps its scale and principal point; --alpha 0 shows the largest rectangle in which every pixel was "
      "seen, "
      "--alpha 1 every pixel that was seen. The matrix of the result is in the JSON.";
  verb.examples = {"undistort cam.yml photo.jpg straight.png",
                   "undistort cam.yml photo.jpg whole.png --alpha 1 --size 800x600"};
  verb.options = {
      {"alpha", "A", "from 0 (no pixel that was not seen) to 1 (every pixel that was)", ""},
      {"size", "WxH", "of the result; by default the camera's", ""},
      {"method", "NAME", "between the pixels", "bilinear", 0, {"nearest", "bilinear", "bicubic", "lanczos"}},
      {"repeat", "N", "run it N times; the median is reported", "1"}};
  verb.run = run_undistort;
  return verb;
}

}  // namespace assay::cli
