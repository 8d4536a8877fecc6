// ml/ensemble/packed_tree_file.cpp: a packed tree in a model file. What is read is hostile until checked: the walk must
// end for every row, so children come after their parent and each node but the root has one parent.
#include <algorithm>
#include <cmath>
#include <limits>

#include "assay/ml/ensemble/packed_tree.h"

namespace assay::ensemble {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void require(const ArchiveReader& in, bool condition, size_t node, const char* rule) {
  if (!condition) in.fail("node " + std::to_string(node) + ": " + rule);
}

template <class T>
std::vector<T> sized(const ArchiveReader& in, const char* name, std::vector<T> values, size_t size) {
  if (values.size() != size)
    in.fail(std::string(name) + " has " + std::to_string(values.size()) + " entries, " + std::to_string(size) +
            " expected");
  return values;
}

void check_links(const ArchiveReader& in, const PackedTree& tree) {
  const size_t size = tree.nodes.size();
  std::vector<bool> reached(size, false);
  reached[0] = true;
  for (size_t i = 0; i < size; ++i) {
    require(in, reached[i], i, "no node leads to it");
    if (tree.leaf(static_cast<int>(i))) continue;
    const size_t child = tree.nodes[i].child;
    require(in, child > i && child + 1 < size, i, "its children must come after it");
    require(in, !reached[child] && !reached[child + 1], child, "two nodes lead to it");
    reached[child] = reached[child + 1] = true;
  }
}

void check_values(const ArchiveReader& in, const PackedTree& tree, int K) {
  const size_t width = static_cast<size_t>(std::max(K, 1));
  if (tree.values.size() % width != 0) in.fail("values must be whole rows of class shares");
  const int known = K + static_cast<int>(tree.values.size() / width);
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    require(in, tree.cover[i] > 0, i, "cover must be positive");
    require(in, tree.answer[i] < known, i, "its answer is not in the file");
  }
  if (K == 0) return;
  for (size_t j = 0; j < tree.values.size() / width; ++j) {
    double sum = 0;
    for (size_t k = 0; k < width; ++k) {
      const double share = tree.values[j * width + k];
      if (!(share >= 0 && share <= 1)) in.fail("a class share must be in [0, 1]");
      sum += share;
    }
    if (!(std::abs(sum - 1) <= 1e-6)) in.fail("class shares must sum to 1");
  }
}

void check_sets(const ArchiveReader& in, const PackedTree& tree, const std::vector<Column>& columns) {
  if (tree.set_begin.empty() || tree.set_begin.front() != 0 ||
      tree.set_begin.back() != static_cast<int>(tree.level.size()) ||
      !std::is_sorted(tree.set_begin.begin(), tree.set_begin.end()))
    in.fail("set-begin must rise from 0 to the number of levels");
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const PackedNode& node = tree.nodes[i];
    if (tree.leaf(static_cast<int>(i)) || !columns[node.feature].categorical()) continue;
    const double set = node.threshold;
    require(in, set >= 0 && set < static_cast<double>(tree.set_begin.size() - 1) && set == std::floor(set), i,
            "its set of levels is not in the file");
    const int levels = static_cast<int>(columns[node.feature].levels.size());
    const int begin = tree.set_begin[static_cast<size_t>(set)], end = tree.set_begin[static_cast<size_t>(set) + 1];
    for (int j = begin; j < end; ++j) {
      require(in, tree.level[static_cast<size_t>(j)] < levels, i, "a level its column does not have");
      require(in, j == begin || tree.level[static_cast<size_t>(j)] > tree.level[static_cast<size_t>(j) - 1], i,
              "levels must ascend");
    }
  }
}

}  // namespace

void save_tree(const PackedTree& tree, ArchiveWriter out) {
  std::vector<int> feature, child, default_left;
  std::vector<double> threshold;
  for (int i = 0; i < tree.size(); ++i) {
    const PackedNode& node = tree.nodes[static_cast<size_t>(i)];
    const bool leaf = tree.leaf(i);
    feature.push_back(leaf ? -1 : static_cast<int>(node.feature));
    threshold.push_back(leaf ? 0 : node.threshold);
    child.push_back(leaf ? -1 : static_cast<int>(node.child));
    default_left.push_back(leaf ? 0 : static_cast<int>(node.default_left));
  }
  out.integers("feature", feature);
  out.numbers("threshold", threshold);
  out.integers("child", child);
  out.integers("default-left", default_left);
  out.integers("answer", tree.answer);
  out.numbers("cover", tree.cover);
  out.numbers("values", tree.values);
  out.integers("set-begin", tree.set_begin);
  out.integers("level", tree.level);
}

PackedTree load_tree(const ArchiveReader& in, const std::vector<Column>& columns, int K) {
  constexpr int kMost = std::numeric_limits<int>::max();
  PackedTree tree;
  const std::vector<int> feature = in.integers("feature", -1, static_cast<int>(columns.size()) - 1);
  const size_t size = feature.size();
  if (size == 0) in.fail("a tree has at least one node");
  const std::vector<double> threshold = sized(in, "threshold", in.numbers("threshold"), size);
  const std::vector<int> child = sized(in, "child", in.integers("child", -1, static_cast<int>(size) - 1), size);
  const std::vector<int> default_left = sized(in, "default-left", in.integers("default-left", 0, 1), size);
  tree.answer = sized(in, "answer", in.integers("answer", -1, kMost), size);
  tree.cover = sized(in, "cover", in.numbers("cover"), size);
  tree.values = in.numbers("values");
  tree.set_begin = in.integers("set-begin", 0, kMost);
  tree.level = in.integers("level", 0, kMost);
  tree.nodes.resize(size);
  for (size_t i = 0; i < size; ++i) {
    PackedNode& node = tree.nodes[i];
    const bool leaf = feature[i] < 0;
    require(in, leaf == (tree.answer[i] >= 0) && leaf == (child[i] < 0), i, "a leaf has an answer and no children");
    node.threshold = leaf ? kInfinity : threshold[i];
    node.child = leaf ? static_cast<uint32_t>(i) : static_cast<uint32_t>(child[i]);
    node.feature = leaf ? 0u : static_cast<uint32_t>(feature[i]) & 0x7fffffffu;
    node.default_left = leaf || default_left[i] ? 1 : 0;
  }
  check_links(in, tree);
  check_values(in, tree, K);
  check_sets(in, tree, columns);
  return tree;
}

}  // namespace assay::ensemble
