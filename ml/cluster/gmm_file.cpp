// ml/cluster/gmm_file.cpp: a mixture in words, and its model file.
#include <cmath>

#include "assay/core/text.h"
#include "assay/ml/cluster/gmm.h"

namespace assay {
namespace {

const char* word(Covariance covariance) {
  for (const auto& item : covariance_names.items)
    if (item.second == covariance) return item.first;
  return "";
}

bool is_diagonal(Covariance c) { return c == Covariance::diagonal || c == Covariance::spherical; }

double deviation(const GmmModel& m, int k, Index f) {
  if (is_diagonal(m.covariance)) return std::sqrt(m.covariances[0](k, f));
  return std::sqrt(m.covariances[m.covariance == Covariance::tied ? 0 : static_cast<size_t>(k)](f, f));
}

}  // namespace

Explanation GmmModel::explain(const std::vector<Column>& columns) const {
  Explanation e;
  e.sentences.push_back(
      "A density of " + std::to_string(clusters) + " Gaussians (" + word(covariance) +
      " covariance); a row belongs to each by its share of the density there, and is labelled with the "
      "largest share.");
  Explanation::Table shares{"shares of the components", {"cluster", "share"}, {}};
  for (int k = 0; k < clusters; ++k) shares.rows.push_back({static_cast<double>(k), pi[k]});
  e.tables.push_back(std::move(shares));
  Explanation::Table means{"mean and standard deviation of each component", {"column"}, {}};
  for (int k = 0; k < clusters; ++k)
    means.header.insert(means.header.end(), {"mean " + std::to_string(k), "sd " + std::to_string(k)});
  for (size_t f = 0; f < columns.size(); ++f) {
    means.rows.push_back({columns[f].name});
    for (int k = 0; k < clusters; ++k) {
      means.rows.back().emplace_back(centers(k, static_cast<Index>(f)));
      means.rows.back().emplace_back(deviation(*this, k, static_cast<Index>(f)));
    }
  }
  e.tables.push_back(std::move(means));
  return e;
}

void GmmModel::save(ArchiveWriter& out) const {
  out.text("covariance", word(covariance));
  out.integer("clusters", clusters);
  out.vector("pi", pi);
  out.matrix("means", centers);
  for (const Matrix& S : covariances) out.append("covariances").matrix("S", S);
}

GmmModel GmmModel::load(const ArchiveReader& in, const std::vector<Column>& columns) {
  GmmModel model;
  const std::string name = in.text("covariance");
  bool known = false;
  for (const auto& item : covariance_names.items)
    if (name == item.first) model.covariance = item.second, known = true;
  if (!known) in.fail("covariance: unknown word " + quoted(name));
  const Index d = static_cast<Index>(columns.size());
  model.clusters = static_cast<int>(in.integer("clusters", 1, 1 << 30));
  model.pi = in.vector("pi", model.clusters);
  if (!(model.pi.minCoeff() > 0) || std::abs(model.pi.sum() - 1) > 1e-9)
    in.fail("pi: positive shares that add up to 1 expected");
  model.centers = in.matrix("means", model.clusters, d);
  const bool diagonal = is_diagonal(model.covariance);
  for (const ArchiveReader& one : in.objects("covariances"))
    model.covariances.push_back(one.matrix("S", diagonal ? model.clusters : d, d));
  if (model.covariances.size() != (model.covariance == Covariance::full ? static_cast<size_t>(model.clusters) : 1u))
    in.fail("covariances: wrong number of matrices");
  if (diagonal && !(model.covariances[0].minCoeff() > 0)) in.fail("covariances: a variance is not positive");
  for (const Matrix& S : model.covariances)
    if (!diagonal && S != S.transpose()) in.fail("covariances: a matrix is not symmetric");
  int component = 0;
  if (!mixture::densities({model.covariance, model.pi, model.centers, model.covariances}, &component))
    in.fail("covariances: that of component " + std::to_string(component) + " is not positive definite");
  return model;
}

}  // namespace assay
