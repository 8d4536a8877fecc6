// cli/report/html/trace_style.h: style and script of the trace page.
#pragma once

namespace assay::report {

extern const char* const kTraceStyle;
extern const char* const kTraceScript;

}  // namespace assay::report
