// cli/report/html/page.h: the skeleton of a page: one self-contained file that asks for nothing from outside, and whose
// content security policy says so.
#pragma once
#include <string>

#include "cli/report/svg/markup.h"

namespace assay::report {

struct Page {
  std::string title;
  std::string description;  ///< one sentence
  Markup body;
  std::string more_style;      ///< CSS after the common one; ours, never from data
  std::string script;          ///< runs by the hash of its text alone; empty: no script is allowed at all
  bool linked_images = false;  ///< also pictures that lie beside the page
};

std::string render_page(const Page& page);

/// SHA-256 of the bytes, in base64: how a content security policy names a script.
std::string sha256_base64(std::string_view bytes);

/// The style every page shares beside svg/style.h: typography, tables, print.
extern const char* const kCommonStyle;

}  // namespace assay::report
