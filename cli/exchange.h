// cli/exchange.h: other programs' model files: one entry a format for `export --as` and `import --as`.
#pragma once
#include <span>
#include <string>

#include "assay/core/input.h"
#include "assay/ml/model.h"

namespace assay::cli {

struct ModelFormat {
  const char* name;      ///< of --as
  const char* learners;  ///< which can be written so, for the help
  /// The file's text; UsageError where this model has no form there.
  std::string (*write)(const Model& model);
  Model (*read)(std::string_view bytes, const std::string& name, const InputBudget& budget);
  std::vector<std::string> (*labels)(const std::vector<std::string>& classes);  ///< what each class is called there
  bool single_precision = false;                                                ///< cells are float32 there
};

std::span<const ModelFormat> model_formats();
/// UsageError with a did-you-mean.
const ModelFormat& find_model_format(const std::string& name);

}  // namespace assay::cli
