// Runs assay: in this process through run(), or as the program itself.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cli/verb.h"
#include "tests/support/paths.h"

namespace assay::test {

struct Outcome {
  int code = 0;    ///< exit code; of a process that a signal ended: 128 + signal
  int signal = 0;  ///< the signal that ended a process
  std::string out, err;
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(out); }
  nlohmann::ordered_json error() const { return nlohmann::ordered_json::parse(err).at("error"); }
  bool says(const std::string& text) const { return err.find(text) != std::string::npos; }
  bool prints(const std::string& text) const { return out.find(text) != std::string::npos; }
};

inline Outcome assay_run(const std::vector<std::string>& args) {
  std::istringstream in;
  std::ostringstream out, err;
  const int code = cli::run(args, in, out, err);
  return {code, 0, out.str(), err.str()};
}

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string put_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
  return path;
}

inline std::set<std::string> keys(const nlohmann::ordered_json& object) {
  std::set<std::string> names;
  for (const auto& item : object.items()) names.insert(item.key());
  return names;
}

/// A copy without what stands under "run", at any depth: what two runs have in common.
inline nlohmann::ordered_json without_run(nlohmann::ordered_json node) {
  if (node.is_object()) node.erase("run");
  if (node.is_structured())
    for (auto& child : node) child = without_run(child);
  return node;
}

/// The program as its own process. `before` runs in the child before the program begins (limits, redirections);
/// `meanwhile` in the parent while it works. Standard input is empty unless redirected.
inline Outcome assay_process(const std::vector<std::string>& args, const std::function<void()>& before = {},
                             const std::function<void(pid_t)>& meanwhile = {}) {
  char out_name[] = "/tmp/assay-out-XXXXXX", err_name[] = "/tmp/assay-err-XXXXXX";
  const int out = ::mkstemp(out_name), err = ::mkstemp(err_name);
  if (out < 0 || err < 0) throw std::runtime_error("no scratch file");
  std::vector<std::string> words{program_path()};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) ::signal(signal, SIG_DFL);
    if (before) before();
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(err);
  if (meanwhile) meanwhile(child);
  int status = 0;
  ::waitpid(child, &status, 0);
  Outcome outcome;
  outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + outcome.signal;
  outcome.out = file_text(out_name);
  outcome.err = file_text(err_name);
  ::unlink(out_name);
  ::unlink(err_name);
  return outcome;
}

/// For `before`: standard output or input is this file.
inline void redirect(int descriptor, const char* path) {
  const int file = ::open(path, descriptor == 0 ? O_RDONLY : O_WRONLY | O_CREAT, 0666);
  if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
}

}  // namespace assay::test
