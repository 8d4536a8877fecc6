#include "cli/verb.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>

#include "assay/core/parallel.h"
#include "assay/core/text.h"
#include "cli/process.h"

namespace assay::cli {

const std::string& Invocation::argument(size_t i, const char* what) const {
  if (i >= options.arguments.size())
    throw UsageError("'assay " + verb + "' needs " + what, "see `assay " + verb + " --help`");
  return options.arguments[i];
}

void Invocation::no_more_than(size_t count) const {
  if (options.arguments.size() > count)
    throw UsageError("unexpected argument " + quoted(options.arguments[count]), "see `assay " + verb + " --help`");
}

void Invocation::print(const std::string& text) const {
  if (!json()) out << text;
}

void Invocation::say(const std::string& line) const {
  if (!json() && !quiet()) err << escaped(line, 4000) << "\n";
}

void Invocation::warn(const std::string& line) {
  result["warnings"].push_back(line);
  if (!json()) err << "warning: " << escaped(line, 4000) << "\n";
}

void Invocation::time(const std::string& name, const Stopwatch& watch) {
  for (const auto& [key, seconds] : {std::pair{name + "_s", watch.wall_s()}, std::pair{name + "_cpu_s", watch.cpu_s()}})
    timing_[key] = timing_.value(key, 0.0) + seconds;
}

namespace {

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& v : verbs()) {
    if (v.name == name) return v;
    names.push_back(v.name);
  }
  throw UsageError("unknown verb " + quoted(name) + did_you_mean(name, names), "verbs: " + join(names, ", "));
}

// "60s", "5m", "500ms", "2h" or plain seconds.
double parse_duration(const std::string& text) {
  const std::pair<const char*, double> units[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"", 1}};
  for (const auto& [unit, seconds] : units) {
    if (!text.ends_with(unit)) continue;
    const auto value = parse_double(std::string_view(text).substr(0, text.size() - std::string_view(unit).size()));
    if (value && std::isfinite(*value) && *value > 0) return *value * seconds;
  }
  throw UsageError("option '--budget' must be a time such as 60s or 5m, got " + quoted(text));
}

uint64_t parse_seed(const Options& options) {
  const auto seed = parse_int(options.text("seed"));
  if (!seed || *seed < 0) throw UsageError("option '--seed' must be a whole number >= 0, got " + quoted(options.text("seed")));
  return static_cast<uint64_t>(*seed);
}

int terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

bool wants_colour(const Options& options, bool terminal) {
  if (options.text("color") != "auto") return options.text("color") == "always";
  const char* term = std::getenv("TERM");
  return terminal && !std::getenv("NO_COLOR") && term && std::string_view(term) != "dumb";
}

void print_error(std::ostream& err, const Error& e, bool json) {
  if (!json) {
    err << "assay: " << e.what() << "\n";
    if (!e.hint().empty()) err << "  hint: " << e.hint() << "\n";
    return;
  }
  Json error = {{"code", e.exit_code()}, {"kind", e.kind()}, {"message", e.message()}, {"hint", e.hint()}};
  if (!e.place().file.empty()) error["file"] = e.place().file;
  if (e.place().line > 0) error["line"] = e.place().line;
  if (e.place().column > 0) error["column"] = e.place().column;
  err << Json{{"error", error}}.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

double peak_rss_mb() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) / 1024;
}

}  // namespace

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

Cancellation& process_cancellation() {
  static Cancellation cancellation;
  return cancellation;
}

std::vector<Option> all_options(const Verb& verb, const std::string& first) {
  std::vector<Option> options = verb.options;
  if (verb.more_options)
    for (Option& o : verb.more_options(first)) options.push_back(std::move(o));
  const auto& global = global_options();
  options.insert(options.end(), global.begin(), global.end());
  return options;
}

