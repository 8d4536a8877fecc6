// assay detect: lines, circles and other things in a picture.
#include <cmath>
#include <filesystem>
#include <opencv2/core.hpp>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/features/feature_file.h"
#include "assay/imgproc/catalogue.h"
#include "assay/imgproc/color/gray.h"
#include "cli/bundled.h"
#include "cli/detectors.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

// [{column: value, ...}, ...]; counts are whole numbers.
Json objects_of(const FeatureTable& table) {
  Json list = Json::array();
  for (size_t row = 0; row < table.rows(); ++row) {
    Json item = Json::object();
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const double value = table.at(row, c);
      item[table.columns[c]] = table.columns[c] == "votes" ? Json(std::llround(value)) : Json(value);
    }
    if (!table.classes.empty()) item["class"] = table.classes[row];
    list.push_back(std::move(item));
  }
  return list;
}

// --- the edge map ----------------------------------------------------------------------------------------------------

// A chain of image operators, each with its parameters; "none" is empty.
class EdgeChain {
 public:
  explicit EdgeChain(const std::string& text) : text_(text) {
    if (text == "none") return;
    for (const InlineSpec& spec : parse_inline_list(text)) {
      ops_.push_back(&find_image_op(spec.name));
      params_.push_back(ops_.back()->params());
      for (const auto& [key, value] : spec.settings) params_.back()->set(key, value, ops_.back()->name());
      params_.back()->check();
    }
  }
  const std::string& text() const { return text_; }
  bool none() const { return ops_.empty(); }
  /// u8: 255 where the result (or, without operators, the picture itself) is not 0.
  cv::Mat apply(const cv::Mat& image, const Context& ctx) const {
    cv::Mat current = image;
    for (size_t i = 0; i < ops_.size(); ++i) {
      cv::Mat next;
      ops_[i]->apply(*params_[i], current, next, ctx);
      current = next;
    }
    if (current.channels() != 1)
      throw DataError(
          "--edges " + text_ + " gives " + std::to_string(current.channels()) + " channels, an edge map has 1",
          "end with canny");
    return current != 0;
  }

 private:
  std::string text_;
  std::vector<const ImageOp*> ops_;
  std::vector<std::unique_ptr<AnyParams>> params_;
};

// --- the verb --------------------------------------------------------------------------------------------------------

void write_accumulator(const std::string& path, const Detector& d, const AnyParams& params, const cv::Mat& input,
                       const Context& ctx) {
  if (lower(std::filesystem::path(path).extension().string()) == ".csv") {
    write_file(path, d.votes_csv(params, input, ctx));
    return;
  }
  write_image(path, fit_to_format(d.votes_picture(params, input, ctx), image_format_of(path)).image);
}

// "3 lines", "1 line".
std::string counted(size_t count, const std::string& plural) {
  return std::to_string(count) + " " + (count == 1 ? plural.substr(0, plural.size() - 1) : plural);
}

// What was asked for, checked before any work is done.
struct Request {
  const Detector& detector;
  std::unique_ptr<AnyParams> params;
  std::string path, out, draw, accumulator;
  int repeat;
  EdgeChain edges;
};

Request request_of(Invocation& call) {
  const Detector& d = find_detector(call.argument(0, "what to look for"));
  Request r{d,
            d.params(),
            resolve_path(call.argument(1, "IN")),
            call.options.text("out"),
            call.options.text("draw"),
            call.options.text("accumulator"),
            call.options.integer("repeat", at_least(1)),
            EdgeChain(d.takes_edges ? call.options.text("edges") : "none")};
  call.no_more_than(2);
  apply_parameters(call.options, *r.params, d.name());
  r.params->check();
  const std::string name(d.name());
  if (call.options.given("edges") && !d.takes_edges)
    throw UsageError("--edges is not for " + name + ": it looks at the picture itself");
  if (!r.accumulator.empty() && !d.votes_picture)
    throw UsageError("--accumulator is not for " + name + ": it collects no votes");
  if (!r.draw.empty()) image_format_of(r.draw);
  if (!r.accumulator.empty() && lower(std::filesystem::path(r.accumulator).extension().string()) != ".csv")
    image_format_of(r.accumulator);
  if (is_folder(r.path)) throw UsageError("detect " + name + " takes one picture, not the folder " + quoted(r.path));
  if (r.out == "-" && call.json()) throw UsageError("standard output cannot hold both the table and --json");
  return r;
}

