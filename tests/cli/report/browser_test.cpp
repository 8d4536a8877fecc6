// The pages in a real browser: headless Chromium, driven by its command line alone. One page holds all others in frames of
// 1280 and 400 pixels, asks them what it wants to know, and prints the answers into its own document (--dump-dom).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "cli/trace_sink.h"
#include "tests/cli/report/sample_report.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::test;

namespace {

const char* const kHarness = R"html(<!doctype html><meta charset="utf-8"><body><pre id="answers"></pre><script>
const pages = PAGES, widths = [1280, 400], answers = [];
let waiting = pages.length * widths.length;
function ask(frame, page, width) {
  const w = frame.contentWindow, d = w.document, root = d.documentElement;
  const answer = {page, width, title: d.title, overflow: root.scrollWidth - root.clientWidth, background: w.getComputedStyle(root).backgroundColor,
    requests: w.performance.getEntriesByType("resource").map(e => e.name),
    unloaded: [...d.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.getAttribute("src")),
    wide: [...d.querySelectorAll("h1,h2,h3,h4,p,figure,figcaption,svg.figure,svg.fluid,ul,ol,pre,.tiles")].filter(e => {
      const b = e.getBoundingClientRect(); return b.width > 0 && b.right > root.clientWidth + 1 && !e.closest(".scroll,.rows,pre,.frame"); })
      .map(e => e.outerHTML.slice(0, 120)),
    scripts: d.scripts.length, live: d.body.classList.contains("live")};
  if (answer.live) {
    const shown = () => [...d.querySelectorAll("article")].filter(a => a.offsetParent !== null).map(a => a.id);
    const next = d.querySelector(".forth"), slider = d.querySelector(".player input");
    answer.stops = +slider.max + 1;
    answer.shown = [shown()];
    next.click(); answer.shown.push(shown());
    while (!next.disabled) next.click();
    answer.shown.push(shown());
    answer.lastStep = (d.querySelector("article:not([hidden]) .which") || {}).textContent;
    slider.value = 0; slider.dispatchEvent(new w.Event("input")); answer.shown.push(shown());
    const picture = d.querySelector(".frame");
    if (picture) { picture.click(); answer.zoomed = picture.classList.contains("zoomed"); }
  }
  answers.push(answer);
  if (--waiting === 0) document.getElementById("answers").textContent = JSON.stringify(answers);
}
for (const page of pages) for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.onload = () => ask(frame, page, width);
  frame.src = page;
  document.body.append(frame);
}
</script>)html";

std::string find_chromium() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (std::filesystem::exists(path)) return path;
  return "";
}

struct Answers {
  nlohmann::json frames;
  std::string talk;  ///< what the browser said on stderr
};

