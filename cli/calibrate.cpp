// assay calibrate: a camera from pictures of a chessboard, or from points somebody else measured.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/parallel.h"
#include "assay/core/text.h"
#include "assay/features/calibration/calibrate.h"
#include "assay/features/calibration/chessboard.h"
#include "assay/imgproc/color/gray.h"
#include "assay/ml/data/table.h"
#include "cli/bundled.h"
#include "cli/camera_file.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

// What every way of asking comes to.
struct Seen {
  std::vector<cv::Point2d> board;
  std::vector<CalibrationView> views;  ///< those that can be used
  cv::Size size;
  std::string unit;                  ///< of board and poses; "" where it was not said
  std::vector<std::string> files;    ///< all of them
  std::vector<std::string> reasons;  ///< why a file is not used; "" where it is
};

// --- points ----------------------------------------------------------------------------------------------------------

std::vector<cv::Point2d> read_points(const std::string& path, const std::string& x, const std::string& y) {
  const Table table = read_table(path);
  int at[2] = {table.find(x), table.find(y)};
  if (at[0] < 0 || at[1] < 0)
    throw DataError("no columns " + quoted(x) + " and " + quoted(y), "the file must have columns " + x + "," + y,
                    {path, 0, 0});
  for (int c : at)
    if (!table.columns[static_cast<size_t>(c)].levels.empty())
      throw DataError("column " + quoted(table.columns[static_cast<size_t>(c)].name) + " holds text, not numbers", "",
                      {path, 0, 0});
  std::vector<cv::Point2d> points;
  for (Index i = 0; i < table.n(); ++i) {
    points.emplace_back(table.cells(i, at[0]), table.cells(i, at[1]));
    if (!std::isfinite(points.back().x) || !std::isfinite(points.back().y))
      throw DataError("a point without a number", "give every row " + x + " and " + y,
                      {path, static_cast<long>(table.line_of(i)), 0});
  }
  return points;
}

cv::Size parse_size(const std::string& option, const std::string& text) {
  const std::vector<std::string> parts = split(lower(text), 'x');
  const auto side = [&](size_t i) { return parts.size() == 2 ? parse_int(parts[i]) : std::nullopt; };
  if (!side(0) || !side(1) || *side(0) < 1 || *side(1) < 1 || *side(0) > 100000 || *side(1) > 100000)
    throw UsageError("--" + option + " must be WIDTHxHEIGHT in pixels, as 640x480; not " + quoted(text));
  return {static_cast<int>(*side(0)), static_cast<int>(*side(1))};
}

Seen from_points(Invocation& call) {
  Seen seen;
  if (!call.options.given("views") || !call.options.given("size"))
    throw UsageError("--points needs --views and --size",
                     "calibrate --points model.csv --views v1.csv,v2.csv --size 640x480");
  call.no_more_than(0);
  seen.size = parse_size("size", call.options.text("size"));
  seen.board = read_points(call.options.text("points"), "X", "Y");
  for (const std::string& file : call.options.list("views")) {
    seen.files.push_back(file);
    seen.reasons.emplace_back();
    seen.views.push_back({file, read_points(file, "u", "v")});
    if (seen.views.back().pixels.size() != seen.board.size())
      throw DataError(std::to_string(seen.views.back().pixels.size()) + " rows, but " + call.options.text("points") +
                          " has " + std::to_string(seen.board.size()),
                      "rows of both files belong together, in the same order", {file, 0, 0});
  }
  return seen;
}

// --- pictures --------------------------------------------------------------------------------------------------------

// "25", "25mm", "2.5cm", "1in"
double parse_square(const std::string& text, std::string& unit) {
  const size_t end = text.find_last_of("0123456789.");
  unit = end == std::string::npos ? "" : text.substr(end + 1);
  const std::optional<double> side = parse_double(text.substr(0, text.size() - unit.size()));
  if (!side || !(*side > 0) || !std::isfinite(*side) ||
      (!unit.empty() && unit != "mm" && unit != "cm" && unit != "m" && unit != "in"))
    throw UsageError("--square must be a length > 0, as 25mm (mm, cm, m, in); not " + quoted(text));
  return *side;
}

