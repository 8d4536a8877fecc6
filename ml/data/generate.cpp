// Notation   as in the header; e = (1, ..., 1); every generator draws from ctx.rng() row by row, in a fixed order
// Departures from the papers: classes take turns instead of being drawn, so that they are balanced to one sample (waveform:
// the book draws them); the corners of the hypercube are distinct random ones; half circles are evenly spaced, as
// scikit-learn's, and the rows are shuffled.
#include "assay/ml/data/generate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Rows to be filled, with a class code or a value each.
struct Sheet {
  Sheet(int n, int d) : X(n, d), code(static_cast<size_t>(n)) {}
  Matrix X;
  std::vector<int> code;
  Vector value;
};

void shuffle_rows(Sheet& sheet, Rng& rng) {
  const std::vector<int> order = rng.permutation(static_cast<int>(sheet.X.rows()));
  Sheet mixed(static_cast<int>(sheet.X.rows()), static_cast<int>(sheet.X.cols()));
  for (size_t i = 0; i < order.size(); ++i) {
    mixed.X.row(static_cast<Index>(i)) = sheet.X.row(order[i]);
    mixed.code[i] = sheet.code[static_cast<size_t>(order[i])];
  }
  sheet = std::move(mixed);
}

void add_noise(Matrix& X, double sd, Rng& rng) {
  for (Index i = 0; i < X.size(); ++i) X.data()[i] += sd * rng.normal();
}

Dataset finish(const Sheet& sheet, std::vector<std::string> classes) {
  Dataset data;
  for (Index f = 0; f < sheet.X.cols(); ++f) data.samples.columns.push_back({"x" + std::to_string(f + 1), {}});
  data.samples.X = Columns(sheet.X);
  data.target.name = classes.empty() ? "y" : "class";
  if (classes.empty()) {
    data.target.value = sheet.value;
    data.task_note = "task: regression of 'y'";
    return data;
  }
  data.task_note = "task: classification, " + std::to_string(classes.size()) + " classes in 'class'";
  data.target.classes = std::move(classes);
  data.target.code = sheet.code;
  return data;
}

/// "0", "1", ... : ordered by value, as classes that are numbers are.
std::vector<std::string> numbered(int count) {
  std::vector<std::string> names;
  for (int k = 0; k < count; ++k) names.push_back(std::to_string(k));
  return names;
}

}  // namespace

Dataset moons(const MoonsParams& params, const Context& ctx) {
  Rng rng = ctx.rng();
  Sheet sheet(params.rows, 2);
  const int upper = (params.rows + 1) / 2, lower = params.rows - upper;
  for (int i = 0; i < params.rows; ++i) {
    const bool first = i < upper;
    const int k = first ? i : i - upper, of = first ? upper : lower;
    const double t = of > 1 ? kPi * k / (of - 1) : 0;
    sheet.X(i, 0) = first ? std::cos(t) : 1 - std::cos(t);
    sheet.X(i, 1) = first ? std::sin(t) : 0.5 - std::sin(t);
    sheet.code[static_cast<size_t>(i)] = first ? 0 : 1;
  }
  add_noise(sheet.X, params.noise, rng);
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(2));
}

Dataset circles(const CirclesParams& params, const Context& ctx) {
  Rng rng = ctx.rng();
  Sheet sheet(params.rows, 2);
  const int outer = (params.rows + 1) / 2, inner = params.rows - outer;
  for (int i = 0; i < params.rows; ++i) {
    const bool first = i < outer;
    const double t = 2 * kPi * (first ? i : i - outer) / (first ? outer : inner), radius = first ? 1 : params.factor;
    sheet.X(i, 0) = radius * std::cos(t);
    sheet.X(i, 1) = radius * std::sin(t);
    sheet.code[static_cast<size_t>(i)] = first ? 0 : 1;
  }
  add_noise(sheet.X, params.noise, rng);
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(2));
}

Dataset blobs(const BlobsParams& params, const Context& ctx) {
  Rng rng = ctx.rng();
  Matrix centers(params.centers, params.columns);
  for (Index i = 0; i < centers.size(); ++i) centers.data()[i] = rng.uniform(-params.box, params.box);
  Sheet sheet(params.rows, params.columns);
  for (int i = 0; i < params.rows; ++i) {
    const int k = i % params.centers;
    sheet.code[static_cast<size_t>(i)] = k;
    sheet.X.row(i) = centers.row(k);
  }
  add_noise(sheet.X, params.sd, rng);
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(params.centers));
}

// ---- classification

