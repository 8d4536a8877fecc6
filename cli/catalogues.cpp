#include "cli/catalogues.h"

#include <algorithm>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/catalogue.h"
#include "assay/imgproc/catalogue.h"
#include "assay/ml/catalogue.h"
#include "cli/detectors.h"

namespace assay::cli {
namespace {

std::vector<std::string> learner_traits(const Traits& t) {
  std::vector<std::string> s;
  s.push_back(t.classification && t.regression ? "classification and regression"
              : t.classification               ? "classification"
                                               : "regression");
  if (t.needs_scaling) s.emplace_back("columns are standardised first (--scale)");
  s.emplace_back(t.accepts_missing ? "accepts missing values" : "missing values are imputed first");
  s.emplace_back(t.accepts_categories ? "accepts text columns" : "text columns are encoded first");
  if (t.accepts_sparse) s.emplace_back("accepts sparse tables");
  s.emplace_back(t.weights == Weights::none ? "takes no sample weights" : "takes sample weights");
  if (t.quadratic) s.emplace_back("time or memory grows with the square of the rows");
  return s;
}

// What clusterers and reducers ask of a table.
std::vector<std::string> table_traits(const Traits& t) {
  std::vector<std::string> s{"columns are not scaled unless asked (--scale)"};
  s.emplace_back(t.accepts_missing ? "accepts missing values" : "missing values are imputed first");
  s.emplace_back(t.accepts_categories ? "accepts text columns" : "text columns become columns of 0 and 1 first");
  if (t.accepts_sparse) s.emplace_back("accepts sparse tables");
  s.emplace_back(t.weights == Weights::none ? "takes no sample weights" : "takes sample weights");
  if (t.transductive) s.emplace_back("groups the rows it is given and places no new ones");
  if (t.quadratic) s.emplace_back("time or memory grows with the square of the rows");
  return s;
}

std::vector<std::string> image_traits(const ImageTraits& t) {
  std::string depths, channels;
  for (const auto& [bit, word] : {std::pair{kU8, "8 bit"}, std::pair{kU16, "16 bit"}, std::pair{kF32, "float"}})
    if (t.depths & bit) depths += (depths.empty() ? "" : ", ") + std::string(word);
  for (const auto& [bit, word] :
       {std::pair{kGrey, "grey"}, std::pair{kColour, "colour"}, std::pair{kColourAlpha, "colour with alpha"}})
    if (t.channels & bit) channels += (channels.empty() ? "" : ", ") + std::string(word);
  return {depths, channels};
}

template <class Entry>
Algorithm algorithm(const char* kind, const Entry& entry) {
  Algorithm a;
  a.kind = kind;
  a.name = entry.info->name;
  a.title = entry.info->title;
  a.reference = entry.info->reference;
  for (const char* alias : entry.info->aliases) a.aliases.emplace_back(alias);
  a.params = entry.params();
  return a;
}

}  // namespace

std::vector<Algorithm> algorithms(const std::string& kind) {
  std::vector<Algorithm> all;
  if (kind.empty() || kind == "learner")
    for (const Learner& l : learners()) {
      all.push_back(algorithm("learner", l));
      all.back().traits = learner_traits(l.traits());
      all.back().example = "fit " + all.back().name + (l.traits().classification ? " @iris" : " @diabetes");
    }
  if (kind.empty() || kind == "clusterer")
    for (const Clusterer& c : clusterers()) {
      all.push_back(algorithm("clusterer", c));
      all.back().traits = table_traits(c.traits());
      all.back().example = "cluster " + all.back().name + " @iris --truth species";
    }
  if (kind.empty() || kind == "reducer")
    for (const Reducer& r : reducers()) {
      all.push_back(algorithm("reducer", r));
      all.back().traits = table_traits(r.traits());
      all.back().example = "reduce " + all.back().name + " @iris --truth species";
    }
  if (kind.empty() || kind == "image")
    for (const ImageOp& op : image_ops()) {
      all.push_back(algorithm("image", op));
      all.back().traits = image_traits(op.traits());
      all.back().example = "image " + all.back().name + " @camera out.png";
    }
  if (kind.empty() || kind == "feature")
    for (const Feature& f : features()) {
      all.push_back(algorithm("feature", f));
      all.back().example = "features " + all.back().name + " @camera --draw out.png";
    }
  if (kind.empty() || kind == "detector")
    for (const Detector& d : detectors()) {
      all.push_back(algorithm("detector", d));
      all.back().traits = {d.takes_edges ? "looks at edges: a picture goes through --edges first"
                                         : "looks at the picture itself"};
      all.back().example = d.example.empty() ? "detect " + all.back().name + " @camera --draw out.png" : d.example;
    }
  return all;
}

Algorithm find_algorithm(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string name = kebab(colon == std::string::npos ? text : text.substr(colon + 1));
  std::vector<Algorithm> all = algorithms(kind);
  if (all.empty())
    throw UsageError("unknown kind " + quoted(kind), "kinds: learner, clusterer, reducer, image, feature, detector");
  std::vector<std::string> names, found_kinds;
  const Algorithm* found = nullptr;
  for (const Algorithm& a : all) {
    const bool is = a.name == name || std::find(a.aliases.begin(), a.aliases.end(), name) != a.aliases.end();
    names.push_back(a.name);
    names.insert(names.end(), a.aliases.begin(), a.aliases.end());
    if (!is) continue;
    if (!found) found = &a;
    found_kinds.push_back(a.kind + ":" + a.name);
  }
  if (!found)
    throw UsageError("unknown algorithm " + quoted(text) + did_you_mean(name, names), "`assay list` names them all");
  if (found_kinds.size() > 1) throw UsageError(quoted(text) + " is the name of several: " + join(found_kinds, ", "));
  return std::move(all[static_cast<size_t>(found - all.data())]);
}

}  // namespace assay::cli