std::string verb_help(const Verb& verb, const std::string& first) {
  std::string text = "assay " + verb.name + (verb.arguments.empty() ? "" : " " + verb.arguments) + "\n  " + verb.summary + "\n\nExamples\n";
  for (const std::string& e : verb.examples) text += "  assay " + e + "\n";
  if (!verb.text.empty()) text += "\n" + verb.text + "\n";
  const auto section = [&](const std::string& title, const std::vector<Option>& options) {
    if (options.empty()) return;
    text += "\n" + title + "\n";
    for (const Option& o : options) {
      std::string left = "  --" + o.name + (o.value.empty() ? "" : " " + o.value) + (o.letter ? std::string(", -") + o.letter : "");
      left += left.size() < 34 ? std::string(34 - left.size(), ' ') : "\n" + std::string(34, ' ');
      text += left + o.text + (o.standard.empty() ? "" : " (" + o.standard + ")") + "\n";
    }
  };
  std::vector<Option> parameters = verb.more_options ? verb.more_options(first) : std::vector<Option>{};
  section("Parameters of " + first, parameters);
  if (verb.more_options && parameters.empty()) text += "\n`assay " + verb.name + " ALGO --help` lists the parameters of an algorithm.\n";
  section("Options", verb.options);
  section("Options of every verb", global_options());
  return text;
}

int run(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err) {
  bool json = std::find(args.begin(), args.end(), "--json") != args.end();
  try {
    if (args.empty()) {
      err << overview();
      return 2;
    }
    if (args[0] == "--version" || args[0] == "-V") {
      out << "assay " ASSAY_VERSION "\n";
      out.flush();
      if (!out) throw OutputError("standard output could not be written");
      return 0;
    }
    const bool help_first = args[0] == "--help" || args[0] == "-h";
    const Verb& verb = find_verb(help_first ? "help" : args[0]);
    const std::vector<std::string> rest(args.begin() + 1, args.end());

    Invocation call(in, out, err);
    call.verb = verb.name;
    call.command = "assay " + join(args, " ");
    std::vector<Option> known = verb.options;
    known.insert(known.end(), global_options().begin(), global_options().end());
    const std::string first = verb.more_options || std::find(rest.begin(), rest.end(), "--help") != rest.end() ? argument_at(rest, known, verb.algorithm_at) : "";
    if (std::find_if(rest.begin(), rest.end(), [](const std::string& a) { return a == "--help" || a == "-h"; }) != rest.end()) {
      out << verb_help(verb, first);
      out.flush();
      return 0;
    }
    call.options = parse_options(rest, all_options(verb, first));
    json = call.json();
    call.result = {{"verb", verb.name}, {"assay", ASSAY_VERSION}, {"seed", parse_seed(call.options)}, {"warnings", Json::array()}};

    const int threads = call.options.integer("threads", between(0, 4096));
    call.ctx = Context(parse_seed(call.options), threads == 0 ? available_threads() : threads);
    Cancellation& cancellation = process_cancellation();
    cancellation.deadline = std::chrono::steady_clock::time_point::max();
    if (call.options.given("budget"))
      cancellation.deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                                     std::chrono::duration<double>(parse_duration(call.options.text("budget"))));
    call.ctx.cancellation = &cancellation;
    const bool terminal = &err == &std::cerr && isatty(STDERR_FILENO);
    call.colour_ = wants_colour(call.options, &out == &std::cout && isatty(STDOUT_FILENO));
    std::unique_ptr<ProgressBar> bar;
    if (terminal && !call.quiet() && !call.options.flag("no-progress"))
      bar = std::make_unique<ProgressBar>([&err](const std::string& text) { err << text << std::flush; }, terminal_columns());
    call.ctx.progress = Progress(bar.get());
    const std::unique_ptr<Tracer> tracer = verb.own_trace ? nullptr : open_trace(call);

    verb.run(call);

    if (bar) bar->clear();
    close_trace(tracer.get(), call);
    call.result["run"]["threads"] = call.ctx.threads;
    call.result["run"]["peak_rss_mb"] = peak_rss_mb();
    for (const auto& [key, value] : call.timing_.items()) call.result["run"]["timing"][key] = value;
    if (json) out << call.result.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    out.flush();
    if (!out) throw OutputError("standard output could not be written");
    return call.exit_code;
  } catch (const Error& e) {
    print_error(err, e, json);
    return e.exit_code();
  } catch (const std::bad_alloc&) {
    print_error(err, Error("out of memory", "a smaller table, or fewer columns"), json);
    return 1;
  } catch (const std::exception& e) {
    err << "assay: internal error: " << escaped(e.what()) << "\n  hint: this is a fault of assay; please report the command\n";
    return 70;
  }
}

}  // namespace assay::cli
