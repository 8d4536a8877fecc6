// assay features: key points of a picture as a table and a drawing.
#include <bit>
#include <filesystem>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/features/catalogue.h"
#include "assay/imgproc/color/gray.h"
#include "cli/bundled.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

std::string csv_of(const FeatureTable& table) {
  std::string out = join(table.columns, ",") + "\n";
  for (size_t i = 0; i < table.values.size(); ++i)
    out += shortest(table.values[i]) + ((i + 1) % table.columns.size() == 0 ? '\n' : ',');
  return out;
}

// NumPy's format, version 1.0, little-endian doubles, one row a point.
std::string npy_of(const FeatureTable& table) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(table.rows()) + ", " +
                       std::to_string(table.columns.size()) + "), }";
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\0", 8);
  out += static_cast<char>(header.size() & 255);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  for (double value : table.values) {
    const auto bits = std::bit_cast<uint64_t>(value);
    for (int i = 0; i < 8; ++i) out += static_cast<char>(bits >> (8 * i) & 255);
  }
  return out;
}

std::string format_of(const Options& options) {
  if (options.given("as")) return options.text("as");
  const std::string out = options.text("out");
  if (out.size() > 4 && lower(out.substr(out.size() - 4)) == ".npy") return "npy";
  return "csv";
}

void run_features(Invocation& call) {
  const Feature& feature = find_feature(call.argument(0, "ALGO"));
  const std::string path = resolve_path(call.argument(1, "IN"));
  call.no_more_than(2);
  const auto params = feature.params();
  apply_parameters(call.options, *params, feature.name());
  params->check();
  const int repeat = call.options.integer("repeat", at_least(1));
  const std::string out = call.options.text("out"), draw = call.options.text("draw");
  if (!draw.empty()) image_format_of(draw);  // an unknown ending is found before any work is done
  if (is_folder(path))
    throw UsageError(std::string(feature.name()) + " takes one picture, not the folder " + quoted(path));
  if (out == "-" && call.json()) throw UsageError("standard output cannot hold both the table and --json");

  ImageTiming timing;
  ReadImageOptions reading;
  reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));
  const cv::Mat image = timing.read([&] { return read_image(path, reading); });
  const bool greyed = image.channels() > 1 && feature.info->traits.channels == kGrey;
  const cv::Mat input = greyed ? gray(image) : image;
  if (greyed) call.say("the picture is in colour: gray goes before " + std::string(feature.name()));

  Context ctx = call.ctx;
  ctx.trace = Trace();
  FeatureTable table;
  timing.operate(repeat, [&] { table = feature.detect(*params, input, ctx); });
  if (call.ctx.trace) feature.detect(*params, input, call.ctx);

  timing.write([&] {
    if (!out.empty() || !call.json()) {
      const std::string bytes = format_of(call.options) == "npy" ? npy_of(table) : csv_of(table);
      if (out.empty() || out == "-")
        call.out << bytes;
      else
        write_file(out, bytes);
    }
    if (!draw.empty()) write_image(draw, feature.draw(image, table));
  });
  call.say(std::to_string(table.rows()) + " rows" + (out.empty() || out == "-" ? "" : " in " + out) +
           (draw.empty() ? "" : "; drawn in " + draw));

  call.result["algorithm"] = std::string(feature.name());
  call.result["params"] = params_json(*params);
  call.result["input"] = path;
  call.result["width"] = image.cols;
  call.result["height"] = image.rows;
  call.result["gray"] = greyed;
  call.result["count"] = table.rows();
  call.result["columns"] = table.columns;
  if (!out.empty()) call.result["out"] = out;
  if (!draw.empty()) call.result["draw"] = draw;
  call.result["run"]["timing"] = timing.json();
}

std::vector<Option> detector_options(const std::string& name) {
  if (name.empty()) return {};
  if (name[0] == '@' || std::filesystem::exists(name))
    throw UsageError(quoted(name) + " is a file, not a feature: arguments swapped", "try: assay features ALGO " + name);
  return parameter_options(*find_feature(name).params());
}

}  // namespace

Verb features_verb() {
  Verb verb;
  verb.name = "features";
  verb.arguments = "ALGO IN";
  verb.summary = "find key points in a picture";
  verb.text =
      "Writes one row a key point, the strongest first, to --out or to standard output; x and y are pixels, centres at "
      "integer coordinates. `assay list features` names the algorithms.";
  verb.examples = {"features harris @left01 --out corners.csv --draw corners.png",
                   "features harris @camera --max-features 50", "features harris @camera --trace steps/ --json"};
  verb.options = {{"out", "FILE", "where the table goes; - is standard output", ""},
                  {"as", "FORMAT", "of the table; by default the ending of --out", "csv", 0, {"csv", "npy"}},
                  {"draw", "FILE", "the picture with a ring around each point", ""},
                  {"repeat", "N", "run the detector N times; the median is reported", "1"},
                  {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.more_options = detector_options;
  verb.run = run_features;
  return verb;
}

}  // namespace assay::cli
