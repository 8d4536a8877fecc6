#include "cli/report/html/page.h"

namespace assay::report {

const char* const kCommonStyle = R"css(
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:40px 28px 64px;max-width:1160px;font:15px/1.55 -apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,
Cantarell,"Helvetica Neue",Arial,"Liberation Sans","DejaVu Sans Condensed",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1{font-size:clamp(24px,3.4vw,36px);line-height:1.22;letter-spacing:-.015em;font-weight:650;margin:10px 0 14px;max-width:24em;text-wrap:balance}
h2{font-size:22px;letter-spacing:-.01em;line-height:1.3;margin:0 0 4px;font-weight:650}
h3{font-size:17px;margin:0;line-height:1.35;font-weight:650}
h4{font-size:12.5px;letter-spacing:.01em;margin:0 0 8px;font-weight:650;color:var(--ink)}
p{margin:0 0 10px;max-width:44em}
section{margin-top:44px;padding-top:26px;border-top:1px solid var(--line)}
.kicker{font-size:13px;color:var(--soft);margin:0}
.kicker b{color:var(--best);font-weight:650}
.lede{font-size:17px;color:var(--soft);max-width:40em}
.note{color:var(--soft);font-size:13.5px}
.soft{color:var(--soft)}
.warn{color:var(--warn)}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.88em}
code{background:var(--panel);padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--panel);padding:11px 15px;border-radius:8px;margin:14px 0;overflow-x:auto;font-size:13.5px;line-height:1.5;max-width:100%}
pre code{background:none;padding:0;overflow-wrap:normal}
pre.command{display:table;max-width:100%;white-space:pre-wrap;overflow-wrap:anywhere;table-layout:fixed}
pre.command::before{content:"$ ";color:var(--faint)}
a{color:var(--best)}
bdi{unicode-bidi:isolate}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:14px}
th{text-align:left;font-weight:600;color:var(--soft);font-size:12.5px;padding:6px 14px 6px 0;vertical-align:bottom;border-bottom:1px solid var(--line)}
td{padding:7px 14px 7px 0;vertical-align:middle;border-bottom:1px solid var(--grid)}
.num{text-align:right;white-space:nowrap}
figure{margin:0;min-width:0}
figcaption{font-size:13px;color:var(--soft);margin-top:6px;line-height:1.45}
svg{display:block;overflow:visible}
svg.figure{max-width:100%;height:auto}
@media (max-width:640px){body{padding:24px 16px 48px;font-size:15px}section{margin-top:32px;padding-top:20px}.lede{font-size:16px}}
@media print{
body{max-width:none;padding:0;font-size:10.5pt}section{break-inside:auto}figure,tr,.tile,h2,h3{break-inside:avoid}h2,h3,h4{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}.scroll{overflow:visible}}
)css";

}  // namespace assay::report
