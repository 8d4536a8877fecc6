// Every command that README.md and docs/ show is run here, and must print what the page says.
//
// A block marked `console` holds lines "$ assay ..." with their output below. A line "..." stands for any number of lines.
// Times, the width of columns and the digits after the sixth of a long number may differ; everything else may not.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "assay/core/text.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/scratch.h"

namespace fs = std::filesystem;

namespace {

struct Command {
  std::string page;
  int line = 0;
  std::string text;
  std::vector<std::string> output;
};

std::vector<Command> commands_of(const fs::path& page) {
  std::vector<Command> commands;
  std::ifstream in(page);
  std::string line;
  bool inside = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("```")) {
      inside = line == "```console";
      continue;
    }
    if (!inside) continue;
    if (line.starts_with("$ "))
      commands.push_back({page.filename().string(), number, line.substr(2), {}});
    else if (!commands.empty())
      commands.back().output.push_back(line);
  }
  return commands;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : text) {
    if (quote ? c == quote : c == '\'' || c == '"') {
      quote = quote ? '\0' : c;
      any = true;
    } else if (c == ' ' && !quote) {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

// Without what may differ between two runs: times, memory, spaces, rules of dashes.
std::string comparable(std::string line) {
  line = std::regex_replace(line, std::regex("[0-9]+(\\.[0-9]+)? (us|ms|s|MB)\\b"), "TIME");
  line = std::regex_replace(line, std::regex("-{5,}"), "-----");
  line = std::regex_replace(line, std::regex(" +"), " ");
  return std::regex_replace(line, std::regex(" $"), "");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(comparable(line));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

// Equal, but for the last bits of numbers written in full: those differ between builds and machines.
bool same_line(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto split = [](const std::string& line) {
    std::vector<std::string> parts(1);
    for (const char c : line) {
      if (c == ' ' || c == ',')
        parts.emplace_back();
      else
        parts.back() += c;
    }
    return parts;
  };
  const std::vector<std::string> left = split(a), right = split(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) continue;
    const auto x = assay::parse_double(left[i]), y = assay::parse_double(right[i]);
    const bool in_full = std::min(left[i].size(), right[i].size()) >= 12;
    if (!x || !y || !in_full || !(std::abs(*x - *y) <= 1e-6 * std::abs(*x))) return false;
  }
  return true;
}

bool matches(const std::vector<std::string>& want, size_t w, const std::vector<std::string>& got, size_t g) {
  if (w == want.size()) return g == got.size();
  if (want[w] == "...") {
    for (size_t skip = g; skip <= got.size(); ++skip)
      if (matches(want, w + 1, got, skip)) return true;
    return false;
  }
  return g < got.size() && same_line(want[w], got[g]) && matches(want, w + 1, got, g + 1);
}

}  // namespace

TEST_CASE("docs: every command the pages show prints what they say") {
  const fs::path root = assay::test::source_path();
  std::vector<fs::path> pages{root / "README.md"};
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root / "docs", none))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  std::sort(pages.begin() + 1, pages.end());
  int run_commands = 0;
  for (const fs::path& page : pages) {
    const assay::test::Scratch scratch;  // a page's commands share a folder, pages do not
    const fs::path before = fs::current_path();
    fs::current_path(scratch.path());
    for (const Command& command : commands_of(page)) {
      std::vector<std::string> words = words_of(command.text);
      if (words.empty() || (words[0] != "assay" && words[0] != "./assay")) continue;
      words.erase(words.begin());
      std::istringstream in;
      std::ostringstream out;
      assay::cli::run(words, in, out, out);
      std::vector<std::string> want;
      for (const std::string& line : command.output) want.push_back(comparable(line));
      while (!want.empty() && want.back().empty()) want.pop_back();
      const std::vector<std::string> got = lines_of(out.str());
      INFO(command.page << ":" << command.line << ": $ " << command.text << "\nprinted\n" << out.str());
      CHECK(matches(want, 0, got, 0));
      ++run_commands;
    }
    fs::current_path(before);
  }
  CHECK(run_commands >= 10);
}
