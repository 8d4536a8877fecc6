#include "cli/report/html/page.h"

namespace assay::report {

// Two palettes of the same names. Teal says "among the best", "right"; orange says "look here", "wrong"; the rest is
// grey, so that the page reads in black and white as well.
const char* const kCommonStyle = R"css(
:root{--paper:#fff;--panel:#f5f7f7;--ink:#17212b;--soft:#52616d;--faint:#8a97a1;--line:#dde3e6;--grid:#e9edef;
--best:#0b7a75;--best-rgb:11,122,117;--warn:#b8500f;--warn-rgb:206,92,20;--quiet:#aebac2;--band:rgba(11,122,117,.11);
--c0:#0b7a75;--c1:#c2571a;--c2:#4b5fb8;--c3:#8f3d88;--c4:#7a6a00;--c5:#32769b}
@media (prefers-color-scheme:dark){:root{--paper:#11171c;--panel:#19222a;--ink:#e7edf0;--soft:#a3b1bb;--faint:#75848f;
--line:#2c3841;--grid:#222d35;--best:#4cc9c0;--best-rgb:76,201,192;--warn:#f2a065;--warn-rgb:242,150,90;--quiet:#4c5b66;
--band:rgba(76,201,192,.13);--c0:#4cc9c0;--c1:#f2a065;--c2:#9aabff;--c3:#e18ed8;--c4:#d8c64a;--c5:#7cc0e8}}
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
svg text{font-family:inherit;fill:var(--soft);font-size:12px}
svg .tick{font-size:11.5px;fill:var(--soft)}
svg .axis-name{font-size:12px;fill:var(--soft)}
svg .dummy-text{fill:var(--ink)}
.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--quiet);stroke-width:1}
.chance,.dummy-line{stroke:var(--faint);stroke-width:1.4;stroke-dasharray:4 4;fill:none}
.band{fill:var(--band)}
.is-best{--mark:var(--best)}.is-other{--mark:var(--soft)}.is-dummy{--mark:var(--faint)}
.dot{fill:var(--mark);fill-opacity:.55;stroke:var(--paper);stroke-width:.8}
.knot{fill:var(--mark);stroke:var(--paper);stroke-width:1.5}
.mean{stroke:var(--mark);stroke-width:3;stroke-linecap:round}
.interval{stroke:var(--mark);stroke-width:1.5;stroke-opacity:.5}
.curve,.curve-0,.curve-1,.curve-2,.curve-3,.curve-4,.curve-5{fill:none;stroke:var(--best);stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.curve-1{stroke:var(--c1)}.curve-2{stroke:var(--c2)}.curve-3{stroke:var(--c3)}.curve-4{stroke:var(--c4)}.curve-5{stroke:var(--c5)}
.curve-context{fill:none;stroke:var(--quiet);stroke-width:1.1;stroke-linejoin:round}
.curve-area{fill:var(--band);opacity:.6}
.curve-dots{fill:none;stroke:var(--best);stroke-width:5;stroke-linecap:round}
.curve-end{fill:var(--best);stroke:var(--paper);stroke-width:1.5}
svg .figure-number{font-size:30px;font-weight:650;fill:var(--ink);letter-spacing:-.02em}
svg .figure-note{font-size:11.5px}
.scatter,.scatter-small{fill:none;stroke:var(--best);stroke-opacity:.5;stroke-width:6;stroke-linecap:round}
.scatter-small{stroke-width:3.6;stroke-opacity:.42}
.bar{fill:var(--best)}.bar-warn{fill:var(--warn)}.bar-quiet{fill:var(--quiet)}
.share-0{fill:var(--c0)}.share-1{fill:var(--c1)}.share-2{fill:var(--c2)}.share-3{fill:var(--c3)}.share-4{fill:var(--c4)}.share-5{fill:var(--c5)}.share-rest{fill:var(--quiet)}.share-edge{stroke:var(--paper);stroke-width:2}
@media (max-width:640px){body{padding:24px 16px 48px;font-size:15px}section{margin-top:32px;padding-top:20px}.lede{font-size:16px}}
@media print{:root{--paper:#fff;--panel:#f5f7f7;--ink:#000;--soft:#444;--faint:#777;--line:#ccc;--grid:#e4e4e4;--best:#0b7a75;
--best-rgb:11,122,117;--warn:#b8500f;--warn-rgb:206,92,20;--quiet:#aebac2;--band:rgba(11,122,117,.11)}
body{max-width:none;padding:0;font-size:10.5pt}section{break-inside:auto}figure,tr,.tile,h2,h3{break-inside:avoid}h2,h3,h4{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}.scroll{overflow:visible}}
)css";

}  // namespace assay::report
