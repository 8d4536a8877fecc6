#include "assay/ml/svm/svm.h"

#include "assay/core/error.h"
#include "assay/ml/data/sparse.h"
#include "assay/ml/data/table.h"
#include "assay/ml/metrics/metrics.h"
#include "assay/ml/svm/libsvm_model.h"
#include "assay/ml/svm/probability.h"
#include "tests/support/catch.h"
#include "tests/support/golden.h"

using namespace assay;
using namespace assay::test;

namespace {

struct Sample {
  Samples x;
  Target y;
};

Sample bundled(const std::string& name) {
  const Dataset data = assign_roles(read_table(dataset_path("tables/" + name + ".csv")), {});
  Sample s{data.samples, data.target};
  s.x.X = Matrix(data.samples.cols());
  return s;
}

Sample rotated(Sample s, int first) {
  std::vector<int> order;
  for (int i = 0; i < s.x.n(); ++i) order.push_back((i + first) % static_cast<int>(s.x.n()));
  return {gather(s.x, order), gather(s.y, order)};
}

SvmParams params_of_fit(const nlohmann::json& fit) {
  SvmParams p;
  p.C = fit.at("C");
  for (const auto& item : kernel_names.items)
    if (fit.at("kernel") == item.first) p.kernel = item.second;
  p.gamma = fit.at("gamma").get<double>();
  p.degree = fit.at("degree");
  p.coef0 = fit.at("coef0");
  if (!fit.at("epsilon").is_null()) p.epsilon = fit.at("epsilon");
  p.tolerance = 1e-8;
  return p;
}

double more(const FitReport& report, const std::string& name) {
  for (const auto& item : report.more)
    if (item.first == name) return item.second;
  return -1;
}

Samples as_sparse(Samples s) {
  s.X = entries_of(s.rows());
  return s;
}

}  // namespace

TEST_CASE(
    "svm: objective, rho, vectors and decision values are those of LIBSVM's svm-train, on four kernels and both "
    "tasks") {
  for (const char* name : {"iris", "breast_cancer", "diabetes"}) {
    const auto file = golden(std::string("svm_") + name + ".json");
    const Sample data = rotated(bundled(name), file.value("first_row", 0));
    for (const auto& fit : file.at("fits")) {
      Sample s = data;
      const auto& weights = fit.at("class_weights");
      if (!weights.empty()) {
        s.x.weight = Vector::Ones(s.x.n());
        for (Index i = 0; i < s.x.n(); ++i)
          s.x.weight[i] = weights.at(std::to_string(s.y.code[static_cast<size_t>(i)] + 1)).get<double>();
      }
      const SvmModel m = Svm::fit(params_of_fit(fit), s.x, s.y, Context(0, 1));
      INFO(name << ": " << fit.at("call").get<std::string>());
      CHECK(m.report.converged);
      CHECK(m.report.objective == Approx(fit.at("objective").get<double>()).epsilon(1e-8));
      CHECK(std::abs(static_cast<double>(m.vectors()) - fit.at("vectors").get<double>()) <=
            0.01 * fit.at("vectors").get<double>());
      CHECK(std::abs(more(m.report, "bounded") - fit.at("bounded").get<double>()) <=
            0.01 * fit.at("bounded").get<double>());
      const std::vector<double> rho = fit.at("rho");
      REQUIRE(m.rho.size() == static_cast<Index>(rho.size()));
      for (size_t p = 0; p < rho.size(); ++p)
        CHECK(m.rho[static_cast<Index>(p)] == Approx(rho[p]).epsilon(1e-5).margin(1e-5));
      const Matrix values = m.machine_values(s.x, Context(0, 1));
      const auto& wanted = fit.at("decision");
      for (size_t i = 0; i < wanted.size(); ++i)
        for (size_t p = 0; p < rho.size(); ++p)
          CHECK(values(static_cast<Index>(7 * i), static_cast<Index>(p)) ==
                Approx(wanted[i][p].get<double>()).epsilon(1e-6).margin(1e-6));
      if (!fit.at("labels").is_null())
        for (size_t a = 0; a < m.order.size(); ++a)
          CHECK(std::to_string(m.order[a] + 1) == fit.at("labels")[a].get<std::string>());
    }
  }
}

TEST_CASE("svm: a sparse table gives the machine of the dense one, and is never made dense") {
  const Sample s = bundled("wine");
  for (const Kernel kind : {Kernel::linear, Kernel::rbf}) {
    SvmParams p;
    p.kernel = kind;
    p.gamma = 1e-4;
    p.tolerance = 1e-8;
    const Samples sparse = as_sparse(s.x);
    const SvmModel a = Svm::fit(p, s.x, s.y, Context(0, 1)), b = Svm::fit(p, sparse, s.y, Context(0, 1));
    CHECK(std::holds_alternative<Csr>(b.X));
    CHECK(b.report.objective == Approx(a.report.objective).epsilon(1e-8));
    const Matrix wanted = a.machine_values(s.x, Context(0, 1));
    for (const Samples* queries : {&s.x, &sparse}) {
      CHECK((b.machine_values(*queries, Context(0, 1)) - wanted).cwiseAbs().maxCoeff() < 1e-5);
      CHECK(b.predict(*queries, Context(0, 1)) == a.predict(s.x, Context(0, 1)));
    }
  }
}