void draw_views(const std::string& folder, const Seen& seen, const std::vector<cv::Mat>& pictures,
                const std::vector<Chessboard>& boards) {
  make_folder(folder);
  for (size_t i = 0; i < pictures.size(); ++i)
    write_image(
        (std::filesystem::path(folder) / (std::filesystem::path(seen.files[i]).stem().string() + ".png")).string(),
        draw_chessboard(pictures[i], boards[i]));
}

Seen from_pictures(Invocation& call, ImageTiming& timing) {
  if (call.options.given("points") || call.options.given("views"))
    throw UsageError("--views goes with --points; pictures are arguments");
  ChessboardParams params;
  if (!call.options.given("board"))
    throw UsageError("which board? --board COLSxROWS counts inner corners", "a board of 10 x 7 squares is --board 9x6");
  params.board = call.options.text("board");
  check_params(params);
  const BoardSize size = *parse_board(params.board);
  Seen seen;
  seen.board = chessboard_points(size.columns, size.rows, parse_square(call.options.text("square"), seen.unit));
  seen.files = expand_pictures(call.options.arguments);
  std::vector<cv::Mat> pictures;
  for (const std::string& file : seen.files) {
    const cv::Mat image = timing.read([&] { return read_image(file); });
    if (pictures.empty()) seen.size = image.size();
    if (image.size() != seen.size)
      throw DataError("the picture is " + std::to_string(image.cols) + "x" + std::to_string(image.rows) +
                          ", those before " + std::to_string(seen.size.width) + "x" + std::to_string(seen.size.height),
                      "a camera is calibrated at one size", {file, 0, 0});
    pictures.push_back(image.channels() > 1 ? gray(image) : image);
  }
  std::vector<Chessboard> boards(pictures.size());
  timing.operate(1, [&] {
    parallel_for(call.ctx.threads, static_cast<Index>(pictures.size()), 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        boards[static_cast<size_t>(i)] = find_chessboard(pictures[static_cast<size_t>(i)], params);
    });
  });
  if (call.ctx.trace && !pictures.empty()) find_chessboard(pictures[0], params, call.ctx);  // one is enough to study
  for (size_t i = 0; i < boards.size(); ++i) {
    seen.reasons.push_back(boards[i].reason);
    if (boards[i].found()) seen.views.push_back({seen.files[i], boards[i].corners});
  }
  if (call.options.given("draw")) draw_views(call.options.text("draw"), seen, pictures, boards);
  return seen;
}

// --- options and results ---------------------------------------------------------------------------------------------

CalibrationOptions model_of(Invocation& call) {
  CalibrationOptions options;
  options.skew = call.options.flag("skew");
  options.k1 = options.k2 = options.p1 = options.p2 = options.k3 = false;
  const std::vector<std::string> known{"k1", "k2", "p1", "p2", "k3"};
  bool* const free[] = {&options.k1, &options.k2, &options.p1, &options.p2, &options.k3};
  for (const std::string& name : call.options.list("distortion")) {
    if (name == "none") continue;
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end())
      throw UsageError("--distortion: no coefficient " + quoted(name) + did_you_mean(name, known),
                       "any of " + join(known, ",") + ", or none");
    *free[at - known.begin()] = true;
  }
  return options;
}

// Where the board never was: "the top left", "the right" ... of thirds of the picture; "" where it was everywhere.
std::string empty_parts(const Coverage& c) {
  static const char* const kParts[9] = {"top left", "top",         "top right", "left",        "middle",
                                        "right",    "bottom left", "bottom",    "bottom right"};
  std::vector<std::string> empty;
  for (int part = 0; part < 9; ++part) {
    int count = 0;
    for (int y = part / 3 * c.down / 3; y < (part / 3 + 1) * c.down / 3; ++y)
      for (int x = part % 3 * c.across / 3; x < (part % 3 + 1) * c.across / 3; ++x)
        count += c.count[static_cast<size_t>(y * c.across + x)];
    if (count == 0) empty.emplace_back(kParts[part]);
  }
  return join(empty, ", ");
}

