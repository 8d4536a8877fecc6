#include "cli/report/svg/style.h"

namespace assay::report {

// Two palettes of the same names, and that of paper. Teal says "among the best", "right"; orange says "look here", "wrong"; the
// rest is grey, so that a page reads in black and white as well. --c0 .. --c11 tell groups apart.
const char* const kPalette = R"css(
:root{--paper:#fff;--panel:#f5f7f7;--ink:#17212b;--soft:#52616d;--faint:#8a97a1;--line:#dde3e6;--grid:#e9edef;
--best:#0b7a75;--best-rgb:11,122,117;--warn:#b8500f;--warn-rgb:206,92,20;--quiet:#aebac2;--band:rgba(11,122,117,.11);
--c0:#0b7a75;--c1:#c2571a;--c2:#4b5fb8;--c3:#8f3d88;--c4:#7a6a00;--c5:#32769b;
--c6:#4a8f2f;--c7:#c23b4e;--c8:#8a5a36;--c9:#c9559c;--c10:#2f9fbf;--c11:#93a01f}
@media (prefers-color-scheme:dark){:root{--paper:#11171c;--panel:#19222a;--ink:#e7edf0;--soft:#a3b1bb;--faint:#75848f;
--line:#2c3841;--grid:#222d35;--best:#4cc9c0;--best-rgb:76,201,192;--warn:#f2a065;--warn-rgb:242,150,90;--quiet:#4c5b66;
--band:rgba(76,201,192,.13);--c0:#4cc9c0;--c1:#f2a065;--c2:#9aabff;--c3:#e18ed8;--c4:#d8c64a;--c5:#7cc0e8;
--c6:#86d67c;--c7:#ff8d9b;--c8:#d0a27c;--c9:#f7a6d2;--c10:#63d8f5;--c11:#c9e265}}
@media print{:root{--paper:#fff;--panel:#f5f7f7;--ink:#000;--soft:#444;--faint:#777;--line:#ccc;--grid:#e4e4e4;--best:#0b7a75;
--best-rgb:11,122,117;--warn:#b8500f;--warn-rgb:206,92,20;--quiet:#aebac2;--band:rgba(11,122,117,.11)}}
)css";

// What figures are made of, on a page and in a file of their own.
const char* const kFigureStyle = R"css(
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
)css";

}  // namespace assay::report