std::optional<std::string> ClassificationParams::check(const ClassificationParams& p) {
  if (static_cast<long long>(p.informative) + p.redundant > p.columns)
    return "informative + redundant must be at most columns, got " + std::to_string(p.informative) + " + " +
           std::to_string(p.redundant) + " of " + std::to_string(p.columns);
  const double corners = std::ldexp(1.0, std::min(p.informative, 60));
  if (static_cast<double>(p.classes) * p.clusters > corners)
    return "classes * clusters must be at most 2^informative = " + shortest(corners);
  return std::nullopt;
}

namespace {

/// Distinct corners of {-s, s}^m, one a row.
Matrix draw_corners(int count, int m, double s, Rng& rng) {
  Matrix corners(count, m);
  std::set<std::vector<bool>> taken;
  for (int c = 0; c < count;) {
    std::vector<bool> corner;
    for (int f = 0; f < m; ++f) corner.push_back(rng.below(2) == 1);
    if (!taken.insert(corner).second) continue;
    for (int f = 0; f < m; ++f) corners(c, f) = corner[static_cast<size_t>(f)] ? s : -s;
    ++c;
  }
  return corners;
}

Matrix draw_uniform(int rows, int columns, Rng& rng) {
  Matrix A(rows, columns);
  for (Index i = 0; i < A.size(); ++i) A.data()[i] = rng.uniform(-1, 1);
  return A;
}

/// y = x A, by plain sums: the same bits for every build of the library.
void times(const double* x, const Matrix& A, double* y) {
  for (Index f = 0; f < A.cols(); ++f) {
    y[f] = 0;
    for (Index k = 0; k < A.rows(); ++k) y[f] += x[k] * A(k, f);
  }
}

}  // namespace

Dataset classification(const ClassificationParams& params, const Context& ctx) {
  Rng rng = ctx.rng();
  const int m = params.informative, clusters = params.classes * params.clusters;
  const Matrix corners = draw_corners(clusters, m, params.separation, rng);
  std::vector<Matrix> mixing;  // each cluster has its own covariance A'A
  for (int c = 0; c < clusters; ++c) mixing.push_back(draw_uniform(m, m, rng));
  const Matrix combination = draw_uniform(m, params.redundant, rng);

  Sheet sheet(params.rows, params.columns);
  std::vector<double> z(static_cast<size_t>(m));
  for (int i = 0; i < params.rows; ++i) {
    const int c = i % clusters;
    double* x = sheet.X.row(i).data();
    for (double& value : z) value = rng.normal();
    times(z.data(), mixing[static_cast<size_t>(c)], x);
    for (int f = 0; f < m; ++f) x[f] += corners(c, f);
    times(x, combination, x + m);
    for (int f = m + params.redundant; f < params.columns; ++f) x[f] = rng.normal();
    const bool flipped = rng.uniform() < params.flip;
    const int fresh = static_cast<int>(rng.below(static_cast<uint64_t>(params.classes)));
    sheet.code[static_cast<size_t>(i)] = flipped ? fresh : c % params.classes;
  }
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(params.classes));
}

// ---- regression

std::optional<std::string> RegressionParams::check(const RegressionParams& p) {
  if (p.informative > p.columns)
    return "informative must be at most columns, got " + std::to_string(p.informative) + " of " +
           std::to_string(p.columns);
  return std::nullopt;
}

Dataset regression(const RegressionParams& params, const Context& ctx) {
  Rng rng = ctx.rng();
  std::vector<double> w(static_cast<size_t>(params.columns), 0.0);
  std::vector<int> places = rng.permutation(params.columns);
  for (int k = 0; k < params.informative; ++k)
    w[static_cast<size_t>(places[static_cast<size_t>(k)])] = rng.uniform(0, 100);
  Sheet sheet(params.rows, params.columns);
  sheet.value.resize(params.rows);
  for (int i = 0; i < params.rows; ++i) {
    double y = params.bias;
    for (int f = 0; f < params.columns; ++f) {
      sheet.X(i, f) = rng.normal();
      y += sheet.X(i, f) * w[static_cast<size_t>(f)];
    }
    sheet.value[i] = y + params.noise * rng.normal();
  }
  return finish(sheet, {});
}

// ---- Breiman's

namespace {

/// Classes 0 and 1 by turns; mean(code, f) and the standard deviation of each class.
template <class Mean>
Dataset two_normals(const NormParams& params, const Context& ctx, std::array<double, 2> sd, Mean mean) {
  Rng rng = ctx.rng();
  Sheet sheet(params.rows, params.columns);
  for (int i = 0; i < params.rows; ++i) {
    const int code = i % 2;
    sheet.code[static_cast<size_t>(i)] = code;
    const bool side = rng.below(2) == 1;
    for (int f = 0; f < params.columns; ++f)
      sheet.X(i, f) = mean(code, f, side) + sd[static_cast<size_t>(code)] * rng.normal();
  }
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(2));
}

}  // namespace

