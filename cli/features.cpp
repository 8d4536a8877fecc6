// assay features: key points of a picture as a table and a drawing.
#include <filesystem>
#include <set>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/features/catalogue.h"
#include "assay/features/feature_file.h"
#include "assay/imgproc/color/gray.h"
#include "cli/bundled.h"
#include "cli/image_files.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

FeatureFormat format_of(const Options& options) {
  if (options.given("as")) return find_feature_format(options.text("as"));
  return feature_format_of(options.text("out")).value_or(FeatureFormat::csv);
}

// What every picture of a call shares.
struct Job {
  const Feature& feature;
  const AnyParams& params;
  int repeat;
  ReadImageOptions reading;
  FeatureFormat format;
};

struct Found {
  cv::Mat image;  ///< as it was read, for the drawing
  FeatureTable table;
  bool greyed = false;
};

Found find(const Job& job, const std::string& path, const Context& watched, ImageTiming& timing) {
  Found found;
  found.image = timing.read([&] { return read_image(path, job.reading); });
  found.greyed = found.image.channels() > 1 && job.feature.info->traits.channels == kGrey;
  const cv::Mat input = found.greyed ? gray(found.image) : found.image;
  Context ctx = watched;
  ctx.trace = Trace();
  try {
    timing.operate(job.repeat, [&] { found.table = job.feature.detect(job.params, input, ctx); });
    if (watched.trace) job.feature.detect(job.params, input, watched);
  } catch (const DataError& e) {
    if (!e.place().file.empty()) throw;  // of another file: a kernel, markers, a map
    throw DataError(e.message(), e.hint(), Place{path, 0, 0});
  }
  return found;
}

bool holds_windows(const FeatureTable& table) { return table.columns.size() > 2 && table.columns[2] == "h0"; }
bool holds_key_points(const FeatureTable& table) {
  return !table.columns.empty() && table.columns[0] == "x" && !holds_windows(table);
}

// Windows of many pictures in one table: without the columns x and y, as the picture they are of is not told either.
FeatureTable without_places(const FeatureTable& windows) {
  FeatureTable rows{{windows.columns.begin() + 2, windows.columns.end()}, {}};
  const auto width = static_cast<ptrdiff_t>(windows.columns.size());
  rows.values.reserve(windows.rows() * rows.columns.size());
  for (auto row = windows.values.begin(); row != windows.values.end(); row += width)
    rows.values.insert(rows.values.end(), row + 2, row + width);
  return rows;
}

// One row a picture or window: one table, with the sub-folder's name as class. Key points: a file a picture.
void run_folder(Invocation& call, const Job& job, const std::string& path) {
  const std::string out = call.options.text("out"), draw = call.options.text("draw");
  if (!draw.empty() && !is_folder(draw))
    throw UsageError("the drawings of a folder go to a folder, not to " + quoted(draw), "--draw " + draw + "/");
  const std::vector<FolderPicture> pictures = pictures_in_folder(path);
  const bool to_folder = is_folder(out);
  ImageTiming total;
  FeatureTable all;
  Json list = Json::array();
  std::set<std::string> classes;
  const auto place_of = [](const std::string& folder, const FolderPicture& picture, const char* ending) {
    const std::filesystem::path place = std::filesystem::path(folder) / picture.folder;
    make_folder(place.string());
    return (place / (std::filesystem::path(picture.path).filename().string() + ending)).string();
  };
  size_t count = 0;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const FolderPicture& picture = pictures[i];
    call.ctx.check_cancelled();
    Context ctx = call.ctx;
    if (ctx.trace) ctx.trace = ctx.trace.child("picture-" + std::to_string(i));
    Found found = find(job, picture.path, ctx, total);
    if (!to_folder && holds_key_points(found.table))
      throw UsageError("the key points of a folder go to a file a picture: --out must name a folder",
                       "--out points/ --as " + std::string(feature_ending(job.format) + 1));
    if (!to_folder && holds_windows(found.table)) found.table = without_places(found.table);
    if (i == 0) all.columns = found.table.columns;
    if (!to_folder && found.table.columns != all.columns)
      throw DataError(std::to_string(found.table.columns.size()) + " columns, the pictures before have " +
                          std::to_string(all.columns.size()),
                      "pictures of one size give rows of one length", Place{picture.path, 0, 0});
    Json entry = {{"input", picture.path}, {"count", found.table.rows()}};
    total.write([&] {
      if (to_folder) {
        const std::string file = place_of(out, picture, feature_ending(job.format));
        write_file(file, encode_features(found.table, job.format));
        entry["out"] = file;
      } else {
        all.values.insert(all.values.end(), found.table.values.begin(), found.table.values.end());
        if (!picture.folder.empty()) all.classes.insert(all.classes.end(), found.table.rows(), picture.folder);
      }
      if (!draw.empty()) {
        const std::string file = place_of(draw, picture, ".png");
        write_image(file, job.feature.draw(job.params, found.image, found.table));
        entry["draw"] = file;
      }
    });
    if (!picture.folder.empty()) classes.insert(picture.folder), entry["class"] = picture.folder;
    count += found.table.rows();
    list.push_back(std::move(entry));
    call.ctx.progress.report(static_cast<double>(i + 1), static_cast<double>(pictures.size()), picture.path);
  }
  const bool file = !out.empty() && out != "-";
  total.write([&] {
    if (to_folder || (out.empty() && call.json())) return;
    const std::string bytes = encode_features(all, job.format);
    if (file)
      write_file(out, bytes);
    else
      call.out << bytes;
  });
  call.say(
      std::to_string(count) + " rows of " + std::to_string(pictures.size()) +
      (pictures.size() == 1 ? " picture" : " pictures") +
      (classes.empty() ? "" : ", " + std::to_string(classes.size()) + (classes.size() == 1 ? " class" : " classes")) +
      (file ? " in " + out : "") + (draw.empty() ? "" : "; drawn in " + draw));
  call.result["pictures"] = std::move(list);
  if (!classes.empty()) call.result["classes"] = classes;
  call.result["count"] = count;
  call.result["columns"] = all.columns;
  call.result["run"]["timing"] = total.json();
}

