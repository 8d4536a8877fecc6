#include "cli/report/html/trace_page.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "assay/core/text.h"
#include "cli/report/figures/curves.h"
#include "cli/report/html/page.h"
#include "cli/report/html/parts.h"
#include "cli/report/html/source_lines.h"
#include "cli/report/html/trace_style.h"

namespace assay::report {
namespace {

constexpr size_t kMostCharts = 8, kMostCloseups = 9, kShownOfList = 8;

// ---- values -------------------------------------------------------------------------------------------------------------

std::string list_text(const std::vector<double>& values) {
  std::string text;
  for (size_t i = 0; i < values.size() && i < kShownOfList; ++i) text += (i ? ", " : "") + six_digits(values[i]);
  if (values.size() > kShownOfList) text += ", \u2026 (" + std::to_string(values.size()) + " numbers)";
  return text.empty() ? "none" : text;
}

std::string value_text(const TraceValue& value) {
  if (const bool* b = std::get_if<bool>(&value)) return *b ? "yes" : "no";
  if (const long long* n = std::get_if<long long>(&value)) return std::to_string(*n);
  if (const double* d = std::get_if<double>(&value)) return six_digits(*d);
  if (const std::string* s = std::get_if<std::string>(&value)) return shorten(*s, 120);
  return list_text(std::get<std::vector<double>>(value));
}

std::optional<double> number(const TraceValue& value) {
  if (const long long* n = std::get_if<long long>(&value)) return static_cast<double>(*n);
  if (const double* d = std::get_if<double>(&value)) return *d;
  return std::nullopt;
}

const TraceField* find_field(const std::vector<TraceField>& fields, const std::string& symbol) {
  for (const TraceField& f : fields)
    if (f.symbol == symbol) return &f;
  return nullptr;
}

Markup values_table(const std::vector<TraceField>& fields) {
  if (fields.empty()) return {};
  std::vector<Row> rows;
  for (const TraceField& f : fields) {
    const bool is_scalar = number(f.value) || std::holds_alternative<bool>(f.value);
    rows.push_back(
        {{element("b", Attributes{}, shorten(f.symbol, 40)) + element("small", "soft", shorten(f.text, 200))},
         {value_text(f.value), is_scalar ? "v scalar" : "v"}});
  }
  return table("Values", {}, rows, "values");
}

Markup why_part(const std::string& why) { return why.empty() ? Markup() : element("p", "why", shorten(why, 400)); }

Markup source_part(const Story& story, const std::string& where) {
  if (where.empty()) return {};
  const SourceLines source = source_lines(story.source_root, where);
  const std::string line = source.first_line ? ":" + std::to_string(source.first_line) : "";
  Markup content =
      element("h3", Attributes{}, "The code") +
      paragraph(code(source.file + line) + (source.function.empty() ? Markup() : Markup(" ") + code(source.function)));
  Markup lines;
  for (size_t i = 0; i < source.lines.size(); ++i)
    lines += element("i", Attributes{}, std::to_string(source.first_line + static_cast<int>(i))) +
             shorten(source.lines[i], 160) + Markup::literal("\n");
  if (source.cut) lines += element("i", Attributes{}, "\u2026");
  if (!lines.empty()) content += element("pre", {{"class", "source"}, {"tabindex", "0"}}, lines);
  return content;
}

// ---- articles -----------------------------------------------------------------------------------------------------------

struct Article {
  std::string title, count;  ///< as in the list of steps
  Markup middle, aside, below;
};

std::string first_to_upper(std::string words) {
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

Article picture_article(const Story& story, const StoryPicture& p) {
  const std::string alt = p.title + ": " + p.caption;
  const Markup image = element("img", {{"src", p.file},
                                       {"alt", shorten(alt, 600)},
                                       {"width", static_cast<double>(p.width)},
                                       {"height", static_cast<double>(p.height)}});
  Markup caption = shorten(p.caption, 600);
  if (p.stretched)
    caption += element("span", "soft", " Black is " + brief(p.black) + ", white is " + brief(p.white) + ".");
  Article a;
  a.title = p.title.empty() ? first_to_upper(p.stage) : p.title;
  a.middle = with_caption(element("a", {{"class", p.width <= 200 ? "frame small" : "frame"}, {"href", p.file}}, image),
                          caption);
  a.aside = why_part(p.why) + values_table(p.fields) + source_part(story, p.source);
  return a;
}

// Numbers of a field over the steps; empty where it is no number.
std::vector<Point> numbers_of(const StorySeries& series, size_t f) {
  std::vector<Point> points;
  for (const StoryStep& s : series.steps) {
    const auto value = f < s.step.fields.size() ? number(s.step.fields[f].value) : std::nullopt;
    if (!value) return {};
    points.push_back({static_cast<double>(s.index), *value});
  }
  return points;
}

bool counts_steps(const std::vector<Point>& points) {
  return !points.empty() && std::all_of(points.begin(), points.end(),
                                        [&](const Point& p) { return p.y - points[0].y == p.x - points[0].x; });
}

bool is_constant(const std::vector<Point>& points) {
  return std::all_of(points.begin(), points.end(), [&](const Point& p) { return p.y == points[0].y; });
}

// Steps that count themselves (t = 0, 1, 2 ...) follow each other in time, and a curve means something.
bool is_iteration(const StorySeries& series) {
  for (size_t f = 0; f < series.steps.front().step.fields.size(); ++f)
    if (counts_steps(numbers_of(series, f))) return true;
  return false;
}

bool spans_decades(const std::vector<Point>& points) {
  double lo = INFINITY, hi = 0;
  for (const Point& p : points) {
    if (!(p.y >= 0) || std::isinf(p.y)) return false;
    if (p.y > 0) lo = std::min(lo, p.y), hi = std::max(hi, p.y);
  }
  return hi > 300 * lo;
}

Point index_range(const StorySeries& series) {
  return {static_cast<double>(series.steps.front().index), static_cast<double>(series.steps.back().index)};
}

// A list of numbers of the only step there is, over its index.
Markup list_charts(const TraceStep& step) {
  Markup content;
  for (const TraceField& f : step.fields) {
    const auto* values = std::get_if<std::vector<double>>(&f.value);
    if (!values || values->size() < 3) continue;
    NamedLine curve{f.symbol, {}, "curve"};
    for (size_t i = 0; i < values->size() && i < 500; ++i)
      curve.points.push_back({static_cast<double>(i), (*values)[i]});
    const std::string symbol = shorten(f.symbol, 30);
    content += with_caption(line_chart({curve}, {0, curve.points.back().x}, "index", symbol, false,
                                       {symbol + " over its index", "From " + six_digits(values->front()) + " to " +
                                                                        six_digits(curve.points.back().y) + "."}),
                            element("b", Attributes{}, symbol) + " " + shorten(f.text, 160));
  }
  return content.empty() ? Markup() : element("div", "charts", content);
}

Markup charts(const StorySeries& series) {
  if (series.steps.size() == 1) return list_charts(series.steps[0].step);
  if (series.steps.size() < 3 || !is_iteration(series)) return {};
  Markup content;
  size_t count = 0;
  const auto& fields = series.steps.front().step.fields;
  for (size_t f = 0; f < fields.size() && count < kMostCharts; ++f) {
    const std::vector<Point> points = numbers_of(series, f);
    if (points.empty() || is_constant(points) || counts_steps(points)) continue;
    const bool log_y = spans_decades(points);
    const std::string symbol = shorten(fields[f].symbol, 30);
    const AltText alt{symbol + " over the steps", "From " + six_digits(points.front().y) + " at step " +
                                                      std::to_string(series.steps.front().index) + " to " +
                                                      six_digits(points.back().y) + " at step " +
                                                      std::to_string(series.steps.back().index) +
                                                      (log_y ? ", on a logarithmic axis." : ".")};
    content += with_caption(
        line_chart({{symbol, points, "curve"}}, index_range(series), "step", symbol, log_y, alt),
        element("b", Attributes{}, symbol) + " " + shorten(fields[f].text, 160) + (log_y ? " (logarithmic)" : ""));
    ++count;
  }
  return content.empty() ? Markup() : element("div", "charts", content);
}

// A list is drawn, so that rows can be compared; the script reads its numbers from data-v.
Markup value_cell(const TraceValue& value) {
  const std::string text = value_text(value);
  const auto* list = std::get_if<std::vector<double>>(&value);
  if (!list || list->size() < 3 || list->size() > 64) return element("td", Attributes{}, text);
  double lo = 0, hi = 0;
  for (const double v : *list)
    if (std::isfinite(v)) lo = std::min(lo, v), hi = std::max(hi, v);
  const double width = 84, height = 24, slot = width / static_cast<double>(list->size()),
               scale = hi > lo ? height / (hi - lo) : 0;
  std::vector<Bar> shapes;
  for (size_t i = 0; i < list->size(); ++i) {
    const double v = (*list)[i];
    if (!std::isfinite(v)) continue;
    shapes.push_back({static_cast<double>(i) * slot, (hi - std::max(v, 0.0)) * scale, slot * 0.8,
                      std::max(0.8, std::abs(v) * scale)});
  }
  return element("td", {{"data-v", text}}, figure(width, height, {"List", text}, bars(shapes, "bar-quiet")));
}

Markup steps_table(const StorySeries& series, const std::string& id) {
  const auto& fields = series.steps.front().step.fields;
  const bool whys =
      std::any_of(series.steps.begin(), series.steps.end(), [](const StoryStep& s) { return !s.step.why.empty(); });
  Markup head = element("th", {{"scope", "col"}, {"class", "num"}}, "step");
  for (const TraceField& f : fields) head += element("th", {{"scope", "col"}}, shorten(f.symbol, 30));
  if (whys) head += element("th", {{"scope", "col"}}, "why");
  Markup body;
  for (const StoryStep& s : series.steps) {
    const std::string row_id = id + "-" + std::to_string(s.index);
    Markup cells = element("td", "num", element("a", {{"href", "#" + row_id}}, std::to_string(s.index)));
    for (size_t f = 0; f < fields.size(); ++f)
      cells += f < s.step.fields.size() ? value_cell(s.step.fields[f].value) : element("td", Attributes{});
    if (whys) cells += element("td", "why-cell", shorten(s.step.why, 300));
    body += element("tr", {{"id", row_id}, {"data-x", line_chart_x(index_range(series), static_cast<double>(s.index))}},
                    cells) +
            Markup::literal("\n");
  }
  return element("div", {{"class", "rows"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", "All steps"}},
                 element("table", Attributes{},
                         element("thead", Attributes{}, element("tr", Attributes{}, head)) +
                             element("tbody", Attributes{}, body)));
}

Article series_article(const Story& story, const StorySeries& series, const std::string& id) {
  const StoryStep& last = series.steps.back();
  const std::string kept = series.total > static_cast<long>(series.steps.size())
                               ? count_text(static_cast<long long>(series.steps.size())) + " of "
                               : "";
  Article a;
  a.title = last.step.title.empty() ? first_to_upper(series.kind) + (series.total > 1 ? ", step by step" : "")
                                    : last.step.title;
  if (series.total > 1) a.count = count_text(series.total);
  a.middle = charts(series) +
             element("p", "note",
                     Markup(kept + count_text(series.total) + (series.total == 1 ? " step, in " : " steps, in ")) +
                         element("a", {{"href", series.file}}, series.file));
  Markup why =
      element("p", {{"class", "why"}, {last.step.why.empty() ? "hidden" : "", "hidden"}}, shorten(last.step.why, 400));
  a.aside =
      why +
      element("h3", Attributes{}, Markup("Values at step ") + element("span", "which", std::to_string(last.index))) +
      values_table(last.step.fields) + source_part(story, last.step.source);
  if (series.steps.size() > 1) a.below = steps_table(series, id);
  return a;
}

// ---- a place in the picture ---------------------------------------------------------------------------------------------

// A step with x and y (a pixel, or a path of pixels) is shown where it happened, in every picture of its size.
std::vector<Point> place_of(const TraceStep& step) {
  const TraceField *x = find_field(step.fields, "x"), *y = find_field(step.fields, "y");
  if (!x || !y) return {};
  if (number(x->value) && number(y->value)) return {{*number(x->value), *number(y->value)}};
  const auto *xs = std::get_if<std::vector<double>>(&x->value), *ys = std::get_if<std::vector<double>>(&y->value);
  std::vector<Point> path;
  for (size_t i = 0; xs && ys && i < std::min(xs->size(), ys->size()); ++i) path.push_back({(*xs)[i], (*ys)[i]});
  return path;
}

struct Window {
  double x, y, side;
};

Window window_around(const std::vector<Point>& place) {
  Point lo = place[0], hi = place[0];
  for (const Point& p : place)
    lo = {std::min(lo.x, p.x), std::min(lo.y, p.y)}, hi = {std::max(hi.x, p.x), std::max(hi.y, p.y)};
  const double side = std::max(13.0, std::max(hi.x - lo.x, hi.y - lo.y) + 7);
  return {std::floor((lo.x + hi.x + 1 - side) / 2), std::floor((lo.y + hi.y + 1 - side) / 2), std::ceil(side)};
}

Markup marks(const std::vector<Point>& place, const TraceStep& step) {
  if (place.size() > 1) {
    std::vector<Point> centres;
    for (const Point& p : place) centres.push_back({p.x + 0.5, p.y + 0.5});
    return polyline(centres, "way") + circle(centres.front().x, centres.front().y, 0.8, "ring");
  }
  Markup content = rect(place[0].x, place[0].y, 1, 1, "ring");
  const TraceField* angle = find_field(step.fields, "angle_deg");
  if (!angle || !number(angle->value)) return content;
  const double a = *number(angle->value) * std::acos(-1.0) / 180, cx = place[0].x + 0.5, cy = place[0].y + 0.5;
  // The two neighbours across the edge stand where the line through the pixel meets the ring of its eight neighbours.
  const double ring = std::max(std::abs(std::cos(a)), std::abs(std::sin(a))), dx = std::cos(a) / ring,
               dy = std::sin(a) / ring;
  return content + polyline({{cx - dx, cy - dy}, {cx + 2.6 * dx, cy + 2.6 * dy}}, "way") +
         circle(cx + dx, cy + dy, 0.22, "neighbour") + circle(cx - dx, cy - dy, 0.22, "neighbour");
}

// The last ones, where there are more than a page can show: the first are the input in some form.
std::vector<const StoryPicture*> pictures_of_one_size(const Chapter& chapter) {
  std::vector<const StoryPicture*> pictures;
  for (const auto& item : chapter.items) {
    const StoryPicture* p = std::get_if<StoryPicture>(&item);
    if (p && (pictures.empty() || (p->width == pictures[0]->width && p->height == pictures[0]->height)))
      pictures.push_back(p);
  }
  if (pictures.size() > kMostCloseups)
    pictures.erase(pictures.begin(), pictures.end() - static_cast<long>(kMostCloseups));
  return pictures;
}

Markup closeups(const std::vector<const StoryPicture*>& pictures, const std::vector<Point>& place,
                const TraceStep& step) {
  const Window w = window_around(place);
  const std::string box = coordinate(w.x) + " " + coordinate(w.y) + " " + coordinate(w.side) + " " + coordinate(w.side);
  Markup content;
  for (const StoryPicture* p : pictures) {
    const Markup image = element(
        "image",
        {{"href", p->file}, {"width", static_cast<double>(p->width)}, {"height", static_cast<double>(p->height)}});
    const Markup alt =
        element("title", Attributes{},
                p->stage + " around column " + coordinate(place[0].x) + ", row " + coordinate(place[0].y));
    content += with_caption(element("svg", {{"viewBox", box}, {"role", "img"}}, alt + image + marks(place, step)),
                            shorten(p->stage, 40));
  }
  return element("div", "closeups", content);
}

Article place_article(const Story& story, const StorySeries& series, const StoryStep& s,
                      const std::vector<const StoryPicture*>& pictures) {
  const std::vector<Point> place = place_of(s.step);
  Article a;
  a.title = (s.step.title.empty() ? first_to_upper(series.kind) : s.step.title) + " at (" + coordinate(place[0].x) +
            ", " + coordinate(place[0].y) + ")";
  a.middle = closeups(pictures, place, s.step) + element("p", "note",
                                                         Markup("The same place in every picture. Values in ") +
                                                             element("a", {{"href", series.file}}, series.file));
  a.aside = why_part(s.step.why) + values_table(s.step.fields) + source_part(story, s.step.source);
  return a;
}

// ---- the page -----------------------------------------------------------------------------------------------------------

bool shows_places(const StorySeries& series, const std::vector<const StoryPicture*>& pictures) {
  return !pictures.empty() && series.steps.size() <= 12 &&
         std::all_of(series.steps.begin(), series.steps.end(),
                     [](const StoryStep& s) { return !place_of(s.step).empty(); });
}

Markup article_markup(const Article& a, const std::string& id, int number) {
  return element(
             "article", {{"id", id}},
             element("h2", Attributes{}, element("i", Attributes{}, std::to_string(number)) + shorten(a.title, 160)) +
                 element("div", "cols",
                         element("div", Attributes{}, a.middle + a.below) + element("aside", Attributes{}, a.aside))) +
         Markup::literal("\n");
}

struct Rendered {
  Markup list, articles;
  int count = 0;
};

Rendered render_chapter(const Story& story, const Chapter& chapter, int first_number) {
  Rendered out;
  const auto add = [&](const Article& a, const std::string& id) {
    const int number = first_number + out.count++;
    out.articles += article_markup(a, id, number);
    const Markup count = a.count.empty() ? Markup() : element("small", "soft", "\u00A0\u00D7\u00A0" + a.count);
    out.list += element("li", Attributes{},
                        element("a", {{"href", "#" + id}},
                                element("i", Attributes{}, std::to_string(number)) +
                                    element("span", Attributes{}, shorten(a.title, 70) + count)));
  };
  const auto pictures = pictures_of_one_size(chapter);
  for (const auto& item : chapter.items) {
    const auto id = [&] { return "s" + std::to_string(first_number + out.count); };
    if (const StoryPicture* p = std::get_if<StoryPicture>(&item)) {
      add(picture_article(story, *p), id());
      continue;
    }
    const StorySeries& series = std::get<StorySeries>(item);
    if (series.steps.empty()) continue;
    if (!shows_places(series, pictures))
      add(series_article(story, series, id()), id());
    else
      for (const StoryStep& s : series.steps) add(place_article(story, series, s, pictures), id());
  }
  return out;
}

Markup chapter_title(const Story& story, const Chapter& chapter) {
  if (story.chapters.size() == 1) return element("h2", Attributes{}, "Steps");
  return element("h2", Attributes{}, chapter.path.empty() ? "The run" : shorten(chapter.path, 80));
}

Markup player() {
  return element("div", "player",
                 element("button", {{"type", "button"}, {"class", "back"}}, "Previous") +
                     element("input", {{"type", "range"}, {"min", "0"}, {"value", "0"}, {"aria-label", "Step"}}) +
                     element("button", {{"type", "button"}, {"class", "forth"}}, "Next") +
                     element("output", Attributes{}, ""));
}

Markup left_out_part(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return {};
  Markup items;
  for (size_t i = 0; i < sentences.size() && i < 100; ++i)
    items += element("li", Attributes{}, shorten(sentences[i], 300));
  return element("section", Attributes{}, heading(2, "What was left out") + element("ul", "note", items));
}

}  // namespace

std::string render_trace(const Story& story, size_t limit) {
  Markup list, articles;
  std::vector<std::string> left_out = story.left_out;
  int number = 1;
  for (const Chapter& chapter : story.chapters) {
    const Rendered rendered = render_chapter(story, chapter, number);
    if (rendered.count == 0) continue;
    if (list.html().size() + articles.html().size() + rendered.articles.html().size() + rendered.list.html().size() >
        limit) {
      left_out.push_back("The page would be too large: the steps of " +
                         (chapter.path.empty() ? "the run" : chapter.path) + " are in their files only.");
      continue;
    }
    list += chapter_title(story, chapter) + element("ol", Attributes{}, rendered.list);
    articles += rendered.articles;
    number += rendered.count;
  }
  if (number == 1) articles = paragraph("Nothing was traced: this algorithm has no steps to show yet.");
  const Markup command = story.command.empty() ? Markup()
                                               : element("pre", {{"class", "command"}, {"tabindex", "0"}},
                                                         code(shorten(story.command, 600)));
  const Markup hint = element(
      "p", "note hint",
      "Arrow keys step; a click on a picture enlarges it, and the same place stays enlarged from step to step.");
  Page page;
  page.title = "assay trace: " + shorten(story.title, 80);
  page.description = "The steps of " + shorten(story.title, 80) + ", with their values and their code.";
  page.more_style = kTraceStyle;
  page.script = kTraceScript;
  page.linked_images = true;
  page.body = element("header", Attributes{},
                      element("p", "kicker", element("b", Attributes{}, "assay") + " trace") +
                          heading(1, shorten(story.title, 160)) + command) +
              element("div", "trace",
                      element("nav", {{"aria-label", "Steps"}}, list) +
                          element("main", Attributes{}, player() + articles + hint)) +
              left_out_part(left_out) + element("footer", "note", Markup("Written by assay ") + story.version);
  return render_page(page);
}

}  // namespace assay::report
