// cli/params_json.h: parameters as JSON, of whatever algorithm.
#pragma once
#include "assay/core/json.h"
#include "assay/core/params.h"

namespace assay::cli {

/// true, 3, 0.5, "rbf" or null, as the parameter's type has it.
Json value_json(const Param& param);
/// All of them, by name.
Json params_json(const AnyParams& params);

}  // namespace assay::cli