TEST_CASE("svm: the class predicted is the argmax of the probabilities, which tell good rows from bad") {
  for (const char* name : {"iris", "breast_cancer"}) {
    const Sample s = bundled(name);
    SvmParams p;
    p.probability = true;
    const SvmModel m = Svm::fit(p, s.x, s.y, Context(3, 1));
    const Matrix P = m.predict_proba(s.x, Context(0, 1));
    const Vector y = m.predict(s.x, Context(0, 1));
    double loss = 0;
    for (Index i = 0; i < P.rows(); ++i) {
      Index best = 0;
      P.row(i).maxCoeff(&best);
      CHECK(y[i] == static_cast<double>(best));
      CHECK(P.row(i).sum() == Approx(1).epsilon(1e-12));
      loss -= std::log(P(i, s.y.code[static_cast<size_t>(i)])) / static_cast<double>(P.rows());
    }
    CHECK(loss < 0.25);
    CHECK((Svm::fit(p, s.x, s.y, Context(3, 7)).predict_proba(s.x, Context(0, 2)) - P).cwiseAbs().maxCoeff() == 0);
  }
}

TEST_CASE("svm: the sigmoid is that of the minimum of the cross entropy") {
  const auto wanted = golden("svm_iris.json").at("sigmoid");
  const svm::Sigmoid s = svm::fit_sigmoid(wanted.at("values"), wanted.at("labels"), {});
  CHECK(s.A == Approx(wanted.at("A").get<double>()).epsilon(1e-6));
  CHECK(s.B == Approx(wanted.at("B").get<double>()).epsilon(1e-6));
  std::vector<double> twice = wanted.at("values"), weight(200, 1.0);
  std::vector<int> label = wanted.at("labels");
  weight[7] = 2;
  const svm::Sigmoid weighted = svm::fit_sigmoid(twice, label, weight);
  twice.push_back(twice[7]);
  label.push_back(label[7]);
  CHECK(svm::fit_sigmoid(twice, label, {}).A == Approx(weighted.A).epsilon(1e-9));
}

TEST_CASE("svm: coupled probabilities solve their linear system, and are the truth where the pairs agree") {
  Rng rng(4);
  for (const Index k : {3, 4, 26}) {
    Matrix r(k, k), consistent(k, k);
    Vector truth(k);
    for (Index i = 0; i < k; ++i) truth[i] = 0.01 + rng.uniform();
    truth /= truth.sum();
    for (Index i = 0; i < k; ++i)
      for (Index j = i + 1; j < k; ++j) {
        r(i, j) = std::clamp(rng.uniform(), 1e-7, 1 - 1e-7);
        r(j, i) = 1 - r(i, j);
        consistent(i, j) = truth[i] / (truth[i] + truth[j]);
        consistent(j, i) = 1 - consistent(i, j);
      }
    const Vector p = svm::couple(r);
    CHECK(p.minCoeff() >= 0);
    CHECK(p.sum() == Approx(1).epsilon(1e-12));
    Vector Qp = Vector::Zero(k);  // Q p is a multiple of e: the optimality condition of the coupling
    for (Index i = 0; i < k; ++i)
      for (Index j = 0; j < k; ++j)
        if (j != i) Qp[i] += r(j, i) * r(j, i) * p[i] - r(j, i) * r(i, j) * p[j];
    CHECK((Qp.array() - Qp.mean()).abs().maxCoeff() < 1e-12);
    CHECK((svm::couple(consistent) - truth).cwiseAbs().maxCoeff() < 1e-10);
  }
}

TEST_CASE("svm: a model written as LIBSVM's text and read back says the same, bit by bit") {
  for (const char* name : {"iris", "breast_cancer", "diabetes"})
    for (const bool probability : {false, true}) {
      const Sample s = rotated(bundled(name), 60);
      SvmParams p;
      p.probability = probability;
      const SvmModel m = Svm::fit(p, s.x, s.y, Context(0, 1));
      const std::string text = write_libsvm_model(m, s.y.classes);
      const Model back = parse_libsvm_model(text, "m");
      const auto& inner = dynamic_cast<const detail::ModelOf<SvmModel>&>(*back.model).inner();
      INFO(name);
      CHECK(write_libsvm_model(inner, back.target.classes) == text);
      Samples queries = s.x;
      queries.columns = back.columns;
      CHECK(inner.machine_values(queries, Context(0, 1)) == m.machine_values(s.x, Context(0, 1)));
      const Vector wanted = m.predict(s.x, Context(0, 1)), got = inner.predict(queries, Context(0, 1));
      if (s.y.K() == 0) {
        CHECK(got == wanted);
        continue;
      }
      const std::vector<std::string> labels = libsvm_labels(s.y.classes);
      for (Index i = 0; i < wanted.size(); ++i)
        CHECK(back.target.classes[static_cast<size_t>(got[i])] == labels[static_cast<size_t>(wanted[i])]);
    }
}