void run_picture(Invocation& call, const Job& job, const std::string& path) {
  const std::string out = call.options.text("out"), draw = call.options.text("draw");
  if (!draw.empty()) image_format_of(draw);  // an unknown ending is found before any work is done
  ImageTiming timing;
  const Found found = find(job, path, call.ctx, timing);
  if (found.greyed) call.say("the picture is in colour: gray goes before " + std::string(job.feature.name()));
  const FeatureTable& table = found.table;
  timing.write([&] {
    if (!out.empty() || !call.json()) {
      const std::string bytes = encode_features(table, job.format);
      if (out.empty() || out == "-")
        call.out << bytes;
      else
        write_file(out, bytes);
    }
    if (!draw.empty()) write_image(draw, job.feature.draw(job.params, found.image, table));
  });
  call.say(std::to_string(table.rows()) + " rows" + (out.empty() || out == "-" ? "" : " in " + out) +
           (draw.empty() ? "" : "; drawn in " + draw));
  call.result["width"] = found.image.cols;
  call.result["height"] = found.image.rows;
  call.result["gray"] = found.greyed;
  call.result["count"] = table.rows();
  call.result["columns"] = table.columns;
  call.result["run"]["timing"] = timing.json();
}

void run_features(Invocation& call) {
  const Feature& feature = find_feature(call.argument(0, "ALGO"));
  const std::string path = resolve_path(call.argument(1, "IN"));
  call.no_more_than(2);
  const auto params = feature.params();
  apply_parameters(call.options, *params, feature.name());
  params->check();
  const std::string out = call.options.text("out"), draw = call.options.text("draw");
  if (out == "-" && call.json()) throw UsageError("standard output cannot hold both the table and --json");
  Job job{feature, *params, call.options.integer("repeat", at_least(1)), {}, format_of(call.options)};
  job.reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));

  call.result["algorithm"] = std::string(feature.name());
  call.result["params"] = params_json(*params);
  call.result["input"] = path;
  if (is_folder(path))
    run_folder(call, job, path);
  else
    run_picture(call, job, path);
  if (!out.empty()) call.result["out"] = out;
  if (!draw.empty()) call.result["draw"] = draw;
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
  verb.arguments = "ALGO IN|FOLDER/";
  verb.summary = "find key points in pictures";
  verb.text =
      "Writes one row a key point, the strongest first, to --out or to standard output; x and y are pixels, centres at "
      "integer coordinates. The key points of a FOLDER/ go to --out FOLDER/, a file a picture; features of whole "
      "pictures or windows go to one table, with the sub-folder's name as `class`. `assay list features` names the "
      "algorithms.";
  verb.examples = {"features harris @left01 --out corners.csv --draw corners.png",
                   "features harris photos/ --out points/", "features hog digits/ --out hog.csv",
                   "features harris @camera --trace steps/ --json"};
  verb.options = {{"out", "FILE", "where the table goes; - is standard output", ""},
                  {"as",
                   "FORMAT",
                   "of the table; by default the ending of --out: .csv .npy .key .sift .txt",
                   "csv",
                   0,
                   {"csv", "npy", "lowe", "vlfeat", "colmap"}},
                  {"draw", "FILE", "the picture with a ring around each point", ""},
                  {"repeat", "N", "run the detector N times; the median is reported", "1"},
                  {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.more_options = detector_options;
  verb.run = run_features;
  return verb;
}

}  // namespace assay::cli
