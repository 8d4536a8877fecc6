// assay geom estimate: the plane transformation of point pairs. assay geom warp: pictures and points moved by a matrix.
// assay geom simulate: pairs of a known matrix, with noise and wrong ones, to study the others with.
#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/features/homography/estimate.h"
#include "assay/imgproc/geometry/warp.h"
#include "assay/ml/data/table.h"
#include "cli/bundled.h"
#include "cli/geom.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"

namespace assay::cli {

namespace {

// Columns by name, else (where the table has just as many and none is named so) by place. Finite numbers only.
std::vector<std::vector<double>> read_columns(const std::string& path, const std::vector<std::string>& names) {
  const Table table = read_table(path);
  std::vector<int> at;
  for (const std::string& name : names) at.push_back(table.find(name));
  if (std::all_of(at.begin(), at.end(), [](int c) { return c < 0; }) && table.columns.size() == names.size())
    for (size_t k = 0; k < at.size(); ++k) at[k] = static_cast<int>(k);
  std::vector<std::vector<double>> columns;
  for (size_t k = 0; k < names.size(); ++k) {
    if (at[k] < 0)
      throw DataError("no column " + quoted(names[k]) + " among the " + std::to_string(table.columns.size()),
                      "the columns must be " + join(names, ", "), {path, 0, 0});
    const Column& column = table.columns[static_cast<size_t>(at[k])];
    if (!column.levels.empty())
      throw DataError("column " + quoted(column.name) + " holds text, not numbers", "", {path, 0, 0});
    std::vector<double>& values = columns.emplace_back();
    for (Index i = 0; i < table.n(); ++i) {
      values.push_back(table.cells(i, at[k]));
      if (!std::isfinite(values.back()))
        throw DataError("column " + quoted(names[k]) + " has no number here", "leave the line out",
                        {path, static_cast<long>(table.line_of(i)), 0});
    }
  }
  return columns;
}

std::string one_of_so_many(size_t part, size_t whole) {
  return std::to_string(part) + " of " + std::to_string(whole) + " pairs (" +
         std::to_string((200 * part + whole) / (2 * whole)) + " %)";
}

void write_inliers(const std::string& path, const std::vector<PointPair>& pairs, const PlaneEstimate& found) {
  std::string text = "x1,y1,x2,y2,error,inlier\n";
  std::vector<int> inlier(pairs.size());
  for (int i : found.inliers) inlier[static_cast<size_t>(i)] = 1;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const PointPair& p = pairs[i];
    for (double v : {p.x1, p.y1, p.x2, p.y2, transfer_error(found.H, p)}) text += shortest(v) + ",";
    text += inlier[i] ? "1\n" : "0\n";
  }
  write_file(path, text);
}

}  // namespace

std::string matrix_text(const Matrix3& H, int digits) {
  std::string text;
  for (size_t i = 0; i < 9; ++i) text += (i == 0 ? "" : i % 3 == 0 ? "; " : " ") + significant(H[i], digits);
  return text;
}

void report_estimate(Invocation& call, const PlaneParams& params, const PlaneEstimate& found, size_t pairs) {
  if (!found.converged)
    call.warn("after " + std::to_string(found.trials) +
              " trials the chance of having missed the best sample is above " + six_digits(1 - params.confidence) +
              "; raise --max-trials");
  const auto m = static_cast<size_t>(sample_size(params.model));
  if (params.method != RobustMethod::least_squares && pairs > m + 1 && found.inliers.size() <= m + 1)
    call.warn("only " + std::to_string(found.inliers.size()) + " of " + std::to_string(pairs) + " pairs agree: any " +
              std::to_string(m) + " do, so this says nothing");
  call.result["inliers"] = found.inliers.size();
  call.result["homography"] = std::vector<double>(found.H.begin(), found.H.end());
  call.result["trials"] = found.trials;
  call.result["converged"] = found.converged;
  call.result["rms_px"] = found.rms;
}

