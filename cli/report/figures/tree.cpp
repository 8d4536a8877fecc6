#include "cli/report/figures/tree.h"

#include <algorithm>
#include <cmath>

#include "cli/report/figures/tidy_tree.h"
#include "cli/report/svg/svg_file.h"

namespace assay::report {
namespace {

using Node = TreePicture::Node;

constexpr size_t kColours = 12;
constexpr double kBox = 44;        // height of a box
constexpr double kRow = 98;        // from a row of boxes to the next
constexpr double kGap = 14;        // between boxes
constexpr double kWords = 20;      // above a box: the way to it
constexpr double kDot = 2.2;       // radius of a pruned node
constexpr double kPrunedRow = 13;  // from a row of pruned nodes to the next
constexpr double kMargin = 24, kTop = 66;
constexpr size_t kLetters = 30;  // of a line in a box

constexpr const char* kStyle =
    ".link{stroke:var(--quiet);fill:none}.gone{stroke:var(--quiet);stroke-width:1;fill:none}"
    ".gone-dot{fill:var(--quiet)}.box{fill:var(--panel);stroke:var(--line);stroke-width:1}"
    ".leaf-box{fill:var(--paper);stroke:var(--soft);stroke-width:1.3}.track{stroke:var(--line);stroke-width:2}"
    ".knob{fill:var(--best)}svg .asks{font-size:12.5px;fill:var(--ink)}svg .says{font-size:13px;font-weight:650;"
    "fill:var(--ink)}svg .note{font-size:10.5px;fill:var(--soft)}svg .way{font-size:11px;fill:var(--soft);"
    "}svg .key{font-size:11.5px}"
    ".k0{fill:var(--c0)}.k1{fill:var(--c1)}.k2{fill:var(--c2)}.k3{fill:var(--c3)}.k4{fill:var(--c4)}.k5{fill:var(--c5)}"
    ".k6{fill:var(--c6)}.k7{fill:var(--c7)}.k8{fill:var(--c8)}.k9{fill:var(--c9)}.k10{fill:var(--c10)}"
    ".k11{fill:var(--c11)}";

std::string colour(size_t k) { return "k" + std::to_string(k % kColours); }

bool leaf(const Node& n) { return n.answers; }

/// "<=" as one sign, and not longer than a box.
std::string shown(std::string text) {
  const size_t at = text.find("<= ");
  if (at != std::string::npos) text.replace(at, 2, "\u2264");
  return shorten(text, kLetters);
}

double text_width(const std::string& text, double letter) {
  size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return static_cast<double>(letters) * letter;
}

double box_width(const Node& n) {
  return std::max({54.0, text_width(shown(n.text), leaf(n) ? 7.6 : 7.0) + 18, text_width(n.note, 5.9) + 16});
}

/// Where everything stands.
struct Layout {
  std::vector<double> x, y;  // middle of a node, top of its box
  double width = 0, height = 0;
  double least = 0, greatest = 1;  // of the values of leaves
};

/// What is cut away below box `root`: its numbers in the picture, laid out by themselves.
struct Branch {
  std::vector<int> numbers;  // the box itself first
  std::vector<TidyNode> tidy;
  std::vector<double> x;
  std::vector<int> level;
  double width = 0, height = 0;
};

Branch pruned_branch(const TreePicture& p, int root) {
  Branch b;
  b.numbers.push_back(root);
  for (size_t j = 0; j < b.numbers.size(); ++j) {  // row by row
    const Node& n = p.nodes[static_cast<size_t>(b.numbers[j])];
    TidyNode node{-1, -1, 2 * kDot};
    if (n.left >= 0) {
      node.left = static_cast<int>(b.numbers.size()), node.right = node.left + 1;
      b.numbers.insert(b.numbers.end(), {n.left, n.right});
    }
    b.tidy.push_back(node);
  }
  b.x = tidy_tree(b.tidy, 3);
  b.level = tree_levels(b.tidy);
  b.width = tidy_width(b.tidy, b.x);
  b.height = kPrunedRow * *std::max_element(b.level.begin(), b.level.end());
  return b;
}

/// The boxes in rows; below a box what was cut away there, in the room that the box keeps for it.
Layout lay_out(const TreePicture& p) {
  Layout l;
  std::vector<int> boxes, place(p.nodes.size(), -1);
  for (size_t t = 0; t < p.nodes.size(); ++t)
    if (!p.nodes[t].pruned) {
      place[t] = static_cast<int>(boxes.size());
      boxes.push_back(static_cast<int>(t));
    }
  std::vector<TidyNode> tidy;
  std::vector<Branch> below(boxes.size());
  for (size_t b = 0; b < boxes.size(); ++b) {
    const Node& n = p.nodes[static_cast<size_t>(boxes[b])];
    TidyNode node{-1, -1, std::max(box_width(n), text_width(shown(n.way), 6.2) + 6)};
    if (n.left >= 0 && !p.nodes[static_cast<size_t>(n.left)].pruned) {
      node.left = place[static_cast<size_t>(n.left)], node.right = place[static_cast<size_t>(n.right)];
    } else if (n.left >= 0) {
      below[b] = pruned_branch(p, boxes[b]);
      node.width = std::max(node.width, below[b].width);
      node.rows = 1 + static_cast<int>(std::ceil(std::max(0.0, below[b].height + 2 * kWords + kBox - kRow) / kRow));
    }
    tidy.push_back(node);
  }
  const std::vector<double> x = tidy_tree(tidy, kGap);
  const std::vector<int> level = tree_levels(tidy);
  l.x.assign(p.nodes.size(), 0);
  l.y.assign(p.nodes.size(), 0);
  l.width = tidy_width(tidy, x) + 2 * kMargin;
  l.least = INFINITY, l.greatest = -INFINITY;
  for (size_t b = 0; b < boxes.size(); ++b) {
    const size_t t = static_cast<size_t>(boxes[b]);
    l.x[t] = x[b] + kMargin;
    l.y[t] = kTop + kRow * level[b];
    for (size_t j = 1; j < below[b].numbers.size(); ++j) {
      const size_t u = static_cast<size_t>(below[b].numbers[j]);
      l.x[u] = l.x[t] + below[b].x[j] - below[b].width / 2;
      l.y[u] = l.y[t] + kBox + kPrunedRow * below[b].level[j];
    }
    l.height = std::max(l.height, l.y[t] + kBox + below[b].height + kMargin);
    l.least = std::min(l.least, p.nodes[t].value);
    l.greatest = std::max(l.greatest, p.nodes[t].value);
  }
  return l;
}

/// From the foot of a box to the words above the child's box.
Markup link(const TreePicture& p, const Layout& l, size_t parent, size_t child) {
  const Node& n = p.nodes[child];
  const double from = l.y[parent] + (p.nodes[parent].pruned ? 0 : kBox);
  const double to = l.y[child] - (n.pruned ? 0 : kWords), bend = (from + to) / 2;
  if (n.pruned) return line(l.x[parent], from, l.x[child], to, "gone");
  const std::string d = "M" + coordinate(l.x[parent]) + " " + coordinate(from) + "C" + coordinate(l.x[parent]) + " " +
                        coordinate(bend) + " " + coordinate(l.x[child]) + " " + coordinate(bend) + " " +
                        coordinate(l.x[child]) + " " + coordinate(to);
  return element("path", {{"class", "link"}, {"stroke-width", 1 + 11 * n.share}, {"d", d}});
}

/// Shares of the classes as a bar along the foot of the box.
Markup class_bar(const Node& n, double left, double y, double width) {
  Markup content;
  double at = left;
  for (size_t k = 0; k < n.shares.size(); ++k) {
    if (!(n.shares[k] > 0)) continue;
    content += rect(at, y, std::max(0.3, n.shares[k] * width), 5, colour(k).c_str());
    at += n.shares[k] * width;
  }
  return content;
}

/// The value between the least and the greatest of the tree.
Markup value_mark(const Node& n, const Layout& l, double left, double y, double width) {
  const double share = l.greatest > l.least ? (n.value - l.least) / (l.greatest - l.least) : 0.5;
  return line(left, y, left + width, y, "track") + circle(left + share * width, y, 3.4, "knob");
}

Markup box(const TreePicture& p, const Layout& l, size_t t) {
  const Node& n = p.nodes[t];
  const double width = box_width(n), left = l.x[t] - width / 2, top = l.y[t];
  std::string tip = n.way.empty() ? n.text : n.way + ": " + n.text;
  if (!n.note.empty()) tip += ", " + n.note;
  for (size_t k = 0; k < std::min(n.shares.size(), p.classes.size()); ++k)
    if (n.shares[k] > 0) tip += "; " + p.classes[k] + " " + percent(n.shares[k]);
  Markup content = element(
      "rect",
      {{"class", leaf(n) ? "leaf-box" : "box"}, {"x", left}, {"y", top}, {"width", width}, {"height", kBox}, {"rx", 5}},
      element("title", Attributes{}, tip));
  content += label(l.x[t], top + 16, shown(n.text), leaf(n) ? "says" : "asks", "middle");
  content += label(l.x[t], top + 29.5, n.note, "note", "middle");
  content += n.shares.empty() ? value_mark(n, l, left + 8, top + 37.5, width - 16)
                              : class_bar(n, left + 6, top + 34.5, width - 12);
  if (!n.way.empty()) content += label(l.x[t], top - 7, shown(n.way), "way", "middle");
  return content;
}

/// Which colour is which class.
Markup key(const TreePicture& p, double& right) {
  Markup content;
  double x = kMargin;
  for (size_t k = 0; k < p.classes.size() && k < kColours; ++k) {
    const std::string name = shorten(p.classes[k], 20);
    content += rect(x, 47, 9, 9, colour(k).c_str()) + label(x + 13, 55.5, name, "key");
    x += 13 + text_width(name, 6.8) + 16;
  }
  right = x;
  return content;
}

bool any_pruned(const TreePicture& p) {
  return std::any_of(p.nodes.begin(), p.nodes.end(), [](const Node& n) { return n.pruned; });
}

}  // namespace

std::string tree_picture(const TreePicture& p) {
  Layout l = lay_out(p);
  double right = 0;
  Markup content = key(p, right);
  const double head = 2 * kMargin + std::max(text_width(p.title, 8.4), text_width(p.subtitle, 6.6));
  const double width = std::max({l.width, right + kMargin, head});
  for (double& x : l.x) x += (width - l.width) / 2;
  content += label(kMargin, 24, p.title, "title") + label(kMargin, 41, p.subtitle, "caption");
  for (const bool pruned : {true, false})  // what is left stands in front
    for (size_t t = 0; t < p.nodes.size(); ++t)
      for (const int child : {p.nodes[t].left, p.nodes[t].right})
        if (child >= 0 && p.nodes[static_cast<size_t>(child)].pruned == pruned)
          content += link(p, l, t, static_cast<size_t>(child));
  for (size_t t = 0; t < p.nodes.size(); ++t)
    content += p.nodes[t].pruned ? circle(l.x[t], l.y[t], kDot, "gone-dot") : box(p, l, t);
  int boxes = 0;
  for (const Node& n : p.nodes) boxes += !n.pruned;
  return svg_file(width, l.height,
                  {p.title, "A decision tree, " + std::to_string(boxes) + " nodes shown, the root asks about " +
                                p.nodes[0].text + (any_pruned(p) ? "; pruned branches in grey. " : ". ") + p.subtitle},
                  content, kStyle);
}

namespace {

std::string quoted_dot(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

/// Two lines of a label: `\n` is dot's own escape.
std::string two_lines(const std::string& a, const std::string& b) {
  std::string first = quoted_dot(a), second = quoted_dot(b);
  if (b.empty()) return first;
  first.pop_back();
  return first + "\\n" + second.substr(1);
}

}  // namespace

std::string tree_dot(const TreePicture& p) {
  std::string out = "digraph tree {\n  label=" + two_lines(p.title, p.subtitle) +
                    "; labelloc=t;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
                    "  edge [fontname=\"sans-serif\", fontsize=11];\n";
  for (size_t t = 0; t < p.nodes.size(); ++t) {
    const Node& n = p.nodes[t];
    const std::string name = std::to_string(t), grey = n.pruned ? ", color=gray, fontcolor=gray" : "";
    out += "  n" + name + " [label=" + two_lines(n.text, n.note) + (leaf(n) ? ", style=bold" : "") + grey + "];\n";
    for (const int child : {n.left, n.right}) {
      if (child < 0) continue;
      const Node& to = p.nodes[static_cast<size_t>(child)];
      out += "  n" + name + " -> n" + std::to_string(child) + " [label=" + quoted_dot(to.way) +
             (to.pruned ? ", style=dashed, color=gray, fontcolor=gray" : "") + "];\n";
    }
  }
  return out + "}\n";
}

}  // namespace assay::report
