// cli/report/figures/panels.h: the curves of an explanation, panel beside panel: a path of weights and its held-out error.
#pragma once
#include <string>
#include <vector>

#include "assay/ml/learner.h"

namespace assay::report {

/// A whole SVG file. Of several curves in a panel those that are not 0 at the cursor have a colour and a name.
std::string panels_picture(const std::string& title, const std::vector<Explanation::Curves>& panels);

}  // namespace assay::report
