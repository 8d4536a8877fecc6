#include "assay/core/error.h"

#include "assay/core/text.h"

namespace assay {
namespace {

std::string whole_line(const std::string& message, const Place& place) {
  std::string where;
  if (!place.file.empty()) {
    where = place.file;
    if (place.line > 0) where += ":" + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) where += ":" + std::to_string(place.column);
    where += ": ";
  }
  return escaped(where + message, 2000);
}

}  // namespace

Error::Error(const std::string& message, std::string hint, Place place)
    : std::runtime_error(whole_line(message, place)),
      message_(escaped(message, 2000)),
      hint_(escaped(hint, 2000)),
      place_(std::move(place)) {}

}  // namespace assay
