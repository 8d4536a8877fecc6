#include "cli/report/html/report.h"

#include <algorithm>

#include "cli/report/html/closer.h"
#include "cli/report/html/leaderboard.h"
#include "cli/report/html/page.h"

namespace assay::report {
namespace {

const char* const kReportStyle = R"css(
table.board{width:100%}
.b-name{width:17%}.b-strip{width:42%;min-width:200px}.board td.b-strip{padding:0 26px 0 6px}.board th.b-strip{padding-left:6px}
.board td{padding-top:0;padding-bottom:0;border:0}.board small{display:block;line-height:1.1;font-size:12px}
.board tbody tr:hover td{background:var(--panel)}.board tbody tr:last-child:hover td{background:none}
.learner{font-weight:600;overflow-wrap:anywhere}.learner.among{color:var(--best)}.learner.quiet{font-weight:400;color:var(--soft)}
.small{font-size:12.5px}td.b-test{font-size:13.5px;line-height:1.25}.b-mean{min-width:7.2em}.b-fit,.b-predict{color:var(--soft)}
.tiles{display:flex;flex-wrap:wrap;gap:10px 30px;margin:16px 0 20px}
.tile b{display:block;font-size:23px;line-height:1.2;letter-spacing:-.01em;font-weight:650;white-space:nowrap}
.tile span{font-size:12.5px;color:var(--soft)}
.small-tiles{gap:8px 26px;margin:12px 0 22px}.small-tiles b{font-size:18px}.ranked b{color:var(--best)}
.target{margin:0 0 18px}.narrow{max-width:340px}
ul{margin:6px 0 12px;padding-left:20px}ul.plain{list-style:none;padding:0;max-width:56em}
h4.spaced{margin-top:20px}
ul.keys{list-style:none;padding:0;margin:8px 0 0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px}
ul.keys li::before{content:"";display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:7px;background:var(--quiet)}
ul.keys li.soft::before{display:none}li.key-0::before{background:var(--best)!important}
li.key-1::before{background:var(--c1)!important}li.key-2::before{background:var(--c2)!important}li.key-3::before{background:var(--c3)!important}
li.key-4::before{background:var(--c4)!important}li.key-5::before{background:var(--c5)!important}
ul.findings{list-style:none;padding:0;max-width:56em}ul.findings li{padding:7px 12px;margin:6px 0;border-left:3px solid var(--warn);background:var(--panel);border-radius:0 6px 6px 0;font-size:14px}
.column-tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:18px 24px;margin:4px 0 16px}.column-tile p{margin:3px 0 0;font-size:12.5px;line-height:1.35}.column-tile p.name{margin:0 0 5px;font-size:13.5px}
.pipelines{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:6px 40px}.pipelines p{margin:0}
table.columns td{padding-top:5px;padding-bottom:5px}.name{font-weight:600}.spark svg{width:132px;height:30px;max-width:none}
.switches li{margin:3px 0}.switches code{display:inline-block;max-width:100%}
article{margin-top:30px;padding-top:22px;border-top:1px solid var(--grid)}article:first-of-type{border:0;padding-top:6px;margin-top:14px}
.rank{display:inline-block;min-width:1.7em;height:1.7em;line-height:1.7em;text-align:center;border-radius:50%;background:var(--best);color:var(--paper);font-size:13px;margin-right:10px;vertical-align:2px}
.params{color:var(--soft);margin:8px 0 0;font-size:12.5px;max-width:none;white-space:pre-wrap;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:34px 36px;align-items:start}
.figures>p{align-self:center}
.full{grid-column:1/-1}.span-2{grid-column:span 2}.wide{grid-column:1/-1}
.confusion td{border:2px solid var(--paper);padding:10px 12px;text-align:right;min-width:62px}
.confusion th.num{padding-right:12px}
.confusion th{border:0;text-align:right}.confusion th.corner{text-align:left;font-weight:400;font-size:11.5px}.confusion td.name{text-align:left;padding-left:0;border:0;min-width:0;max-width:9em}
.confusion b{display:block;font-size:17px;font-weight:600}.confusion small{font-size:11.5px;color:var(--soft)}
.roomy td{min-width:86px;padding:18px 16px}.roomy b{font-size:21px}.roomy small{font-size:13px}
.dense td{padding:4px 8px;min-width:48px}.dense b{font-size:14px}
.hit{background:rgba(var(--best-rgb),calc(var(--s)*.5))}.miss{background:rgba(var(--warn-rgb),calc(.09 + var(--s)*.7));color:var(--ink)}
table.importance{width:100%}.importance td{border:0;padding:2px 12px 2px 0}.importance td.name{width:1%;font-weight:400;white-space:nowrap}.importance .num{width:1%;padding-right:0}.bar-cell{min-width:90px}
.worst td,.worst th{white-space:nowrap}.worst td{padding-top:5px;padding-bottom:5px;font-size:13.5px}
footer{margin-top:48px;padding-top:18px;border-top:1px solid var(--line)}
@media (max-width:960px){.figures{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (max-width:760px){
.board,.board tbody{display:block}.board thead{display:none}
.board tr{display:grid;grid-template-columns:1fr auto;grid-template-areas:"n m" "s s" "t f";padding:10px 0 8px;border-bottom:1px solid var(--grid)}
.board tr:last-child{padding-top:0;border:0}.board tr:last-child td:not(.b-axis){display:none}
.board td{padding:0;border:0;width:auto}.board td.b-strip{padding:0}.board .b-name{grid-area:n}.board .b-mean{grid-area:m}.board .b-strip{grid-area:s;min-width:0}
.board .b-test{grid-area:t}.board .b-fit{grid-area:f}.board .b-fit::before{content:"fit "}.board .b-predict{display:none}}
@media (max-width:640px){.figures{grid-template-columns:minmax(0,1fr)}.span-2,.full,.wide{grid-column:auto}.tile b{font-size:20px}
.column-tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:18px 24px;margin:4px 0 16px}.column-tile p{margin:3px 0 0;font-size:12.5px;line-height:1.35}.column-tile p.name{margin:0 0 5px;font-size:13.5px}
.pipelines{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:6px 40px}.pipelines p{margin:0}
table.columns td{white-space:nowrap}}
@media print{.figures{grid-template-columns:repeat(3,minmax(0,1fr))}.full,.wide{grid-column:1/-1}.span-2{grid-column:span 2}}
)css";

Markup title_part(const ReportInput& in) {
  const Comparison& c = in.comparison;
  const std::string first = c.verdict.empty() ? "No verdict" : c.verdict[0];
  Markup rest;
  for (size_t i = 1; i < c.verdict.size() && i < 8; ++i) rest += Markup(i > 1 ? " " : "") + shorten(c.verdict[i], 400);
  const Markup kicker = element("b", Attributes{}, "assay") + " compare · " + data_name(in.card.name, 60) +
                        " · predicting " + data_name(in.card.target);
  return element("p", "kicker", kicker) + heading(1, shorten(first, 300)) +
         (rest.empty() ? Markup() : paragraph(rest, "lede")) +
         element("pre", {{"class", "command"}, {"tabindex", "0"}},
                 element("code", Attributes{}, shorten(in.command, 1000)));
}

// Learners that see the data through the same steps share one list.
Markup pipeline_part(const Comparison& c) {
  std::vector<std::pair<std::vector<std::string>, std::vector<Markup>>> kinds;
  for (const CvResult& r : c.leaderboard) {
    if (r.algorithm == "dummy") continue;
    const auto same = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == r.pipeline; });
    if (same != kinds.end())
      same->second.push_back(data_name(r.label));
    else
      kinds.push_back({r.pipeline, {data_name(r.label)}});
  }
  Markup content;
  for (size_t k = 0; k < kinds.size() && k < 12; ++k) {
    Markup steps;
    for (size_t i = 0; i < kinds[k].first.size() && i < 20; ++i)
      steps += element("li", Attributes{}, sentence_with_switch(kinds[k].first[i]));
    if (steps.empty()) steps = element("li", "soft", "the table as it is");
    content += element("div", "pipeline",
                       element("p", "name", joined(kinds[k].second, ", ")) + element("ol", "switches", steps));
  }
  if (content.empty()) return {};
  return element("h4", "spaced", "What each learner saw") +
         paragraph("Fitted on the training rows of each fold only. The switch behind a step changes it.", "note") +
         element("div", "pipelines", content);
}

