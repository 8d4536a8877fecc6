#include "cli/params_json.h"

#include "assay/core/text.h"

namespace assay::cli {

Json value_json(const Param& p) {
  const std::string text = p.get();
  if (p.optional && text == "none") return nullptr;
  switch (p.type) {
    case ParamType::boolean:
      return text == "true";
    case ParamType::integer:
      return *parse_int(text);
    case ParamType::number:
      return *parse_double(text);
    case ParamType::choice_or_number:
      if (const auto value = parse_double(text)) return *value;
      return text;
    case ParamType::numbers: {
      Json values = Json::array();
      for (const std::string& v : split(text, ','))
        if (const auto value = parse_double(v)) values.push_back(*value);
      return values;
    }
    default:
      return text;
  }
}

Json params_json(const AnyParams& params) {
  Json json = Json::object();
  for (const Param& p : params.list()) json[p.name] = value_json(p);
  return json;
}

}  // namespace assay::cli
