// assay image: a chain of operators on pictures.
#include <algorithm>
#include <filesystem>

#include "assay/core/error.h"
#include "assay/core/output.h"
#include "assay/core/text.h"
#include "assay/imgproc/catalogue.h"
#include "assay/imgproc/picture_memory.h"
#include "cli/image_files.h"
#include "cli/image_region.h"
#include "cli/image_timing.h"
#include "cli/params_json.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

struct Link {
  const ImageOp* op;
  std::unique_ptr<AnyParams> params;
};
using Chain = std::vector<Link>;

Chain parse_chain(const Options& options, const std::string& text) {
  Chain chain;
  for (const InlineSpec& spec : parse_inline_list(text)) {
    Link link{&find_image_op(spec.name), nullptr};
    link.params = link.op->params();
    for (const auto& [key, value] : spec.settings) link.params->set(key, value, link.op->name());
    chain.push_back(std::move(link));
  }
  if (chain.size() == 1) apply_parameters(options, *chain[0].params, chain[0].op->name());
  for (const Link& link : chain) link.params->check();
  return chain;
}

// A single operator's parameters are options too.
std::vector<Option> operator_options(const std::string& chain_text) {
  if (chain_text.empty()) return {};
  std::error_code no_file;  // as a name may be too long for one
  if (chain_text[0] == '@' || std::filesystem::exists(chain_text, no_file))
    throw UsageError(quoted(chain_text) + " is a file, not an operator: arguments swapped",
                     "try: assay image OP " + chain_text + " OUT.png");
  const std::vector<InlineSpec> specs = parse_inline_list(chain_text);
  if (specs.size() != 1) return {};
  return parameter_options(*find_image_op(specs[0].name).params());
}

using ChainFacts = std::vector<std::pair<std::string, ImageFacts>>;  // an operator's name, and what it tells

bool is_table(const std::string& path) { return path.size() > 4 && lower(path.substr(path.size() - 4)) == ".csv"; }

// OUT.csv asks for the table of the chain's last operator, which writes it there.
void set_table(Chain& chain, const std::string& path) {
  const Link& last = chain.back();
  const Param* table = last.params->find("table");
  if (!table) {
    std::vector<std::string> with;
    for (const ImageOp& op : image_ops())
      if (op.params()->find("table")) with.emplace_back(op.name());
    throw UsageError(
        std::string(last.op->name()) + " has no table for " + quoted(path),
        "pictures end in .png, .jpg, .pgm, .ppm, .pnm, .pfm or .npy; tables come from " + join(with, ", "));
  }
  if (!table->get().empty() && table->get() != path)
    throw UsageError("two tables are named, " + quoted(table->get()) + " and " + quoted(path), "leave 'table' out");
  last.params->set("table", path, last.op->name());
}

// Each operator writes into its own buffer, which a repetition uses again.
const cv::Mat& apply_chain(const Chain& chain, const cv::Mat& image, std::vector<cv::Mat>& buffers, ChainFacts& facts,
                           const Context& ctx) {
  buffers.resize(chain.size());
  facts.clear();
  const cv::Mat* current = &image;
  for (size_t i = 0; i < chain.size(); ++i) {
    ImageFacts told = chain[i].op->apply(*chain[i].params, *current, buffers[i], ctx);
    if (!told.empty()) facts.emplace_back(std::string(chain[i].op->name()), std::move(told));
    current = &buffers[i];
  }
  return *current;
}

const char* depth_name(const cv::Mat& image) {
  return image.depth() == CV_8U ? "u8" : image.depth() == CV_16U ? "u16" : "f32";
}

Json describe_chain(const Chain& chain) {
  Json operators = Json::array();
  for (const Link& link : chain) {
    operators.push_back({{"name", std::string(link.op->name())}, {"params", params_json(*link.params)}});
  }
  return operators;
}