// Both to the second digit of the standard deviation.
std::string plus_minus(double value, double sd) {
  const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(sd))), 0, 12);
  char text[80];
  std::snprintf(text, sizeof text, "%.*f +- %.*f", decimals, value, decimals, sd);
  return text;
}

std::string story_of(const Calibration& c, const Seen& seen) {
  std::string text = "rms " + significant(c.rms_px, 4) + " px over " + std::to_string(c.views.size()) + " of " +
                     std::to_string(seen.files.size()) + " views\n";
  const auto values = c.camera.values();
  for (size_t i = 0; i < values.size(); ++i)
    if (c.sd[i] > 0)
      text += std::string(kCameraNames[i]) + std::string(6 - std::string(kCameraNames[i]).size(), ' ') +
              plus_minus(values[i], c.sd[i]) + "\n";
  size_t used = 0;
  for (size_t i = 0; i < seen.files.size(); ++i) {
    const std::string name = std::filesystem::path(seen.files[i]).filename().string();
    text += name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ');
    if (!seen.reasons[i].empty())
      text += "not used: " + seen.reasons[i] + "\n";
    else {
      text += significant(c.views[used].rms_px, 3) + " px, worst " + significant(c.views[used].worst_px, 3) +
              (c.retake == used ? "  <- retake this one" : "") + "\n";
      ++used;
    }
  }
  return text;
}

void tell(Invocation& call, const Calibration& c, const Seen& seen, const Coverage& coverage) {
  Json& j = call.result;
  const Matrix3 K = c.camera.matrix();
  j["rms_px"] = c.rms_px;
  j["width"] = c.camera.size.width, j["height"] = c.camera.size.height;
  j["camera_matrix"] = std::vector<double>(K.begin(), K.end());
  j["distortion"] = {c.camera.k1, c.camera.k2, c.camera.p1, c.camera.p2, c.camera.k3};
  j["std"] = Json::object();
  for (size_t i = 0; i < c.sd.size(); ++i)
    if (i < 9 || c.sd[i] > 0) j["std"][kCameraNames[i]] = c.sd[i];
  j["converged"] = c.converged;
  j["iterations"] = c.iterations;
  j["unit"] = seen.unit.empty() ? Json(nullptr) : Json(seen.unit);
  j["views"] = Json::array();
  size_t used = 0;
  for (size_t i = 0; i < seen.files.size(); ++i) {
    Json view{
        {"file", seen.files[i]}, {"used", seen.reasons[i].empty()}, {"rms_px", nullptr}, {"reason", seen.reasons[i]}};
    if (seen.reasons[i].empty()) {
      const CalibratedView& v = c.views[used];
      view["rms_px"] = v.rms_px, view["worst_px"] = v.worst_px;
      view["rotation_vector"] = rotation_vector(v.pose.R), view["translation"] = v.pose.t;
      view["retake"] = c.retake == used;
      ++used;
    }
    j["views"].push_back(std::move(view));
  }
  j["coverage"] = {
      {"share", coverage.share()}, {"across", coverage.across}, {"down", coverage.down}, {"count", coverage.count}};
}

// Cells without a point dark, the fullest white; 40 pixels a cell.
cv::Mat coverage_picture(const Coverage& c) {
  constexpr int kCell = 40;
  cv::Mat picture(c.down * kCell, c.across * kCell, CV_8U);
  const int most = std::max(1, *std::max_element(c.count.begin(), c.count.end()));
  for (int y = 0; y < c.down; ++y)
    for (int x = 0; x < c.across; ++x) {
      const int n = c.count[static_cast<size_t>(y * c.across + x)];
      picture(cv::Rect(x * kCell, y * kCell, kCell - 1, kCell - 1)).setTo(n == 0 ? 20 : 80 + 175 * n / most);
      picture(cv::Rect(x * kCell + kCell - 1, y * kCell, 1, kCell)).setTo(0);
      picture(cv::Rect(x * kCell, y * kCell + kCell - 1, kCell, 1)).setTo(0);
    }
  return picture;
}

