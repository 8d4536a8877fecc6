#include "cli/report/html/page.h"

#include "cli/report/svg/style.h"

namespace assay::report {

std::string render_page(const Page& page) {
  std::string policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  if (page.linked_images) policy += " file: 'self'";
  if (!page.script.empty()) policy += "; script-src 'sha256-" + sha256_base64(page.script) + "'";
  policy += "; base-uri 'none'; form-action 'none'";
  const Markup head = element("meta", {{"charset", "utf-8"}}) +
                      element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}) +
                      element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
                      element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) +
                      element("meta", {{"name", "description"}, {"content", page.description}}) +
                      element("title", Attributes{}, page.title);
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n" + head.html() + "\n<style>" + kPalette +
                     kFigureStyle + kCommonStyle + page.more_style + "</style>\n</head>\n<body>\n" + page.body.html() +
                     "\n";
  if (!page.script.empty()) html += "<script>" + page.script + "</script>\n";
  return html + "</body>\n</html>\n";
}

}  // namespace assay::report
