#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "cli/report/figures/tidy_tree.h"
#include "cli/report/figures/tree.h"
#include "tests/cli/report/page_check.h"
#include "tests/support/catch.h"

using namespace assay::report;
using assay::test::count_of;

namespace {

std::vector<TidyNode> random_tree(int inner, std::mt19937& random) {
  std::uniform_real_distribution<double> width(1, 30);
  std::vector<TidyNode> nodes{{-1, -1, width(random)}};
  std::vector<int> leaves{0};
  for (int i = 0; i < inner; ++i) {
    const size_t at = std::uniform_int_distribution<size_t>(0, leaves.size() - 1)(random);
    const int parent = leaves[at], left = static_cast<int>(nodes.size());
    nodes[static_cast<size_t>(parent)].left = left;
    nodes[static_cast<size_t>(parent)].right = left + 1;
    nodes.push_back({-1, -1, width(random)});
    nodes.push_back({-1, -1, width(random)});
    leaves[at] = left;
    leaves.push_back(left + 1);
  }
  return nodes;
}

TreePicture two_questions() {
  TreePicture p;
  p.title = "a tree";
  p.classes = {"no", "yes"};
  p.nodes.resize(5);
  p.nodes[0] = {1, 2, "", "size", "10 rows", 1, {0.5, 0.5}, 0, false, false, 0};
  p.nodes[1] = {-1, -1, "<= 3", "no", "4 rows", 0.4, {1, 0}, 0, true, false, 0};
  p.nodes[2] = {3, 4, "> 3 or missing", "yes", "6 rows", 0.6, {0.2, 0.8}, 0, true, false, 0};
  p.nodes[3] = {-1, -1, "in {\"a\", <b>}", "no", "1 row", 0.1, {1, 0}, 0, true, true, 0};
  p.nodes[4] = {-1, -1, "not in {a}", "yes", "5 rows", 0.5, {0, 1}, 0, true, true, 0};
  return p;
}

}  // namespace

TEST_CASE("tidy tree: nodes of a row keep their distance, parents stand midway, and the least edge is at 0") {
  std::mt19937 random(3);
  for (int trial = 0; trial < 60; ++trial) {
    const std::vector<TidyNode> nodes = random_tree(trial * 2, random);
    const std::vector<double> x = tidy_tree(nodes, 5);
    const std::vector<int> level = tree_levels(nodes);
    std::map<int, std::vector<size_t>> rows;
    double least = INFINITY;
    for (size_t t = 0; t < nodes.size(); ++t) {
      rows[level[t]].push_back(t);
      least = std::min(least, x[t] - nodes[t].width / 2);
      if (nodes[t].left < 0) continue;
      const double l = x[static_cast<size_t>(nodes[t].left)], r = x[static_cast<size_t>(nodes[t].right)];
      REQUIRE(l < r);
      REQUIRE(x[t] == Approx((l + r) / 2).margin(1e-9));
    }
    REQUIRE(least == Approx(0).margin(1e-9));
    for (auto& [row, in_row] : rows) {
      std::sort(in_row.begin(), in_row.end(), [&](size_t a, size_t b) { return x[a] < x[b]; });
      for (size_t j = 1; j < in_row.size(); ++j) {
        const size_t a = in_row[j - 1], b = in_row[j];
        REQUIRE(x[b] - x[a] >= nodes[a].width / 2 + nodes[b].width / 2 + 5 - 1e-9);
      }
    }
  }
}

TEST_CASE("tidy tree: the mirrored tree is drawn as the mirrored picture, and equal branches alike") {
  std::mt19937 random(4);
  const std::vector<TidyNode> nodes = random_tree(40, random);
  std::vector<TidyNode> mirrored = nodes;
  for (TidyNode& n : mirrored) std::swap(n.left, n.right);
  const std::vector<double> x = tidy_tree(nodes, 3), z = tidy_tree(mirrored, 3);
  for (size_t t = 0; t < nodes.size(); ++t) REQUIRE(x[t] - x[0] == Approx(z[0] - z[t]).margin(1e-9));
  // The tree twice, under a new root: both halves have the same differences.
  std::vector<TidyNode> twice{{1, 2, 10}};
  const int n = static_cast<int>(nodes.size());
  for (int t = 0; t < n; ++t)
    for (int copy = 0; copy < 2; ++copy) {
      TidyNode node = nodes[static_cast<size_t>(t)];
      if (node.left >= 0) node.left = 1 + 2 * node.left + copy, node.right = 1 + 2 * node.right + copy;
      twice.push_back(node);
    }
  const std::vector<double> two = tidy_tree(twice, 3);
  for (size_t t = 0; t < nodes.size(); ++t) {
    REQUIRE(two[1 + 2 * t] - two[1] == Approx(x[t] - x[0]).margin(1e-9));
    REQUIRE(two[2 + 2 * t] - two[2] == Approx(x[t] - x[0]).margin(1e-9));
  }
}

TEST_CASE("tree picture: every box, way and class is there, text is escaped, pruned nodes are dots") {
  const std::string svg = tree_picture(two_questions());
  CHECK(svg.find("<svg") == 0);
  CHECK(count_of(svg, "class=\"leaf-box\"") == 2);
  CHECK(count_of(svg, "class=\"box\"") == 1);
  CHECK(count_of(svg, "class=\"gone-dot\"") == 2);
  CHECK(svg.find("\u2264 3") != std::string::npos);
  CHECK(svg.find("<b>") == std::string::npos);
  CHECK(svg.find("pruned branches in grey") != std::string::npos);
}

TEST_CASE("tree picture: a single leaf and a tree of values are drawn too") {
  TreePicture p;
  p.title = "one leaf";
  p.nodes.push_back({-1, -1, "", "3.5", "7 rows", 1, {}, 3.5, true, false, 0});
  CHECK(count_of(tree_picture(p), "class=\"knob\"") == 1);
  CHECK(tree_picture(p).find("nan") == std::string::npos);
}

TEST_CASE("tree dot: quotes are escaped, ways are labels, and pruned branches are dashed") {
  const std::string dot = tree_dot(two_questions());
  CHECK(dot.find("digraph tree {") == 0);
  CHECK(dot.find("n0 [label=\"size\\n10 rows\"]") != std::string::npos);
  CHECK(dot.find("n0 -> n1 [label=\"<= 3\"]") != std::string::npos);
  CHECK(dot.find("n2 -> n3 [label=\"in {\\\"a\\\", <b>}\", style=dashed") != std::string::npos);
  CHECK(count_of(dot, "->") == 4);
}