// "; svd: energy_kept 0.98, rmse 5.1"
std::string facts_text(const ChainFacts& facts) {
  std::string text;
  for (const auto& [name, told] : facts) {
    std::vector<std::string> words;
    for (const auto& [key, value] : told) words.push_back(key + " " + six_digits(value));
    text += "; " + name + ": " + join(words, ", ");
  }
  return text;
}

Json facts_json(const ChainFacts& facts) {
  Json list = Json::array();
  for (const auto& [name, told] : facts) {
    Json item = {{"operator", name}};
    for (const auto& [key, value] : told) item[key] = value;
    list.push_back(std::move(item));
  }
  return list;
}

std::vector<ImageJob> plan(const Invocation& call, Chain& chain) {
  std::vector<std::string> inputs(call.options.arguments.begin() + 1, call.options.arguments.end());
  std::string out = call.options.text("out");
  if (!call.options.given("out")) {
    if (inputs.size() < 2)
      throw UsageError(
          inputs.empty() ? "no picture is named" : "no output is named",
          "assay image " + call.options.arguments[0] + " " + (inputs.empty() ? "IN" : inputs[0]) + " OUT.png");
    out = inputs.back();
    inputs.pop_back();
  }
  if (inputs.empty()) throw UsageError("no picture is named", "assay image OP IN... --out FOLDER/");
  if (out == "-" && call.json()) throw UsageError("standard output cannot hold both the picture and --json");
  inputs = expand_pictures(inputs);
  const std::string draw = call.options.text("draw");
  if (!is_table(out)) {
    if (!draw.empty()) throw UsageError("--draw goes beside a table: OUT must end in .csv");
    return plan_outputs(inputs, out, call.options.text("as"));
  }
  if (inputs.size() != 1) throw UsageError("a table is of one picture, these are " + std::to_string(inputs.size()));
  set_table(chain, out);
  return draw.empty() ? std::vector<ImageJob>{{inputs[0], ""}} : plan_outputs(inputs, draw, "png");
}

void run_image(Invocation& call) {
  Chain chain = parse_chain(call.options, call.argument(0, "OP[,OP...]"));
  const std::vector<ImageJob> jobs = plan(call, chain);
  const int repeat = call.options.integer("repeat", at_least(1));
  ReadImageOptions reading;
  reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));
  const ImageRegion region(call.options.text("roi"), call.options.text("mask"), reading);
  WriteImageOptions writing;
  writing.quality = call.options.integer("quality", between(1, 100));

  Json pictures = Json::array();
  ImageTiming total;
  for (const Link& link : chain)
    if (link.op->prepare) link.op->prepare(*link.params);
  std::vector<cv::Mat> buffers;
  for (size_t i = 0; i < jobs.size(); ++i) {
    const ImageJob& job = jobs[i];
    ImageTiming timing;
    const cv::Mat image = timing.read([&] { return read_image(job.input, reading); });
    Context ctx = call.ctx;
    ctx.trace = Trace();
    cv::Mat result;
    std::string region_note;
    ChainFacts facts;
    try {
      const cv::Mat seen = region.seen(image);
      timing.operate(repeat, [&] { result = apply_chain(chain, seen, buffers, facts, ctx); });
      if (call.ctx.trace) {  // watched once more, so that the times above are those of the operators alone
        ctx.trace = jobs.size() > 1 ? call.ctx.trace.child("picture-" + std::to_string(i)) : call.ctx.trace;
        apply_chain(chain, seen, buffers, facts, ctx);
      }
      region_note = region.note(image, result);
      result = region.put_back(image, result);
    } catch (const DataError& e) {
      if (!e.place().file.empty()) throw;  // of another file: a kernel, markers, a map
      throw DataError(e.message(), e.hint(), Place{job.input, 0, 0});
    }
    const bool drawn = !job.output.empty();  // else the table alone
    const ImageFormat format = drawn ? image_format_of(job.output) : ImageFormat::npy;
    const Fitted fitted = fit_to_format(result, format);
    timing.write([&] {
      if (!drawn) return;
      const std::string bytes = encode_image(fitted.image, format, writing);
      if (job.output == "-")
        call.out << bytes;
      else {
        if (const auto folder = std::filesystem::path(job.output).parent_path();
            call.options.given("out") && !folder.empty())
          make_folder(folder.string());
        write_file(job.output, bytes);
      }
    });
    total.add(timing);
    call.ctx.progress.report(static_cast<double>(i + 1), static_cast<double>(jobs.size()), job.input);
    const std::string written = drawn ? job.output : chain.back().params->find("table")->get();
    if (job.output != "-")
      call.say(written + ": " +
               (drawn
                    ? std::to_string(result.cols) + " x " + std::to_string(result.rows) + ", " + depth_name(result) +
                          ", " + std::to_string(result.channels()) + (result.channels() == 1 ? " channel" : " channels")
                    : "table of " + std::string(chain.back().op->name())) +
               facts_text(facts) + (region_note.empty() ? "" : "; " + region_note) +
               (fitted.note.empty() ? "" : "; " + fitted.note));
    Json picture = {{"input", job.input},
                    {"output", written},
                    {"width", result.cols},
                    {"height", result.rows},
                    {"channels", result.channels()},
                    {"depth", depth_name(result)}};
    if (!region_note.empty()) picture["region"] = region_note;
    if (!facts.empty()) picture["facts"] = facts_json(facts);
    if (fitted.range) picture["range"] = {fitted.range->first, fitted.range->second};
    picture["run"] = timing.json();
    pictures.push_back(std::move(picture));
  }
  call.result["operators"] = describe_chain(chain);
  call.result["pictures"] = std::move(pictures);
  call.result["run"]["timing"] = total.json();
}

}  // namespace

