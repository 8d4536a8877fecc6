// The way of a command: arguments -> verb -> options -> context -> the verb's result -> terminal or JSON -> exit code.
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iostream>
#include <system_error>

#include "assay/core/parallel.h"
#include "assay/core/text.h"
#include "cli/process.h"

namespace assay::cli {
namespace {

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& v : verbs()) {
    if (v.name == name) return v;
    names.push_back(v.name);
  }
  if (name.starts_with("-"))
    throw UsageError("the verb comes first, then " + quoted(name), "assay VERB ... " + escaped(name));
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
  if (!seed || *seed < 0)
    throw UsageError("option '--seed' must be a whole number >= 0, got " + quoted(options.text("seed")));
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

// What is said of a run that failed.
struct Failure {
  int code;
  std::string kind, message, hint;
  Place place;
};

void print_error(std::ostream& err, const Failure& f, bool json) {
  if (!json) {
    err << "assay: " << Error(f.message, "", f.place).what() << "\n";
    if (!f.hint.empty()) err << "  hint: " << f.hint << "\n";
    return;
  }
  Json error = {{"code", f.code}, {"kind", f.kind}, {"message", f.message}, {"hint", f.hint}};
  if (!f.place.file.empty()) error["file"] = f.place.file;
  if (f.place.line > 0) error["line"] = f.place.line;
  if (f.place.column > 0) error["column"] = f.place.column;
  err << Json{{"error", error}}.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

double peak_rss_mb() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) / 1024;
}

// As a shell would read it back.
std::string command_line(const std::vector<std::string>& args) {
  std::string line = "assay";
  for (const std::string& arg : args) {
    const bool plain = !arg.empty() && std::all_of(arg.begin(), arg.end(), [](unsigned char c) {
      return std::isalnum(c) || c >= 0x80 ||
             std::string_view("@%+=:,./_-").find(static_cast<char>(c)) != std::string_view::npos;
    });
    line += ' ';
    if (plain) {
      line += arg;
      continue;
    }
    line += '\'';
    for (const char c : arg) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

void finish(std::ostream& out) {
  errno = 0;
  out.flush();
  if (out) return;
  const std::string reason = errno ? ": " + std::generic_category().message(errno) : "";
  throw OutputError("standard output could not be written" + reason);
}

bool is_help(const std::string& arg) { return arg == "--help" || arg == "-h"; }

void print_help(const Verb& verb, const std::vector<std::string>& rest, bool json, std::ostream& out) {
  const std::string text = verb_help(verb, argument_at(rest, all_options(verb, ""), verb.algorithm_at));
  if (json)
    out << Json{{"verb", verb.name}, {"assay", ASSAY_VERSION}, {"help", text}}.dump(2) << "\n";
  else
    out << text;
}

// One JSON object and nothing else on standard output: no file may go there as well.
void check_outputs(const Options& options) {
  if (!options.flag("json")) return;
  for (const char* name : {"out", "report", "table", "model", "plot"})
    if (options.knows(name) && (options.text(name) == "-" || options.text(name) == "/dev/stdout"))
      throw UsageError(std::string("--json and --") + name + " both want standard output",
                       std::string("--") + name + " FILE");
}

void set_deadline(Cancellation& cancellation, const Options& options) {
  using Clock = std::chrono::steady_clock;
  cancellation.deadline = Clock::time_point::max();
  if (!options.given("budget")) return;
  const double seconds = std::min(parse_duration(options.text("budget")), 1e9);
  cancellation.deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Context make_context(const Options& options) {
  const int threads = options.integer("threads", between(0, 4096));
  Context ctx(parse_seed(options), threads == 0 ? available_threads() : threads);
  set_deadline(process_cancellation(), options);
  ctx.cancellation = &process_cancellation();
  return ctx;
}

std::unique_ptr<ProgressBar> make_bar(const Invocation& call) {
  const bool terminal = &call.err == &std::cerr && isatty(STDERR_FILENO);
  if (!terminal || call.quiet() || call.options.flag("no-progress")) return nullptr;
  std::ostream& err = call.err;
  return std::make_unique<ProgressBar>([&err](const std::string& text) { err << text << std::flush; },
                                       terminal_columns());
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

int run_verb(const Verb& verb, Invocation& call) {
  call.result = {
      {"verb", verb.name}, {"assay", ASSAY_VERSION}, {"seed", parse_seed(call.options)}, {"warnings", Json::array()}};
  check_outputs(call.options);
  call.ctx = make_context(call.options);
  call.colour_ = wants_colour(call.options, &call.out == &std::cout && isatty(STDOUT_FILENO));
  const std::unique_ptr<ProgressBar> bar = make_bar(call);
  call.ctx.progress = Progress(bar.get());
  const std::unique_ptr<Tracer> tracer = verb.own_trace ? nullptr : open_trace(call);

  verb.run(call);

  if (bar) bar->clear();
  close_trace(tracer.get(), call);
  call.result["run"]["threads"] = call.ctx.threads;
  call.result["run"]["peak_rss_mb"] = peak_rss_mb();
  for (const auto& [key, value] : call.timing_.items()) call.result["run"]["timing"][key] = value;
  if (call.json()) call.out << call.result.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  return call.exit_code;
}

namespace {

int run_arguments(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err,
                  bool& json) {
  if (args.empty()) {
    err << overview();
    return 2;
  }
  if (args[0] == "--version" || args[0] == "-V") {
    out << "assay " ASSAY_VERSION "\n";
    return 0;
  }
  const Verb& verb = find_verb(is_help(args[0]) ? "help" : args[0]);
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (std::any_of(rest.begin(), rest.end(), is_help)) {
    print_help(verb, rest, json, out);
    return 0;
  }
  Invocation call(in, out, err);
  call.verb = verb.name;
  call.command = command_line(args);
  call.options = parse_options(rest, all_options(verb, argument_at(rest, all_options(verb, ""), verb.algorithm_at)));
  json = call.json();
  return run_verb(verb, call);
}

}  // namespace

int run(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err) {
  bool json = std::find(args.begin(), args.end(), "--json") != args.end();
  try {
    const int code = run_arguments(args, in, out, err, json);
    finish(out);
    return code;
  } catch (const Error& e) {
    print_error(err, {e.exit_code(), e.kind(), e.message(), e.hint(), e.place()}, json);
    return e.exit_code();
  } catch (const std::bad_alloc&) {
    print_error(err, {1, "failed", "out of memory", "a smaller table, or fewer columns", {}}, json);
    return 1;
  } catch (const std::exception& e) {
    print_error(err,
                {70,
                 "internal",
                 std::string("internal error: ") + e.what(),
                 "this is a fault of assay; please report the command",
                 {}},
                json);
    return 70;
  }
}

}  // namespace assay::cli