void run_estimate(Invocation& call) {
  const std::string path = resolve_path(call.argument(1, "PAIRS.csv"));
  call.no_more_than(2);
  ParamsOf<PlaneParams> params;
  apply_parameters(call.options, params, "geom estimate");
  params.check();
  const int repeat = call.options.integer("repeat", at_least(1));
  const std::string out = call.options.text("out");
  ImageTiming timing;
  const std::vector<std::vector<double>> c = timing.read([&] { return read_columns(path, {"x1", "y1", "x2", "y2"}); });
  std::vector<PointPair> pairs;
  for (size_t i = 0; i < c[0].size(); ++i) pairs.push_back({c[0][i], c[1][i], c[2][i], c[3][i]});

  Context ctx = call.ctx;
  ctx.trace = Trace();
  std::optional<PlaneEstimate> found;
  timing.operate(repeat, [&] { found = estimate_plane(pairs, params.value, ctx); });
  if (call.ctx.trace) estimate_plane(pairs, params.value, call.ctx);
  const std::string model = plane_model_names.items[static_cast<size_t>(params.value.model)].first;
  if (!found)
    throw DataError("no " + model + " follows from these pairs: " + why_no_model(params.value.model, pairs), "",
                    {path, 0, 0});
  timing.write([&] {
    if (!out.empty()) write_inliers(out, pairs, *found);
  });

  call.print(matrix_text(found->H) + "\n");
  const bool robust = params.value.method != RobustMethod::least_squares;
  call.say(model +
           (robust ? ": " + one_of_so_many(found->inliers.size(), pairs.size()) + " agree within " +
                         six_digits(found->threshold) + " px, rms "
                   : " of all " + std::to_string(pairs.size()) + " pairs, rms ") +
           six_digits(found->rms) + " px" +
           (robust ? ", after " + std::to_string(found->trials) + " trials" : std::string()) +
           (out.empty() ? "" : "; pairs with errors in " + out));
  call.result["input"] = path;
  call.result["params"] = params_json(params);
  call.result["pairs"] = pairs.size();
  report_estimate(call, params.value, *found, pairs.size());
  if (robust) call.result["threshold_px"] = found->threshold;
  call.result["inlier_rows"] = found->inliers;
  call.result["run"]["timing"] = timing.json();
}