Verb image_verb() {
  Verb verb;
  verb.name = "image";
  verb.arguments = "OP[,OP...] IN... OUT";
  verb.summary = "run a chain of image operators on pictures";
  verb.text =
      "OP is an operator with its parameters, name:key=value:key=value; commas separate operators, each works on the "
      "result "
      "of the one before. With a single operator its parameters are options too. IN is a picture, a folder or @NAME; "
      "several go to a folder. The ending of OUT chooses the format: png, jpg, pgm, ppm, pnm, pfm, npy; csv asks for "
      "the table of `histogram`, "
      "`components`, `contours` or `watershed` instead, and --draw for the picture beside it. `assay list "
      "images` "
      "names the operators, `assay describe image:NAME` their parameters.";
  verb.examples = {"image gray,gaussian:sigma=1.4,canny:low=50:high=150 @camera edges.png",
                   "image canny @camera edges.png --low 50 --high 150 --trace steps/",
                   "image sobel:direction=x @camera slope.pfm",
                   "image gray photos/ --out grey/",
                   "image gaussian:sigma=8 @astronaut face.png --roi 170,60,120,130",
                   "image svd:rank=20 @camera small.png",
                   "image otsu,contours @coins coins.csv --draw borders.png",
                   "image gaussian @astronaut blurred.png --sigma 3 --repeat 20 --json"};
  verb.options = {
      {"out", "FILE|DIR/", "where the results go; needed for more than one picture", ""},
      {"as", "FORMAT", "ending of the files in a folder", "png", 0, {"png", "jpg", "pgm", "ppm", "pnm", "pfm", "npy"}},
      {"draw", "FILE", "with a table as OUT.csv: the picture beside it", ""},
      {"roi", "X,Y,W,H", "work on this rectangle of the picture alone", ""},
      {"mask", "FILE", "keep the input where this picture is 0", ""},
      {"repeat", "N", "run the operators N times; the median is reported", "1"},
      {"quality", "Q", "of JPEG, 1 to 100", "95"},
      {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.more_options = operator_options;
  verb.run = run_image;
  return verb;
}

}  // namespace assay::cli
