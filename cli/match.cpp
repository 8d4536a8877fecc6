// assay match: which point of one picture is which of another, and the map between the pictures.
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/features/catalogue.h"
#include "assay/features/feature_file.h"
#include "assay/features/homography/draw_pairs.h"
#include "assay/features/match/match.h"
#include "assay/imgproc/color/gray.h"
#include "assay/imgproc/io/image_file.h"
#include "cli/bundled.h"
#include "cli/geom.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

// One of the two: a picture to find features in, or a file of them.
struct Side {
  std::string path;
  cv::Mat image, input;  // empty for a file; input: as the detector takes it
  FeatureTable table;
  Descriptors descriptors;
  size_t x = 0, y = 0;  // columns
};

Side read_side(const Invocation& call, const std::string& path, const Feature* feature, ImageTiming& timing) {
  Side side;
  side.path = path;
  if (!feature) {
    side.table = timing.read([&] { return read_features(path); });
    return side;
  }
  ReadImageOptions reading;
  reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));
  side.image = timing.read([&] { return read_image(path, reading); });
  const bool grey = side.image.channels() > 1 && feature->info->traits.channels == kGrey;
  side.input = grey ? gray(side.image) : side.image;
  return side;
}

// The descriptors of a table in single precision.
void take_descriptors(Side& side) {
  const FeatureTable& table = side.table;
  const auto [first, count] = descriptor_columns(table);
  const auto column = [&](const char* name) {
    for (size_t c = 0; c < table.columns.size(); ++c)
      if (table.columns[c] == name) return c;
    throw DataError("no column " + quoted(name), "match takes key points: columns x, y and d0, d1, ...",
                    {side.path, 0, 0});
  };
  side.x = column("x"), side.y = column("y");
  if (count == 0)
    throw DataError("no descriptors (columns d0, d1, ...)", "assay features sift writes them", {side.path, 0, 0});
  side.descriptors = Descriptors(static_cast<int>(table.rows()), static_cast<int>(count));
  for (size_t i = 0; i < table.rows(); ++i)
    for (size_t k = 0; k < count; ++k)
      side.descriptors(static_cast<int>(i), static_cast<int>(k)) = static_cast<float>(table.at(i, first + k));
}

// Sets what was given of these parameters: the options of match belong to two structs.
void apply_some(const Options& options, AnyParams& params) {
  std::vector<std::string> names;
  for (const Param& p : params.list()) names.push_back(p.name);
  for (const std::string& name : names)
    if (options.given(name) && options.text(name) != "none") params.set(name, options.text(name), "match");
  params.check();
}

std::vector<PointPair> pairs_of(const Side& a, const Side& b, const std::vector<Match>& matches) {
  std::vector<PointPair> pairs;
  for (const Match& m : matches) {
    const auto i = static_cast<size_t>(m.a), j = static_cast<size_t>(m.b);
    pairs.push_back({a.table.at(i, a.x), a.table.at(i, a.y), b.table.at(j, b.x), b.table.at(j, b.y)});
  }
  return pairs;
}

std::string csv_of(const std::vector<Match>& matches, const std::vector<PointPair>& pairs,
                   const std::vector<int>* inliers) {
  std::string text = "x1,y1,x2,y2,a,b,distance,second";
  text += inliers ? ",inlier\n" : "\n";
  std::vector<bool> right(matches.size());
  if (inliers)
    for (int i : *inliers) right[static_cast<size_t>(i)] = true;
  for (size_t i = 0; i < matches.size(); ++i) {
    const PointPair& p = pairs[i];
    for (double v : {p.x1, p.y1, p.x2, p.y2}) text += shortest(v) + ",";
    text +=
        std::to_string(matches[i].a) + "," + std::to_string(matches[i].b) + "," + shortest(matches[i].distance) + ",";
    if (std::isfinite(matches[i].second)) text += shortest(matches[i].second);
    if (inliers) text += right[i] ? ",1" : ",0";
    text += "\n";
  }
  return text;
}

std::string said(const std::vector<Match>& matches, const std::optional<PlaneEstimate>& found,
                 const std::string& model) {
  std::string text = std::to_string(matches.size()) + (matches.size() == 1 ? " match" : " matches");
  if (found)
    text += "; " + model + ": " + std::to_string(found->inliers.size()) + " agree within " +
            six_digits(found->threshold) + " px, rms " + six_digits(found->rms) + " px";
  return text;
}