std::string unescaped(std::string text) {
  for (const auto& [entity, character] :
       {std::pair<const char*, const char*>{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
    for (size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
      text.replace(at, std::string(entity).size(), character);
  return text;
}

Answers ask_browser(const Scratch& scratch, const std::vector<std::string>& pages, bool dark) {
  std::string harness = kHarness;
  harness.replace(harness.find("PAGES"), 5, nlohmann::json(pages).dump());
  std::ofstream(scratch / "harness.html") << harness;
  const std::string command =
      "timeout 100 " + find_chromium() +
      " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking "
      "--disable-extensions"
      " --no-first-run --host-resolver-rules='MAP * ~NOTFOUND' --allow-file-access-from-files --enable-logging=stderr "
      "--v=0" +
      " --blink-settings=preferredColorScheme=" + (dark ? "0" : "1") + " --user-data-dir='" + scratch / "profile" +
      "' --virtual-time-budget=20000 --window-size=1400,1000 --dump-dom 'file://" + scratch / "harness.html" + "' > '" +
      scratch / "dom.html" + "' 2> '" + scratch / "talk.txt" + "'";
  const int status = std::system(command.c_str());
  Answers answers;
  answers.talk = read_text(scratch / "talk.txt");
  const std::string dom = read_text(scratch / "dom.html"), open = "<pre id=\"answers\">";
  const size_t from = dom.find(open), to = dom.find("</pre>", from);
  INFO("exit " << status << "\n" << answers.talk);
  REQUIRE(from != std::string::npos);
  const std::string text = unescaped(dom.substr(from + open.size(), to - from - open.size()));
  REQUIRE(!text.empty());
  answers.frames = nlohmann::json::parse(text);
  return answers;
}

void write_trace(const std::string& folder) {
  cli::TraceOptions options;
  options.folder = folder;
  options.title = "a trace";
  options.source_root = test::source_path();
  cli::FolderTrace trace(options);
  cv::Mat grey(120, 700, CV_8UC1, cv::Scalar(40)), small(16, 16, CV_8UC1, cv::Scalar(200));
  trace.image("", {"input",
                   "The input",
                   "A grey picture",
                   {grey.data, 700, 120, 1, Depth::u8, 700},
                   false,
                   {{"n", 3LL, "a number"}},
                   "core/text.cpp:trim",
                   "Because."});
  trace.image("", {"small", "A small one", "All the same", {small.data, 16, 16, 1, Depth::u8, 16}, true, {}, "", ""});
  for (int t = 0; t < 12; ++t) {
    TraceStep step;
    step.kind = "newton";
    step.why = "F is nearly quadratic here, so the whole step was taken.";
    step.fields = {{"t", static_cast<long long>(t), "iteration"},
                   {"gradient_norm", std::pow(10.0, -t), "largest component of the gradient"},
                   {"a rather long name of a symbol", 1.0 + t * t, "what it means"}};
    trace.step("", step);
  }
  TraceStep pixel;
  pixel.kind = "pixel";
  pixel.fields = {{"x", 12LL, ""}, {"y", 20LL, ""}, {"angle_deg", 30.0, ""}};
  trace.step("", pixel);
  trace.finish();
}

}  // namespace

TEST_CASE(
    "browser: report and trace ask nothing from outside, fit at 1280 and 400 pixels, light and dark, without a word on "
    "the console",
    "[browser]") {
  if (find_chromium().empty()) {
    WARN("skipped: there is no chromium on this machine");
    return;
  }
  const Scratch scratch;
  std::vector<std::string> pages;
  for (const int classes : {0, 2, 12}) {
    pages.push_back("report" + std::to_string(classes) + ".html");
    std::ofstream(scratch / pages.back()) << sample_report(classes, 240, classes == 12 ? 30 : 8).html();
  }
  pages.push_back("hostile.html");
  std::ofstream(scratch / "hostile.html") << sample_report(3, 240, 9, true).html();
  write_trace(scratch / "trace");
  std::filesystem::rename(scratch / "trace", scratch / "moved");  // a folder that was moved still works
  pages.push_back("moved/index.html");

  std::string backgrounds[2];
  for (const bool dark : {false, true}) {
    const Answers answers = ask_browser(scratch, pages, dark);
    CHECK(answers.talk.find("CONSOLE") == std::string::npos);
    if (answers.talk.find("CONSOLE") != std::string::npos) WARN(answers.talk);
    REQUIRE(answers.frames.size() == pages.size() * 2);
    for (const auto& a : answers.frames) {
      INFO(a.dump(1));
      CHECK(a["overflow"] == 0);
      CHECK(a["wide"].empty());
      CHECK(a["unloaded"].empty());
      for (const auto& request : a["requests"]) CHECK(request.get<std::string>().rfind("file:", 0) == 0);
      backgrounds[dark] = a["background"];
      const bool is_trace = a["page"] == "moved/index.html";
      CHECK(a["live"] == is_trace);
      CHECK(a["scripts"] == (is_trace ? 1 : 0));
      if (!is_trace) continue;
      CHECK(a["stops"] == 2 + 12 + 1);
      CHECK(a["shown"] == nlohmann::json::parse(R"([["s1"], ["s2"], ["s4"], ["s1"]])"));
      CHECK(a["zoomed"] == true);
    }
  }
  CHECK(backgrounds[0] == "rgb(255, 255, 255)");
  CHECK(backgrounds[1] != backgrounds[0]);
}