TEST_CASE("svm: LIBSVM's text is not believed") {
  const std::string good =
      "svm_type c_svc\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.25\nlabel 1 -1\nnr_sv 1 1\nSV\n1 1:1 "
      "3:2 \n-1 2:5 \n";
  CHECK_NOTHROW(parse_libsvm_model(good, "m"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      parse_libsvm_model(text, "m");
    } catch (const ModelError& e) {
      return e.what();
    }
    return "";
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"c_svc", "one_class"},
                                                                                 {"c_svc", "c_svm"},
                                                                                 {"rbf", "precomputed"},
                                                                                 {"gamma 0.5", "gamma nan"},
                                                                                 {"gamma 0.5", "gamma -1"},
                                                                                 {"gamma 0.5", "gamma 1 2"},
                                                                                 {"nr_class 2", "nr_class 1"},
                                                                                 {"nr_class 2", "nr_class 3"},
                                                                                 {"nr_class 2", "nr_class 99999"},
                                                                                 {"total_sv 2", "total_sv 3"},
                                                                                 {"total_sv 2", "total_sv -2"},
                                                                                 {"total_sv 2", "total_sv 1"},
                                                                                 {"rho 0.25", "rho 0.25 1"},
                                                                                 {"rho 0.25", "rho inf"},
                                                                                 {"rho 0.25\n", ""},
                                                                                 {"label 1 -1", "label 1 1"},
                                                                                 {"label 1 -1", "label 1 x"},
                                                                                 {"label 1 -1", "label 1 1.5"},
                                                                                 {"nr_sv 1 1", "nr_sv 2 1"},
                                                                                 {"nr_sv 1 1", "nr_sv 3 -1"},
                                                                                 {"SV\n", ""},
                                                                                 {"1:1 3:2", "3:1 1:2"},
                                                                                 {"1:1 3:2", "0:1 3:2"},
                                                                                 {"1:1 3:2", "1:1 3"},
                                                                                 {"1:1 3:2", "1:1 99999999999:2"},
                                                                                 {"1:1 3:2", "1:1e200 3:1e200"},
                                                                                 {"\n-1 2:5", "\nx 2:5"},
                                                                                 {"2:5 \n", "2:5 \n1 1:1\n"},
                                                                                 {"2:5", "2:1e999"},
                                                                                 {"rho 0.25", "rho 0.25\nrho 1"},
                                                                                 {"rho 0.25", "rho 0.25\nprobA 1"},
                                                                                 {"rho 0.25", "rho 0.25\nwords 1"}}) {
    INFO(from << " -> " << to);
    CHECK(refusal(with(from, to)).size() > 10);
  }
  CHECK(refusal("").size() > 10);
  for (size_t cut = 0; cut + 20 < good.size(); cut += 3) CHECK(refusal(good.substr(0, cut)).size() > 10);
  Rng rng(1);
  for (int trial = 0; trial < 2000; ++trial) {  // a byte changed anywhere: refused or still a machine
    std::string text = good;
    text[rng.below(text.size())] = "0123456789-.eE: \nxS"[rng.below(19)];
    refusal(text);
  }
}

TEST_CASE("svm: rows that cannot be used are said, with what to do") {
  Sample s = bundled("iris");
  SvmParams p;
  p.kernel = Kernel::poly;
  p.degree = 20;
  Matrix X = s.x.rows();
  X(3, 1) = 1e6;
  s.x.X = X;
  CHECK_THROWS_AS(Svm::fit(p, s.x, s.y, Context(0, 1)), DataError);
  s = bundled("iris");
  s.x.weight = Vector::Zero(150);
  for (Index i = 0; i < 50; ++i) s.x.weight[i] = 1;
  CHECK_THROWS_AS(Svm::fit({}, s.x, s.y, Context(0, 1)), DataError);
  s.x.weight = Vector::Ones(150);
  for (Index i = 0; i < 50; ++i) s.x.weight[i] = 0;  // a class without weight is never predicted
  const SvmModel two = Svm::fit({}, s.x, s.y, Context(0, 1));
  CHECK(two.order == std::vector<int>{1, 2});
  CHECK(two.predict(s.x, Context(0, 1)).minCoeff() == 1);
}

TEST_CASE("svm: a fit that is cut short says so, and what to do") {
  const Sample s = bundled("diabetes");
  SvmParams p;
  p.max_iter = 5;
  p.C = 1000;
  const SvmModel m = Svm::fit(p, s.x, s.y, Context(0, 1));
  CHECK_FALSE(m.report.converged);
  CHECK(m.report.iterations == 5);
  CHECK(m.report.note.find("scale the columns") != std::string::npos);
}
