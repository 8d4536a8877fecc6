// ml/data/generate.h: data sets made by rule, for study and for benchmarks: each is a struct of parameters and a function.
//
// Same parameters and same context: the same bytes, on every machine with the same mathematical library.
// See [Breiman1984] sec. 2.6.2 (waveform), [Breiman1996] (twonorm, threenorm, ringnorm), [Guyon2003] (classification)
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "assay/core/context.h"
#include "assay/core/params.h"
#include "assay/ml/data/table.h"

namespace assay {

/// Two half circles that hook into each other: (cos t, sin t) and (1 - cos t, 1/2 - sin t), t evenly in [0, pi].
struct MoonsParams {
  int rows = 500;
  double noise = 0.1;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("noise", p.noise, non_negative, "standard deviation of what is added to both coordinates");
  }
};
Dataset moons(const MoonsParams& params, const Context& ctx);

/// A circle of radius 1 around one of radius `factor`.
struct CirclesParams {
  int rows = 500;
  double noise = 0.05, factor = 0.5;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("noise", p.noise, non_negative, "standard deviation of what is added to both coordinates");
    field("factor", p.factor, Rule{0, 1, true, true}, "radius of the inner circle");
  }
};
Dataset circles(const CirclesParams& params, const Context& ctx);

/// Normal clouds around centres that are uniform in [-box, box]^d.
struct BlobsParams {
  int rows = 500, columns = 2, centers = 3;
  double sd = 1, box = 10;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("columns", p.columns, between(1, 1e6), "features d", {"features", "n-features"});
    field("centers", p.centers, between(1, 1e6), "clouds, each a class", {"classes"});
    field("sd", p.sd, positive, "standard deviation of a cloud", {"cluster-std"});
    field("box", p.box, positive, "centres are uniform in [-box, box]^d");
  }
};
Dataset blobs(const BlobsParams& params, const Context& ctx);

/// Clusters of correlated normals on the corners of a hypercube of side 2 separation, with redundant features (linear
/// combinations of the informative ones), useless ones, and labels drawn anew for a share of the rows. [Guyon2003]
struct ClassificationParams {
  int rows = 500, columns = 20, informative = 5, redundant = 5, classes = 2, clusters = 2;
  double separation = 1, flip = 0.01;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("columns", p.columns, between(1, 1e6), "features d", {"features", "n-features"});
    field("informative", p.informative, between(1, 1e5), "features that place the clusters", {"n-informative"});
    field("redundant", p.redundant, between(0, 1e5), "features that are combinations of the informative",
          {"n-redundant"});
    field("classes", p.classes, between(1, 1e5), "classes", {"n-classes"});
    field("clusters", p.clusters, between(1, 1e5), "clusters of each class", {"n-clusters-per-class"});
    field("separation", p.separation, positive, "half the side of the hypercube", {"class-sep"});
    field("flip", p.flip, unit_interval, "share of the rows whose label is drawn anew", {"flip-y"});
  }
  static std::optional<std::string> check(const ClassificationParams& p);
};
Dataset classification(const ClassificationParams& params, const Context& ctx);

/// y = X w + noise, X standard normal, w uniform in [0, 100) for the informative features and 0 for the others.
struct RegressionParams {
  int rows = 500, columns = 10, informative = 5;
  double noise = 10, bias = 0;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("columns", p.columns, between(1, 1e6), "features d", {"features", "n-features"});
    field("informative", p.informative, between(0, 1e6), "features with a coefficient", {"n-informative"});
    field("noise", p.noise, non_negative, "standard deviation of what is added to y");
    field("bias", p.bias, any_number, "intercept");
  }
  static std::optional<std::string> check(const RegressionParams& p);
};
Dataset regression(const RegressionParams& params, const Context& ctx);

struct NormParams {
  int rows = 500, columns = 20;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("columns", p.columns, between(1, 1e6), "features d; the paper has 20", {"features", "n-features"});
  }
};
/// N(a e, I) against N(-a e, I), a = 2 / sqrt(d). The best possible rule errs in Phi(-2) = 2.3 %. [Breiman1996]
Dataset twonorm(const NormParams& params, const Context& ctx);
/// N(a e, I) or N(-a e, I) against N(a (1,-1,1,...), I), a = 2 / sqrt(d). Best possible: 10.5 % at d = 20. [Breiman1996]
Dataset threenorm(const NormParams& params, const Context& ctx);
/// N(0, 4 I) against N(a e, I), a = 2 / sqrt(d). Best possible: 1.3 % at d = 20. [Breiman1996]
Dataset ringnorm(const NormParams& params, const Context& ctx);

/// Three classes, each a random convex combination of two of three triangular waves at 21 points, plus standard normal
/// noise; optionally columns of noise alone. Best possible: 14 %. [Breiman1984]
struct WaveformParams {
  int rows = 500, noise_columns = 0;
  static void fields(auto& p, auto&& field) {
    field("rows", p.rows, between(1, 1e8), "samples", {"n", "n-samples"});
    field("noise-columns", p.noise_columns, between(0, 1e6), "columns of noise alone; the book's second form has 19");
  }
};
Dataset waveform(const WaveformParams& params, const Context& ctx);

/// One line of the list of generators.
struct Generator {
  const char* name;
  const char* title;
  std::unique_ptr<AnyParams> (*params)();
  Dataset (*make)(const AnyParams& params, const Context& ctx);  ///< parameters of its own type
};
std::span<const Generator> generators();
/// UsageError with a did-you-mean.
const Generator& find_generator(std::string_view name);

/// Features, then the target as the last column.
Table table_of(const Dataset& data, const std::string& name);

}  // namespace assay