void run_match(Invocation& call) {
  const std::string a_path = resolve_path(call.argument(0, "A")), b_path = resolve_path(call.argument(1, "B"));
  call.no_more_than(2);
  ParamsOf<MatchParams> params;
  apply_some(call.options, params);
  if (call.options.text("ratio") == "none") params.value.ratio.reset();
  ParamsOf<PlaneParams> plane;
  apply_some(call.options, plane);
  const std::string model = call.options.text("model");
  const auto detector_of = [&](const std::string& path) {
    return feature_format_of(path) ? nullptr : &find_feature(call.options.text("features"));
  };
  const int repeat = call.options.integer("repeat", at_least(1));
  const std::string out = call.options.text("out"), draw = call.options.text("draw");
  if (!draw.empty()) image_format_of(draw);
  if (out == "-" && call.json()) throw UsageError("standard output cannot hold both the table and --json");

  ImageTiming timing;
  const Feature *a_feature = detector_of(a_path), *b_feature = detector_of(b_path);
  const Feature* feature = a_feature ? a_feature : b_feature;  // null: two files
  Side a = read_side(call, a_path, a_feature, timing), b = read_side(call, b_path, b_feature, timing);
  const auto detector = feature ? feature->params() : nullptr;
  if (!draw.empty() && (a.image.empty() || b.image.empty()))
    throw UsageError("--draw needs two pictures, not files of features");
  Context ctx = call.ctx;
  ctx.trace = Trace();
  for (Side* side : {&a, &b})
    if (side->image.empty()) take_descriptors(*side);
  std::vector<Match> matches;
  std::vector<PointPair> pairs;
  std::optional<PlaneEstimate> found;
  timing.operate(repeat, [&] {
    for (Side* side : {&a, &b})
      if (!side->image.empty()) {
        side->table = feature->detect(*detector, side->input, ctx);
        take_descriptors(*side);
      }
    matches = match(a.descriptors, b.descriptors, params.value, ctx);
    pairs = pairs_of(a, b, matches);
    if (model != "none") found = estimate_plane(pairs, plane.value, ctx);
  });
  if (call.ctx.trace && model != "none") estimate_plane(pairs, plane.value, call.ctx);
  if (model != "none" && !found)
    call.warn("no " + model + " follows from the matches: " + why_no_model(plane.value.model, pairs));
  timing.write([&] {
    if (!out.empty()) {
      const std::string bytes = csv_of(matches, pairs, found ? &found->inliers : nullptr);
      if (out == "-")
        call.out << bytes;
      else
        write_file(out, bytes);
    }
    if (!draw.empty()) {
      std::vector<int> all(pairs.size());
      for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
      write_image(draw, draw_matches(a.image, b.image, pairs, found ? found->inliers : all,
                                     found ? std::optional(found->H) : std::nullopt));
    }
  });
  if (found && out != "-") call.print(matrix_text(found->H) + "\n");
  call.say(std::to_string(a.table.rows()) + " and " + std::to_string(b.table.rows()) + " points, " +
           said(matches, found, model) + (out.empty() || out == "-" ? "" : "; pairs in " + out) +
           (draw.empty() ? "" : "; drawn in " + draw));
  call.result["input"] = {a.path, b.path};
  call.result["params"] = params_json(params);
  call.result["points"] = {a.table.rows(), b.table.rows()};
  call.result["matches"] = matches.size();
  call.result["model"] = model;
  if (found) {
    report_estimate(call, plane.value, *found, pairs.size());
  } else {
    call.result["inliers"] = model == "none" ? Json() : Json(0);
    call.result["homography"] = nullptr;
  }
  if (!out.empty()) call.result["out"] = out;
  if (!draw.empty()) call.result["draw"] = draw;
  call.result["run"]["timing"] = timing.json();
}

}  // namespace

Verb match_verb() {
  Verb verb;
  verb.name = "match";
  verb.arguments = "A B";
  verb.summary = "which point of one picture is which of another, and the map between them";
  verb.text =
      "A and B are pictures, or files that `assay features` has written. Each descriptor of A is matched with the "
      "nearest "
      "of B, if that is clearly nearer than the second nearest; a homography (or what --model says) from A to B then "
      "tells "
      "right matches from wrong ones. --out writes the pairs as `assay geom estimate` reads them.";
  verb.examples = {"match left.png right.png --draw matches.png", "match a.csv b.csv --mutual --out pairs.csv",
                   "match left.png right.png --ratio 0.7 --model affine --json"};
  verb.options = parameter_options(ParamsOf<MatchParams>());
  for (Option option : parameter_options_of_plane()) {
    if (option.name == "model") {
      option.value += "|none";
      option.text = "of the second picture in terms of the first, to tell right from wrong; none: no check";
    }
    verb.options.push_back(option);
  }
  const std::vector<Option> more = {
      {"features", "NAME", "what is found in pictures; it must describe its points", "sift"},
      {"out", "FILE", "the matches as a table; - is standard output", ""},
      {"draw", "FILE", "both pictures with lines between matches: green agree with the map, red do not", ""},
      {"repeat", "N", "run it N times; the median is reported", "1"},
      {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.options.insert(verb.options.end(), more.begin(), more.end());
  verb.run = run_match;
  return verb;
}

}  // namespace assay::cli