namespace {

constexpr double kBeyond =
    0.1;  // wrong points lie up to this share of the picture's sides outside what the matrix makes of it

std::vector<PointPair> draw_pairs(const Matrix3& H, int n, int wrong, double noise, double width, double height,
                                  Rng rng) {
  double x0 = HUGE_VAL, x1 = -HUGE_VAL, y0 = HUGE_VAL, y1 = -HUGE_VAL;
  for (double x : {0.0, width})
    for (double y : {0.0, height}) {
      const cv::Point2d p = map_point(H, x, y);
      x0 = std::min(x0, p.x), x1 = std::max(x1, p.x), y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
  std::vector<PointPair> pairs;
  for (int i = 0; i < n; ++i) {
    PointPair p{rng.uniform(0, width), rng.uniform(0, height), 0, 0};
    const cv::Point2d q = map_point(H, p.x1, p.y1);
    p.x2 = q.x + noise * rng.normal(), p.y2 = q.y + noise * rng.normal();
    if (i < wrong)
      p.x2 = rng.uniform(x0 - kBeyond * width, x1 + kBeyond * width),
      p.y2 = rng.uniform(y0 - kBeyond * height, y1 + kBeyond * height);
    pairs.push_back(p);
  }
  rng.shuffle(pairs);
  return pairs;
}

// "a b c; d e f; g h i", or a file of JSON with the key `homography`.
Matrix3 read_matrix(const std::string& text) {
  if (!text.ends_with(".json")) return parse_matrix3("geom warp", text);
  const Input file = Input::open(text, InputBudget{}.model_bytes);
  const Json json = parse_json(file.bytes(), text);
  const auto refuse = [&] {
    throw DataError("holds no \"homography\" of nine numbers", "assay geom estimate PAIRS.csv --json > H.json",
                    {text, 0, 0});
  };
  if (!json.is_object() || !json.contains("homography") || json["homography"].size() != 9) refuse();
  Matrix3 H{};
  for (size_t i = 0; i < 9; ++i) {
    if (!json["homography"][i].is_number()) refuse();
    H[i] = json["homography"][i].get<double>();
  }
  return H;
}

void warp_points(Invocation& call, const Matrix3& H, const std::string& in, const std::string& out) {
  const std::vector<std::vector<double>> c = read_columns(in, {"x", "y"});
  std::string text = "x,y\n";
  size_t lost = 0;
  for (size_t i = 0; i < c[0].size(); ++i) {
    const cv::Point2d p = map_point(H, c[0][i], c[1][i]);
    const bool finite = std::isfinite(p.x) && std::isfinite(p.y);
    lost += !finite;
    text += finite ? shortest(p.x) + "," + shortest(p.y) + "\n" : ",\n";
  }
  write_file(out, text);
  if (lost > 0) call.warn(std::to_string(lost) + " points go to infinity: their cells are empty");
  call.say(std::to_string(c[0].size()) + " points in " + out);
  call.result["points"] = c[0].size();
}

}  // namespace

void run_warp(Invocation& call) {
  const Matrix3 H = read_matrix(call.argument(1, "MATRIX"));
  const std::string in = resolve_path(call.argument(2, "IN")), out = call.argument(3, "OUT");
  call.no_more_than(4);
  call.result["matrix"] = std::vector<double>(H.begin(), H.end());
  call.result["input"] = in;
  call.result["out"] = out;
  if (in.ends_with(".csv") || in.ends_with(".tsv")) return warp_points(call, H, in, out);
  const ImageFormat format = image_format_of(out);
  PerspectiveParams p;
  p.matrix = matrix_text(H, 17);
  if (call.options.given("width")) p.width = call.options.integer("width", at_least(1));
  if (call.options.given("height")) p.height = call.options.integer("height", at_least(1));
  const std::string method = call.options.text("interpolation");
  for (const auto& item : sampling_names.items)
    if (method == item.first) p.method = item.second;
  ImageTiming timing;
  const cv::Mat image = timing.read([&] { return read_image(in); });
  cv::Mat warped;
  timing.operate(call.options.integer("repeat", at_least(1)), [&] { warped = perspective(image, p, call.ctx); });
  timing.write([&] { write_image(out, fit_to_format(warped, format).image); });
  call.say(out + ": " + std::to_string(warped.cols) + " x " + std::to_string(warped.rows));
  call.result["width"] = warped.cols;
  call.result["height"] = warped.rows;
  call.result["run"]["timing"] = timing.json();
}

void run_simulate(Invocation& call) {
  const Matrix3 H = read_matrix(call.argument(1, "MATRIX"));
  const std::string out = call.argument(2, "PAIRS.csv");
  call.no_more_than(3);
  const auto size = [&](const char* side, double standard) {
    return call.options.given(side) ? static_cast<double>(call.options.integer(side, at_least(1))) : standard;
  };
  const int n = call.options.integer("pairs", between(1, 10000000));
  const int wrong = static_cast<int>(std::lround(call.options.number("wrong", unit_interval) * n));
  const double noise = call.options.number("noise", non_negative);
  const auto pairs = draw_pairs(H, n, wrong, noise, size("width", 1000), size("height", 800), call.ctx.rng());
  std::string text = "x1,y1,x2,y2\n";
  for (const PointPair& p : pairs) {
    if (!std::isfinite(p.x2) || !std::isfinite(p.y2))
      throw DataError("geom simulate: the matrix sends a point of the picture to infinity");
    text += shortest(p.x1) + "," + shortest(p.y1) + "," + shortest(p.x2) + "," + shortest(p.y2) + "\n";
  }
  write_file(out, text);
  call.say(std::to_string(n) + " pairs in " + out + ", " + std::to_string(wrong) + " of them wrong");
  call.result["matrix"] = std::vector<double>(H.begin(), H.end());
  call.result["pairs"] = n;
  call.result["wrong"] = wrong;
  call.result["out"] = out;
}

std::vector<Option> parameter_options_of_plane() { return parameter_options(ParamsOf<PlaneParams>()); }

std::vector<Option> estimate_options() {
  std::vector<Option> options = parameter_options_of_plane();
  const std::vector<Option> more = {
      {"out", "FILE", "estimate: the pairs with their errors and who is an inlier", ""},
      {"repeat", "N", "run it N times; the median is reported", "1"},
      {"width", "N", "warp: columns of the result, default the picture's own; simulate: of the first picture, 1000",
       ""},
      {"height", "N", "warp: rows of the result, default the picture's own; simulate: of the first picture, 800", ""},
      {"pairs", "N", "simulate: how many pairs", "200"},
      {"wrong", "SHARE", "simulate: share of pairs whose second point lies anywhere", "0.4"},
      {"noise", "PIXELS", "simulate: standard deviation in both coordinates of second points", "0.7"},
      {"interpolation",
       "METHOD",
       "warp: how pixels are weighed",
       "bilinear",
       0,
       {"nearest", "bilinear", "bicubic", "lanczos"}}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace assay::cli
