// --trace DIR: a FolderTrace around every verb's run.
#include <filesystem>

#include "assay/core/output.h"
#include "assay/core/text.h"
#include "cli/process.h"
#include "cli/trace_sink.h"

namespace assay::cli {
namespace {

// "20MB", "500kB", "1GB" or bytes.
uint64_t parse_size(const std::string& text) {
  static const std::pair<const char*, double> kUnits[] = {{"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3}, {"b", 1}, {"", 1}};
  const std::string word = lower(trim(text));
  for (const auto& unit : kUnits) {
    if (!word.ends_with(unit.first)) continue;
    const auto number =
        parse_double(trim(std::string_view(word).substr(0, word.size() - std::string_view(unit.first).size())));
    if (number && *number >= 0 && *number * unit.second <= 1e15) return static_cast<uint64_t>(*number * unit.second);
    break;
  }
  throw UsageError("--trace-max: " + quoted(text) + " is no size; try 20MB");
}

// The tree this program was built from, where it still lies there; else the copy that was installed.
std::string find_source_root() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (const fs::path& root :
       {fs::path(ASSAY_SOURCE_DATASETS) / "..", fs::path(ASSAY_INSTALL_DATASETS) / ".." / "source"})
    if (fs::exists(root / "core" / "error.cpp", ignored)) return root.lexically_normal().string();
  return "";
}

// "gray, gaussian, canny on @camera": what ran, without its parameters, and on what.
std::string title_of(const Invocation& call) {
  const auto& arguments = call.options.arguments;
  if (arguments.size() < 2) return call.verb + " " + join(arguments, " ");
  std::vector<std::string> names;
  for (const std::string& item : split(arguments[0], ',')) names.push_back(item.substr(0, item.find(':')));
  return join(names, ", ") + " on " + arguments[1];
}

class FolderTracer final : public Tracer {
 public:
  explicit FolderTracer(TraceOptions options) : sink(std::move(options)) {}
  FolderTrace sink;
};

}  // namespace

std::unique_ptr<Tracer> open_trace(Invocation& call) {
  if (!call.options.given("trace")) return nullptr;
  TraceOptions options;
  options.folder = call.options.text("trace");
  options.steps = call.options.integer("trace-steps", at_least(2));
  options.max_bytes = parse_size(call.options.text("trace-max"));
  options.title = title_of(call);
  options.command = call.command;
  options.version = ASSAY_VERSION;
  options.source_root = find_source_root();
  make_folder(options.folder);  // a folder that cannot be made is said before the work, not after it
  auto tracer = std::make_unique<FolderTracer>(std::move(options));
  call.ctx.trace = Trace(&tracer->sink, "");
  return tracer;
}

void close_trace(Tracer* tracer, Invocation& call) {
  if (!tracer) return;
  const std::string page = static_cast<FolderTracer*>(tracer)->sink.finish();
  call.result["trace"] = page;
  call.say("trace written to " + page);
}

}  // namespace assay::cli
