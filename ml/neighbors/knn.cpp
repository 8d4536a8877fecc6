// ml/neighbors/knn.cpp
// Method     fit: 1 check   2 keep the table   3 build the search   predict: 1 the k nearest   2 vote or mean (1)
// Departures from the paper: none; equal distances and equal votes are decided as knn.h says, not at random. 1 / distance
//            is computed relative to the nearest neighbour, d_1 / d_i, which changes no share and cannot overflow.
#include "assay/ml/neighbors/knn.h"

#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/data/sparse_file.h"
#include "assay/ml/neighbors/distance.h"
#include "assay/ml/neighbors/search.h"

namespace assay {
namespace {

struct NeighborsStep {
  static constexpr const char* kind = "neighbors";
  static constexpr const char* title = "let the k nearest training rows answer (1)";
  static constexpr const char* source = "ml/neighbors/knn.cpp:answer";
  Index query;
  std::vector<double> rows, distances, labels, answer;
  bool classes;
  std::string why;
  static void fields(const NeighborsStep& s, auto&& field) {
    field("q", static_cast<long long>(s.query + 1), "number of the row that is predicted");
    field("i", s.rows, "numbers of the nearest training rows, nearest first");
    field("d(q, x_i)", s.distances, "their distances");
    field("y_i", s.labels, s.classes ? "their class codes" : "their values");
    field("answer", s.answer, s.classes ? "share of the votes of each class" : "their (weighted) mean");
  }
};

neighbors::Measure measure_of(const KnnParams& params) { return {params.distance, params.p}; }

const char* search_name(const KnnModel& model) {
  return model.found_by == Algorithm::kd_tree ? "kd-tree" : "brute force";
}

template <class E, size_t N>
const char* word_of(const EnumNames<E, N>& names, E value) {
  for (const auto& item : names.items)
    if (item.second == value) return item.first;
  return "";
}

template <class E, size_t N>
E read_word(const ArchiveReader& in, const char* name, const EnumNames<E, N>& names) {
  const std::string word = in.text(name);
  for (const auto& item : names.items)
    if (word == item.first) return item.second;
  in.fail(std::string(name) + ": unknown word " + quoted(word));
}

}  // namespace

KnnModel Knn::fit(const Params& params, const Samples& samples, const Target& target, const Context&) {
  check_fit_input(samples, target, info.traits.min_classes);
  if (samples.weight.size())
    throw DataError("knn cannot use weights of rows", "leave out --weights and --class-weight, or repeat rows instead");
  if (params.neighbors > samples.n())
    throw ParameterError("parameter 'neighbors' is " + std::to_string(params.neighbors) + " but there are only " +
                         std::to_string(samples.n()) + " training rows");
  check_finite(samples);
  KnnModel model;
  model.params = params;
  model.task = target.task();
  model.K = target.K();
  if (const Csr* sparse = std::get_if<Csr>(&samples.X)) {
    if (params.algorithm == Algorithm::kd_tree)
      throw ParameterError("algorithm=kd-tree needs a dense table; brute takes sparse ones");
    model.X = std::make_shared<const Csr>(*sparse);
  } else {
    model.X = std::make_shared<const Matrix>(samples.rows());
  }
  model.code = target.code;
  model.value = target.value;
  model.make_search();
  model.report.more = {{"stored_rows", static_cast<double>(samples.n())}};
  return model;
}

void KnnModel::make_search() {
  const bool cosine = params.distance == Distance::cosine;
  if (const auto* sparse = std::get_if<std::shared_ptr<const Csr>>(&X)) {
    found_by = Algorithm::brute;
    sparse_search = std::make_shared<const neighbors::SparseSearch>(
        cosine ? std::make_shared<const Csr>(neighbors::directions(**sparse)) : *sparse, measure_of(params));
  } else {
    const auto& dense_rows = std::get<std::shared_ptr<const Matrix>>(X);
    found_by = params.algorithm;
    search = neighbors::chosen_search(
        cosine ? std::make_shared<const Matrix>(neighbors::directions(*dense_rows)) : dense_rows, measure_of(params),
        params.neighbors, found_by);
  }
  report.note = std::string("neighbours are found by ") + search_name(*this);
}

Index KnnModel::rows() const {
  const auto* sparse = std::get_if<std::shared_ptr<const Csr>>(&X);
  return sparse ? (*sparse)->rows : std::get<std::shared_ptr<const Matrix>>(X)->rows();
}

// Queries take the layout of the training rows.
std::vector<neighbors::Neighbor> KnnModel::nearest(const Samples& samples, const Context& ctx) const {
  const bool cosine = params.distance == Distance::cosine;
  const Csr* sparse = std::get_if<Csr>(&samples.X);
  if (sparse_search) {
    const Csr made = sparse ? Csr() : entries_of(samples.rows());
    const Csr& queries = sparse ? *sparse : made;
    return neighbors::all_nearest(*sparse_search, cosine ? neighbors::directions(queries) : queries, params.neighbors,
                                  ctx);
  }
  const Matrix made = sparse ? dense(*sparse) : Matrix();
  const Matrix& queries = sparse ? made : samples.rows();
  return neighbors::all_nearest(*search, cosine ? neighbors::directions(queries) : queries, params.neighbors, ctx);
}

double KnnModel::distance_of(const neighbors::Neighbor& neighbor) const {
  return neighbors::from_reduced(measure_of(params), neighbor.distance);
}

void KnnModel::answer(const neighbors::Neighbor* nearest, double* out) const {
  const int k = params.neighbors;
  const double first = distance_of(nearest[0]);
  const auto counts = [&](int i) {
    if (params.weighting == Weighting::uniform) return 1.0;
    const double distance = distance_of(nearest[i]);
    if (distance == first) return 1.0;  // also where both are 0
    return first / distance;
  };
  double total = 0, sum = 0;
  if (task == Task::classification) std::fill_n(out, K, 0.0);
  for (int i = 0; i < k; ++i) {
    const double w = counts(i);
    total += w;
    if (task == Task::classification)
      out[code[static_cast<size_t>(nearest[i].row)]] += w;
    else
      sum += w * value[nearest[i].row];
  }
  if (task == Task::regression)
    out[0] = sum / total;
  else
    for (int c = 0; c < K; ++c) out[c] /= total;
}

Matrix KnnModel::answers(const Samples& samples, const Context& ctx) const {
  check_finite(samples);
  const int k = params.neighbors;
  const std::vector<neighbors::Neighbor> found = nearest(samples, ctx);
  Matrix out(samples.n(), task == Task::classification ? K : 1);
  for (Index i = 0; i < samples.n(); ++i) {
    const neighbors::Neighbor* mine = found.data() + i * k;
    answer(mine, out.row(i).data());
    ctx.trace.step([&] {
      NeighborsStep step{i, {}, {}, {}, {}, task == Task::classification, ""};
      for (int j = 0; j < k; ++j) {
        step.rows.push_back(mine[j].row + 1);
        step.distances.push_back(distance_of(mine[j]));
        step.labels.push_back(task == Task::classification ? code[static_cast<size_t>(mine[j].row)]
                                                           : value[mine[j].row]);
      }
      step.answer.assign(out.row(i).data(), out.row(i).data() + out.cols());
      if (mine[0].distance == 0) step.why = "the row itself, or its twin, is among the training rows";
      return step;
    });
  }
  return out;
}

Vector KnnModel::predict(const Samples& samples, const Context& ctx) const {
  const Matrix out = answers(samples, ctx);
  if (task == Task::regression) return out.col(0);
  Vector codes(out.rows());
  for (Index i = 0; i < out.rows(); ++i)  // the first of the greatest: the lowest class
    codes[i] = static_cast<double>(std::max_element(out.row(i).data(), out.row(i).data() + K) - out.row(i).data());
  return codes;
}

Matrix KnnModel::predict_proba(const Samples& samples, const Context& ctx) const { return answers(samples, ctx); }

Explanation KnnModel::explain(const std::vector<Column>&, const Target& target) const {
  Explanation e;
  e.sentences.push_back(
      "Keeps all " + std::to_string(rows()) + " training rows and learns nothing else. An answer is the " +
      (task == Task::classification ? "majority" : "mean") + " of the " + std::to_string(params.neighbors) +
      " nearest by " + word_of(distance_names, params.distance) + " distance" +
      (params.weighting == Weighting::distance ? ", each counting 1 / distance." : ", each counting the same."));
  e.sentences.push_back(std::string("They are found by ") + search_name(*this) + ".");
  if (task == Task::regression) return e;
  Explanation::Table table{"training rows of each class", {"class", "rows", "share"}, {}};
  for (int c = 0; c < K; ++c) {
    const double own = static_cast<double>(std::count(code.begin(), code.end(), c));
    table.rows.push_back({target.classes[static_cast<size_t>(c)], own, own / static_cast<double>(rows())});
  }
  e.tables.push_back(std::move(table));
  return e;
}

void KnnModel::save(ArchiveWriter& out) const {
  out.integer("neighbors", params.neighbors);
  out.text("weighting", word_of(weighting_names, params.weighting));
  out.text("distance", word_of(distance_names, params.distance));
  if (params.distance == Distance::minkowski) out.number("p", params.p);
  out.text("algorithm", word_of(algorithm_names, params.algorithm));
  if (const auto* sparse = std::get_if<std::shared_ptr<const Csr>>(&X))
    save_sparse(out.object("sparse"), **sparse);
  else
    out.matrix("X", *std::get<std::shared_ptr<const Matrix>>(X));
  if (task == Task::classification)
    out.integers("code", code);
  else
    out.vector("value", value);
}

KnnModel KnnModel::load(const ArchiveReader& in, const std::vector<Column>& columns, const Target& target) {
  KnnModel model;
  model.task = target.task();
  model.K = target.K();
  model.params.weighting = read_word(in, "weighting", weighting_names);
  model.params.distance = read_word(in, "distance", distance_names);
  if (model.params.distance == Distance::minkowski) model.params.p = in.number("p");
  if (!(model.params.p >= 1)) in.fail("p: must be >= 1");
  model.params.algorithm = read_word(in, "algorithm", algorithm_names);
  const auto d = static_cast<Index>(columns.size());
  if (in.has("sparse"))
    model.X = std::make_shared<const Csr>(load_sparse(in.object("sparse"), d));
  else
    model.X = std::make_shared<const Matrix>(in.matrix("X", -1, d));
  const Index n = model.rows();
  if (n == 0 || d == 0) in.fail("X: no training rows");
  model.params.neighbors = static_cast<int>(in.integer("neighbors", 1, n));
  if (model.task == Task::classification) {
    model.code = in.integers("code", 0, model.K - 1);
    if (static_cast<Index>(model.code.size()) != n) in.fail("code: one a training row expected");
  } else {
    model.value = in.vector("value", n);
  }
  model.make_search();
  model.report.more = {{"stored_rows", static_cast<double>(n)}};
  return model;
}

}  // namespace assay
