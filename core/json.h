// core/json.h: internal (not installed): the JSON library behind archives and the cli's output.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace assay {

using Json = nlohmann::ordered_json;

/// Parses a whole text; nested at most `depth` deep; ModelError (with `name` and the byte) where it is not JSON.
Json parse_json(std::string_view text, const std::string& name, int depth = 64);

}  // namespace assay
