// core/json.h: internal (not installed): the JSON library behind archives and the cli's output.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace assay {

using Json = nlohmann::ordered_json;

/// Parses a whole text; nested at most `depth` deep; ModelError (with `name` and the byte) where it is not JSON.
Json parse_json(std::string_view text, const std::string& name, int depth = 64);

namespace detail {
/// The opaque node of archive.h.
struct JsonNode : Json {
  using Json::Json;
};
inline JsonNode* as_node(Json* json) { return static_cast<JsonNode*>(json); }
inline const JsonNode* as_node(const Json* json) { return static_cast<const JsonNode*>(json); }
}  // namespace detail

}  // namespace assay
