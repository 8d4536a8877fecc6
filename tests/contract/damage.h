// Model files that went wrong.
#pragma once
#include <fstream>
#include <iterator>
#include <sstream>

#include "assay/core/json.h"
#include "assay/core/rng.h"

namespace assay::contract {

inline std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void write_all(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// Every value of a document, as pointers into it.
inline void collect(Json& node, std::vector<Json*>& all) {
  all.push_back(&node);
  if (node.is_structured())
    for (Json& child : node) collect(child, all);
}

/// Changes one value somewhere: another number, another type, an array longer or shorter, a member less.
inline void damage(Json& root, Rng& rng) {
  std::vector<Json*> all;
  collect(root, all);
  Json& victim = *all[rng.below(all.size())];
  static const double numbers[] = {-1,   0,     1,     2, 3, 7, 0.5, -0.5, 1e9, 2147483647, 2147483648.0, -2147483648.0,
                                   1e18, 1e300, -1e300};
  const double number = numbers[rng.below(std::size(numbers))];
  switch (rng.below(7)) {
    case 0:
      victim = number;
      return;
    case 1:
      victim = static_cast<long long>(std::clamp(number, -9e18, 9e18));
      return;
    case 2:
      if (victim.is_array() && !victim.empty())
        victim.erase(rng.below(victim.size()));
      else
        victim = nullptr;
      return;
    case 3:
      if (victim.is_array())
        victim.push_back(victim.empty() ? Json(number) : Json(victim[rng.below(victim.size())]));
      else
        victim = "text";
      return;
    case 4:
      if (victim.is_object() && !victim.empty())
        victim.erase(std::next(victim.begin(), static_cast<long>(rng.below(victim.size()))));
      else
        victim = Json::array();
      return;
    case 5:
      if (victim.is_array() && victim.size() > 1)
        std::swap(victim[0], victim[rng.below(victim.size())]);
      else
        victim = !(victim.is_boolean() && victim.get<bool>());
      return;
    default:
      victim = victim.is_string() ? Json("") : Json::object();
  }
}

}  // namespace assay::contract