void run_calibrate(Invocation& call) {
  const CalibrationOptions options = model_of(call);
  const std::string out = call.options.text("out"), picture = call.options.text("coverage");
  if (!out.empty()) camera_text(out, {});  // an unknown ending is found before any work is done
  if (!picture.empty()) image_format_of(picture);
  if (call.options.arguments.empty() && !call.options.given("points"))
    throw UsageError("calibrate needs pictures of a board, or --points",
                     "assay calibrate views/ --board 9x6 --square 25mm --out cam.yml");
  ImageTiming timing;
  const Seen seen = call.options.given("points") ? from_points(call) : from_pictures(call, timing);
  const int repeat = call.options.integer("repeat", at_least(1));
  Calibration c;
  if (seen.views.empty() && !seen.files.empty())
    throw DataError(seen.files.size() == 1 ? "no board in the picture: " + seen.reasons[0]
                                           : "no board in any of " + std::to_string(seen.files.size()) +
                                                 " pictures; the first: " + seen.reasons[0],
                    "--draw seen/ shows for each picture how far the search came");
  Context ctx = call.ctx;
  ctx.trace = Trace();
  timing.operate(repeat, [&] { c = calibrate(seen.board, seen.views, seen.size, options, ctx); });
  if (call.ctx.trace) calibrate(seen.board, seen.views, seen.size, options, call.ctx);
  const Coverage coverage = coverage_of(seen.views, seen.size);

  timing.write([&] {
    if (!out.empty()) write_file(out, camera_text(out, c));
    if (!picture.empty()) write_image(picture, coverage_picture(coverage));
  });
  call.print(story_of(c, seen));
  if (!c.converged)
    call.warn("the optimum was not reached in " + std::to_string(c.iterations) + " steps: use more or better views");
  if (c.sd[0] > 0.02 * c.camera.fx)
    call.warn("the views hardly determine the focal length: tilt the board in other directions");
  if (c.views.size() < 5) call.warn("few views: ten to twenty are usual");
  if (const std::string empty = empty_parts(coverage); !empty.empty())
    call.warn("no corner was ever in the " + empty + " of the picture: the lens is a guess there");
  if (c.camera.skew != 0 && !out.empty()) call.warn("the matrix has a skew, which OpenCV's functions ignore");
  call.say(out.empty() ? "camera not saved; add --out cam.yml" : "camera in " + out);
  tell(call, c, seen, coverage);
  if (!out.empty()) call.result["out"] = out;
  call.result["run"]["timing"] = timing.json();
}

}  // namespace

Verb calibrate_verb() {
  Verb verb;
  verb.name = "calibrate";
  verb.arguments = "VIEWS...";
  verb.summary = "calibrate a camera from views of a chessboard";
  verb.text =
      "Finds the board's inner corners in every picture, then the camera matrix, the lens and the pose of each view "
      "that "
      "fit them best. Prints each parameter with its standard deviation, the error of each view, and which view to "
      "take "
      "again. Or takes points: --points has the columns X,Y of the board, each file of --views the columns u,v of the "
      "pixels, rows in the same order.";
  verb.examples = {"calibrate views/ --board 9x6 --square 25mm --out cam.yml --draw seen/",
                   "calibrate @left01 @left03 @left04 @left05 --board 9x6 --square 25mm --distortion k1,k2",
                   "calibrate --points model.csv --views v1.csv,v2.csv,v3.csv --size 640x480 --out cam.json"};
  verb.options = {{"board", "COLSxROWS", "inner corners along a row and along a column", ""},
                  {"square", "SIZE", "side of a square: 25, 25mm, 2.5cm, 1in", "1"},
                  {"distortion", "LIST", "free lens coefficients, or none; the others are 0", "k1,k2,p1,p2,k3"},
                  {"skew", "", "free the skew of the pixel grid, too"},
                  {"points", "FILE", "the board's points, columns X,Y", ""},
                  {"views", "FILES", "their pixels, a file a view, columns u,v; between commas", ""},
                  {"size", "WxH", "of the pictures, with --points", ""},
                  {"out", "FILE", "the camera: .yml (OpenCV's) or .json", ""},
                  {"draw", "FOLDER", "each picture with what was found in it", ""},
                  {"coverage", "FILE", "a picture of where the corners were", ""},
                  {"repeat", "N", "run the calibration N times; the median is reported", "1"}};
  verb.run = run_calibrate;
  return verb;
}

}  // namespace assay::cli
