// The smallest clusterer and reducer there can be: they keep every promise of the contract and are in no catalogue.
#pragma once
#include "assay/core/text.h"
#include "assay/ml/reducer.h"

namespace assay::test {

struct HalvesParams {
  double shift = 0;
  static void fields(auto& p, auto&& field) {
    field("shift", p.shift, between(-10, 10), "moves the border away from the mean");
  }
};

struct HalvesModel {
  FitReport report;
  std::vector<int> labels;
  int clusters = 2;
  Matrix centers;
  double border = 0;

  std::vector<int> predict(const Samples& x, const Context&) const {
    std::vector<int> said;
    for (Index i = 0; i < x.n(); ++i) said.push_back(x.rows()(i, 0) >= border ? 1 : 0);
    return said;
  }
  void save(ArchiveWriter& out) const {
    out.number("border", border);
    out.matrix("centers", centers);
  }
  static HalvesModel load(const ArchiveReader& in, const std::vector<Column>& columns) {
    HalvesModel m;
    m.border = in.number("border");
    m.centers = in.matrix("centers", 2, static_cast<Index>(columns.size()));
    return m;
  }
};

/// Splits the rows at the weighted mean of the first column.
struct Halves {
  using Params = HalvesParams;
  using Model = HalvesModel;
  static constexpr LearnerInfo info{
      "halves", "two halves at the mean of a column", "", {"two-halves"}, {.weights = Weights::exact}};
  static Model fit(const Params& params, const Samples& x, const Context& ctx) {
    check_fit_input(x);
    check_finite(x.rows(), x.columns);
    double total = 0, sum = 0;
    for (Index i = 0; i < x.n(); ++i) total += x.weight_of(i), sum += x.weight_of(i) * x.rows()(i, 0);
    Model m;
    m.border = sum / total + params.shift;
    m.labels = m.predict(x, ctx);
    m.centers = Matrix::Zero(2, x.d());
    m.centers(1, 0) = m.border;
    m.report.objective = m.border;
    return m;
  }
};

struct FirstColumnsParams {
  int components = 1;
  static void fields(auto& p, auto&& field) { field("components", p.components, at_least(1), "how many are kept"); }
};

struct FirstColumnsModel {
  FitReport report;
  int components = 1;
  Matrix transform(const Samples& x, const Context&) const { return x.rows().leftCols(components); }
  void save(ArchiveWriter& out) const { out.integer("components", components); }
  static FirstColumnsModel load(const ArchiveReader& in, const std::vector<Column>& columns) {
    FirstColumnsModel m;
    m.components = static_cast<int>(in.integer("components", 1, static_cast<long long>(columns.size())));
    return m;
  }
};

/// Keeps the first columns.
struct FirstColumns {
  using Params = FirstColumnsParams;
  using Model = FirstColumnsModel;
  static constexpr LearnerInfo info{"first-columns", "keeps the first columns of a table", "", {}, {}};
  static Model fit(const Params& params, const Samples& x, const Context&) {
    check_fit_input(x);
    check_finite(x.rows(), x.columns);
    if (params.components > x.d())
      throw DataError("components is " + std::to_string(params.components) + ", but the table has " +
                      std::to_string(x.d()) + " columns");
    Model m;
    m.components = params.components;
    return m;
  }
};

}  // namespace assay::test