Dataset twonorm(const NormParams& params, const Context& ctx) {
  const double a = 2 / std::sqrt(static_cast<double>(params.columns));
  return two_normals(params, ctx, {1, 1}, [a](int code, int, bool) { return code == 0 ? a : -a; });
}

Dataset threenorm(const NormParams& params, const Context& ctx) {
  const double a = 2 / std::sqrt(static_cast<double>(params.columns));
  return two_normals(params, ctx, {1, 1},
                     [a](int code, int f, bool side) { return code == 0 ? (side ? a : -a) : (f % 2 == 0 ? a : -a); });
}

Dataset ringnorm(const NormParams& params, const Context& ctx) {
  const double a = 2 / std::sqrt(static_cast<double>(params.columns));
  return two_normals(params, ctx, {2, 1}, [a](int code, int, bool) { return code == 0 ? 0 : a; });
}

Dataset waveform(const WaveformParams& params, const Context& ctx) {
  constexpr int kPoints = 21;
  const auto triangle = [](int i, int peak) { return std::max(6.0 - std::abs(i - peak), 0.0); };
  constexpr std::array<int, 3> peak{11, 15, 7};                                // h1, h2, h3; i = 1..21
  constexpr std::array<std::array<int, 2>, 3> pair{{{0, 1}, {0, 2}, {1, 2}}};  // the waves of each class
  Rng rng = ctx.rng();
  Sheet sheet(params.rows, kPoints + params.noise_columns);
  for (int i = 0; i < params.rows; ++i) {
    const int code = i % 3;
    sheet.code[static_cast<size_t>(i)] = code;
    const double u = rng.uniform();
    const auto [first, second] = pair[static_cast<size_t>(code)];
    for (int f = 0; f < sheet.X.cols(); ++f) {
      const double wave = f >= kPoints ? 0
                                       : u * triangle(f + 1, peak[static_cast<size_t>(first)]) +
                                             (1 - u) * triangle(f + 1, peak[static_cast<size_t>(second)]);
      sheet.X(i, f) = wave + rng.normal();
    }
  }
  shuffle_rows(sheet, rng);
  return finish(sheet, numbered(3));
}

// ---- the list

namespace {

template <class P, Dataset (*make)(const P&, const Context&)>
constexpr Generator generator(const char* name, const char* title) {
  return {name, title, []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<P>>(); },
          [](const AnyParams& params, const Context& ctx) {
            const P& own = dynamic_cast<const ParamsOf<P>&>(params).value;
            check_params(own);
            return make(own, ctx);
          }};
}

constexpr std::array<Generator, 9> kGenerators{
    generator<MoonsParams, moons>("moons", "two half circles that hook into each other"),
    generator<CirclesParams, circles>("circles", "a circle around a circle"),
    generator<BlobsParams, blobs>("blobs", "normal clouds around random centres"),
    generator<ClassificationParams, classification>("classification",
                                                    "clusters on a hypercube, with redundant and useless columns"),
    generator<RegressionParams, regression>("regression", "a linear model with noise and useless columns"),
    generator<NormParams, twonorm>("twonorm", "two shifted normals in 20 dimensions; best possible error 2.3 %"),
    generator<NormParams, threenorm>("threenorm", "two normals against one between them; best possible error 10.5 %"),
    generator<NormParams, ringnorm>("ringnorm", "a narrow normal inside a wide one; best possible error 1.3 %"),
    generator<WaveformParams, waveform>("waveform", "mixtures of triangular waves; best possible error 14 %")};

}  // namespace

std::span<const Generator> generators() { return kGenerators; }

const Generator& find_generator(std::string_view name) {
  std::vector<std::string> names;
  for (const Generator& each : kGenerators) {
    if (kebab(name) == each.name) return each;
    names.emplace_back(each.name);
  }
  throw UsageError("unknown generator " + quoted(name) + did_you_mean(name, names), "generators: " + join(names, ", "));
}

Table table_of(const Dataset& data, const std::string& name) {
  Table table;
  table.name = name;
  table.columns = data.samples.columns;
  const Index n = data.samples.n(), d = data.samples.d();
  table.cells.resize(n, d + 1);
  table.cells.leftCols(d) = data.samples.cols();
  table.columns.push_back({data.target.name, data.target.classes});
  for (Index i = 0; i < n; ++i)
    table.cells(i, d) =
        data.target.task() == Task::regression ? data.target.value[i] : data.target.code[static_cast<size_t>(i)];
  return table;
}

}  // namespace assay
