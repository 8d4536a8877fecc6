// cli/report/html/closer.h: one learner looked at closely, from what it said about rows it had not seen.
#pragma once
#include "cli/report/html/report.h"

namespace assay::report {

/// The section of `result`; `context` are the other learners shown, drawn thin behind its curves.
Markup render_closer(const ReportInput& input, const CvResult& result, const std::vector<const CvResult*>& context,
                     int rank);

}  // namespace assay::report