void run_detect(Invocation& call) {
  const Request r = request_of(call);
  const Detector& d = r.detector;
  ImageTiming timing;
  ReadImageOptions reading;
  reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));
  const cv::Mat image = timing.read([&] { return read_image(r.path, reading); });
  const bool greyed = image.channels() > 1 && d.info->traits.channels == kGrey;
  const cv::Mat input = greyed ? gray(image) : image;
  if (greyed) call.say("the picture is in colour: gray goes before " + std::string(d.name()));

  Context ctx = call.ctx;
  ctx.trace = Trace();
  const Finder find = d.prepare(*r.params);
  Found table;
  cv::Mat seen = input;  // the picture, or its edge map
  try {
    timing.operate(r.repeat, [&] {
      if (d.takes_edges) seen = r.edges.apply(input, ctx);
      table = find(seen, ctx);
    });
  } catch (const DataError& e) {
    if (!e.place().file.empty()) throw;  // of another file: a kernel, markers, a map
    throw DataError(e.message(), e.hint(), Place{r.path, 0, 0});
  }
  if (d.takes_edges)
    call.say("edges by " + r.edges.text() + ": " + std::to_string(cv::countNonZero(seen)) + " pixels" +
             (r.edges.none() ? "" : " (--edges none: the picture is an edge map)"));
  if (call.ctx.trace) {
    find(seen, call.ctx);
    const cv::Mat result = d.draw(image, table);
    call.ctx.trace.image([&] {
      return TraceImage{"result", "What was found", "The findings over the picture.", view_of(result), false, {}, "",
                        ""};
    });
  }

  timing.write([&] {
    if (r.out.empty() || r.out == "-") {
      if (!call.json()) call.out << encode_features(table, FeatureFormat::csv);
    } else {
      write_file(r.out, encode_features(table, FeatureFormat::csv));
    }
    if (!r.draw.empty()) write_image(r.draw, d.draw(image, table));
    if (!r.accumulator.empty()) write_accumulator(r.accumulator, d, *r.params, seen, ctx);
  });
  const std::string summary = d.summary ? d.summary(table, *r.params) : counted(table.rows(), d.key);
  call.say(summary + (r.out.empty() || r.out == "-" ? "" : " in " + r.out) +
           (r.draw.empty() ? "" : "; drawn in " + r.draw) +
           (r.accumulator.empty() ? "" : "; votes in " + r.accumulator));

  call.result["algorithm"] = std::string(d.name());
  call.result["params"] = params_json(*r.params);
  call.result["input"] = r.path;
  call.result["width"] = image.cols;
  call.result["height"] = image.rows;
  call.result["gray"] = greyed;
  if (d.takes_edges) call.result["edges"] = {{"by", r.edges.text()}, {"pixels", cv::countNonZero(seen)}};
  if (d.tell)
    d.tell(table, *r.params, call.result);
  else
    call.result[d.key] = objects_of(table);
  for (const auto& [key, path] :
       {std::pair{"out", r.out}, std::pair{"draw", r.draw}, std::pair{"accumulator", r.accumulator}})
    if (!path.empty()) call.result[key] = path;
  call.result["run"]["timing"] = timing.json();
}

std::vector<Option> detector_options(const std::string& name) {
  if (name.empty()) return {};
  std::error_code no_file;  // as a name may be too long for one
  if (name[0] == '@' || std::filesystem::exists(name, no_file))
    throw UsageError(quoted(name) + " is a file, not a detector: arguments swapped", "try: assay detect lines " + name);
  return parameter_options(*find_detector(name).params());
}

std::string detector_names(const char* between) {
  std::string names;
  for (const Detector& d : detectors()) names += (names.empty() ? "" : between) + std::string(d.name());
  return names;
}

}  // namespace

Verb detect_verb() {
  Verb verb;
  verb.name = "detect";
  verb.arguments = detector_names("|") + " IN";
  verb.summary = "find lines and other things in a picture";
  verb.text =
      "Writes one row a finding, the strongest first, to --out or to standard output; pixel centres are at integer "
      "coordinates. Lines are found among edges: a picture goes through --edges first, a chain of image operators. "
      "`assay describe detector:NAME` explains the parameters. Nothing found is an empty list, and no error.";
  verb.examples = {"detect lines @text --draw lines.png",
                   "detect lines @camera --edges gaussian:sigma=1.4,canny:low=50:high=150 --votes 80",
                   "detect lines edges.png --edges none --angle-step 0.5 --accumulator votes.png --json"};
  verb.options = {
      {"edges", "CHAIN", "how edges are found; none: IN is an edge map, pixels that are not 0", "canny"},
      {"out", "FILE", "where the table goes; - is standard output", ""},
      {"draw", "FILE", "the picture with the findings drawn over it", ""},
      {"accumulator", "FILE", "the space of votes, as a picture (brightness: square root of votes) or as .csv", ""},
      {"repeat", "N", "run the detector N times; the median is reported", "1"},
      {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.more_options = detector_options;
  verb.run = run_detect;
  return verb;
}

}  // namespace assay::cli