Markup footer_part(const ReportInput& in) {
  return element(
      "footer", "note",
      Markup("Written by assay ") + in.version + ", seed " + std::to_string(in.seed) +
          ". The same command with the same seed gives the same page but for the times. Every figure is of rows that "
          "the model had not seen when it predicted them.");
}

}  // namespace

std::vector<const CvResult*> closely_shown(const Comparison& comparison) {
  std::vector<const CvResult*> shown;
  for (const CvResult& r : comparison.leaderboard)
    if (r.algorithm != "dummy" && shown.size() < 3) shown.push_back(&r);
  return shown;
}

std::string render_report(const ReportInput& in) {
  const auto shown = closely_shown(in.comparison);
  Markup closer;
  for (size_t i = 0; i < shown.size(); ++i) {
    std::vector<const CvResult*> context;
    for (const CvResult* other : shown)
      if (other != shown[i]) context.push_back(other);
    closer += render_closer(in, *shown[i], context, static_cast<int>(i) + 1);
  }
  Page page;
  page.title = "assay compare: " + shorten(in.card.name, 80);
  page.description = in.comparison.verdict.empty() ? page.title : shorten(in.comparison.verdict[0], 200);
  page.more_style = kReportStyle;
  page.body = element("header", Attributes{}, title_part(in)) +
              element("section", Attributes{}, render_leaderboard(in.comparison)) +
              element("section", Attributes{}, render_data_card(in.card) + pipeline_part(in.comparison));
  if (!closer.empty())
    page.body += element(
        "section", Attributes{},
        heading(2,
                shown.size() == 1 ? "The learner, closer"
                                  : "The first " + std::string(shown.size() == 2 ? "two" : "three") + ", closer",
                "closer") +
            closer);
  page.body = element("main", Attributes{}, page.body) + footer_part(in);
  return render_page(page);
}

}  // namespace assay::report
