// Method     writing: the head, then the vectors class by class in `order`, which is the file's order of labels
//            reading: 1 the head, a keyword a line, each once   2 shapes: k labels, k (k - 1) / 2 rhos, vectors that add up
//            3 the vectors   4 classes in assay's order; `order` says where each label went
// Departures from LIBSVM: a file that ends early, says a thing twice, or holds what is not a number is refused, not guessed at.
#include "assay/ml/svm/libsvm_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "assay/core/text.h"

namespace assay {
namespace {

constexpr const char* kKernelWords[] = {"linear", "polynomial", "rbf", "sigmoid"};  // in the order of enum Kernel

bool whole(double x) { return std::isfinite(x) && x == std::floor(x) && std::abs(x) <= 2147483647.0; }

template <class V>
void line_of(std::string& out, const char* word, const V& values) {
  out += word;
  for (const auto& v : values) {
    if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>)
      out += " " + v;
    else
      out += " " + shortest(static_cast<double>(v));
  }
  out += '\n';
}

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& name, const InputBudget& budget)
      : rest_(bytes), name_(name), budget_(budget) {}

  Model read() {
    read_head();
    check_head();
    read_vectors();
    return finish();
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError(message, "", Place{name_, line_, 0}); }

  // The next line's words; false at the end.
  bool next_line() {
    if (rest_.empty()) return false;
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    words_.clear();
    for (size_t at = 0; at < line.size();) {
      const size_t begin = line.find_first_not_of(" \t\r", at);
      if (begin == std::string_view::npos) break;
      at = std::min(line.find_first_of(" \t\r", begin), line.size());
      words_.push_back(line.substr(begin, at - begin));
    }
    return true;
  }

  double number(std::string_view word) const {
    const auto value = parse_double(word);
    if (!value || !std::isfinite(*value)) fail(quoted(word) + " is not a finite number");
    return *value;
  }
  long long count(std::string_view word, long long lo, long long hi) const {
    const auto value = parse_int(word.starts_with('+') ? word.substr(1) : word);
    if (!value || *value < lo || *value > hi)
      fail(quoted(word) + " is not a whole number from " + std::to_string(lo) + " to " + std::to_string(hi));
    return *value;
  }

  void read_head() {
    while (next_line()) {
      if (words_.empty()) continue;
      const std::string word(words_[0]);
      if (word == "SV") return;
      static const std::vector<std::string> known{"svm_type", "kernel_type", "degree", "gamma", "coef0", "nr_class",
                                                  "total_sv", "rho",         "label",  "probA", "probB", "nr_sv"};
      if (std::find(known.begin(), known.end(), word) == known.end())
        fail(quoted(word) + " is no keyword of a LIBSVM model" + did_you_mean(word, known));
      if (head_.count(word)) fail(word + " is said twice");
      std::vector<std::string> values;
      for (size_t i = 1; i < words_.size(); ++i) values.emplace_back(words_[i]);
      head_[word] = {line_, std::move(values)};
    }
    fail("there is no line SV: the file is cut, or no LIBSVM model");
  }

  const std::vector<std::string>& values_of(const std::string& word, size_t least = 1, size_t most = 1) {
    const auto found = head_.find(word);
    if (found == head_.end()) fail("there is no " + word);
    const size_t size = found->second.second.size();
    if (size < least || size > most) {
      line_ = found->second.first;
      fail(word + " has " + std::to_string(size) + " values, expected " + std::to_string(least));
    }
    return found->second.second;
  }
  std::vector<double> numbers_of(const std::string& word, size_t size) {
    std::vector<double> out;
    for (const std::string& v : values_of(word, size, size)) out.push_back(number(v));
    return out;
  }

  void check_head() {
    const std::string type = values_of("svm_type")[0];
    if (type == "c_svc" || type == "nu_svc")
      model_.task = Task::classification;
    else if (type == "epsilon_svr" || type == "nu_svr")
      model_.task = Task::regression;
    else
      fail("svm_type " + quoted(type) + " cannot be read; c_svc, nu_svc, epsilon_svr and nu_svr can");
    const std::string kind = values_of("kernel_type")[0];
    const auto* at = std::find(std::begin(kKernelWords), std::end(kKernelWords), kind);
    if (at == std::end(kKernelWords))
      fail("kernel_type " + quoted(kind) + " cannot be read; linear, polynomial, rbf and sigmoid can");
    model_.kernel.kind = static_cast<Kernel>(at - std::begin(kKernelWords));
    if (head_.count("gamma")) model_.kernel.gamma = number(values_of("gamma")[0]);
    if (head_.count("coef0")) model_.kernel.coef0 = number(values_of("coef0")[0]);
    if (head_.count("degree")) model_.kernel.degree = static_cast<int>(count(values_of("degree")[0], 0, 20));
    const bool classes = model_.task == Task::classification;
    const auto k = static_cast<size_t>(count(values_of("nr_class")[0], 2, 10'000));
    const auto vectors = count(values_of("total_sv")[0], 0, 2147483647);
    const size_t machines = classes ? k * (k - 1) / 2 : 1;
    model_.rho = as_vector(numbers_of("rho", machines));
    if (classes) {
      for (const std::string& label : values_of("label", k, k))
        labels_.push_back(std::to_string(count(label, -2147483647, 2147483647)));
      for (const std::string& n : values_of("nr_sv", k, k))
        model_.count.push_back(static_cast<int>(count(n, 0, vectors)));
      if (std::accumulate(model_.count.begin(), model_.count.end(), 0LL) != vectors)
        fail("nr_sv does not add up to total_sv");
      if (head_.count("probA") || head_.count("probB")) {
        model_.A = as_vector(numbers_of("probA", machines));
        model_.B = as_vector(numbers_of("probB", machines));
      }
    } else {
      if (k != 2) fail("a regression has nr_class 2");
      model_.count = {static_cast<int>(vectors)};  // its probA, the spread of errors, is not used
    }
    rows_ = vectors;
    coefficients_ = classes ? k - 1 : 1;
  }

  void read_vectors() {
    std::vector<double> coef;
    int32_t columns = 0;
    for (Index v = 0; v < rows_; ++v) {
      do {
        if (!next_line())
          fail("the file ends after " + std::to_string(v) + " of " + std::to_string(rows_) + " vectors");
      } while (words_.empty());
      if (words_.size() < coefficients_) fail("a vector has " + std::to_string(coefficients_) + " coefficients first");
      for (size_t c = 0; c < coefficients_; ++c) coef.push_back(number(words_[c]));
      int64_t last = 0;
      for (size_t e = coefficients_; e < words_.size(); ++e) {
        const size_t colon = words_[e].find(':');
        if (colon == std::string_view::npos) fail(quoted(words_[e]) + " is not index:value");
        const auto most = std::min<uint64_t>(budget_.columns, 2147483646);
        const long long index = count(words_[e].substr(0, colon), 1, static_cast<long long>(most));
        if (index <= last)
          fail("index " + std::to_string(index) + " does not rise: " + std::to_string(last) + " stands before it");
        last = index;
        const double value = number(words_[e].substr(colon + 1));
        columns = std::max(columns, static_cast<int32_t>(index));
        if (value == 0) continue;
        X_.column.push_back(static_cast<int32_t>(index - 1));
        X_.value.push_back(value);
      }
      X_.row_start.push_back(static_cast<int64_t>(X_.value.size()));
    }
    while (next_line())
      if (!words_.empty()) fail("there are more than " + std::to_string(rows_) + " vectors");
    X_.rows = rows_;
    X_.columns = std::max<int32_t>(1, columns);
    model_.coef.resize(static_cast<Index>(coefficients_), rows_);
    for (Index v = 0; v < rows_; ++v)
      for (size_t c = 0; c < coefficients_; ++c)
        model_.coef(static_cast<Index>(c), v) = coef[static_cast<size_t>(v) * coefficients_ + c];
  }

  Model finish() {
    Model whole;
    whole.learner = &find_learner("svm");
    std::vector<std::string> classes = labels_;
    sort_names(classes);
    if (std::adjacent_find(classes.begin(), classes.end()) != classes.end()) fail("a label stands twice");
    for (const std::string& label : labels_)
      model_.order.push_back(static_cast<int>(std::find(classes.begin(), classes.end(), label) - classes.begin()));
    if (labels_.empty()) model_.order = {0};
    model_.K = static_cast<int>(classes.size());
    const Index d = X_.columns;
    if (2 * static_cast<double>(X_.value.size()) >= static_cast<double>(X_.rows) * static_cast<double>(d))
      model_.X = dense(X_);
    else
      model_.X = X_;
    if (const std::string problem = model_.problem(model_.K, d); !problem.empty()) fail(problem);
    model_.report.note = std::to_string(rows_) + " support vectors, read from a LIBSVM model";
    model_.report.more = {{"support_vectors", static_cast<double>(rows_)}};
    whole.target.name = "target";
    whole.target.classes = classes;
    if (classes.size() == 2) whole.positive = classes[1];
    for (Index f = 1; f <= d; ++f) whole.columns.push_back({"f" + std::to_string(f), {}});
    Samples empty;
    empty.columns = whole.columns;
    Csr none;
    none.columns = d;
    empty.X = none;
    PipelineOptions options;
    options.scale = Scale::none;
    whole.pipeline = Pipeline::fit(empty, whole.learner->traits(), options, 1);
    SvmParams params;
    params.kernel = model_.kernel.kind;
    params.gamma = model_.kernel.gamma > 0 ? model_.kernel.gamma : 1.0;
    params.coef0 = model_.kernel.coef0;
    params.degree = model_.kernel.degree;
    params.probability = model_.A.size() > 0;
    whole.params = std::make_shared<ParamsOf<SvmParams>>(params);
    whole.model = std::make_shared<detail::ModelOf<SvmModel>>(std::move(model_));
    return whole;
  }

  static Vector as_vector(const std::vector<double>& v) {
    return Eigen::Map<const Vector>(v.data(), static_cast<Index>(v.size()));
  }

  std::string_view rest_;
  const std::string& name_;
  const InputBudget& budget_;
  long line_ = 0;
  std::vector<std::string_view> words_;
  std::map<std::string, std::pair<long, std::vector<std::string>>> head_;
  std::vector<std::string> labels_;
  Index rows_ = 0;
  size_t coefficients_ = 1;
  Csr X_;
  SvmModel model_;
};

}  // namespace

std::vector<std::string> libsvm_labels(const std::vector<std::string>& classes) {
  std::vector<std::string> labels;
  const bool numbers =
      std::all_of(classes.begin(), classes.end(), [](const auto& c) { return parse_double(c).has_value(); });
  for (size_t k = 0; k < classes.size(); ++k) {
    if (numbers) {
      const double value = *parse_double(classes[k]);
      if (!whole(value))
        throw UsageError("class " + quoted(classes[k]) + " is a number, and LIBSVM's labels are whole numbers");
      labels.push_back(std::to_string(static_cast<long long>(value)));
    } else if (classes.size() == 2) {
      labels.push_back(k == 1 ? "1" : "-1");
    } else {
      labels.push_back(std::to_string(k + 1));
    }
  }
  return labels;
}

std::string write_libsvm_model(const SvmModel& m, const std::vector<std::string>& classes) {
  const bool classifies = m.task == Task::classification;
  std::string out = std::string("svm_type ") + (classifies ? "c_svc" : "epsilon_svr") + "\nkernel_type " +
                    kKernelWords[static_cast<size_t>(m.kernel.kind)] + "\n";
  const Kernel kind = m.kernel.kind;
  if (kind == Kernel::poly) out += "degree " + std::to_string(m.kernel.degree) + "\n";
  if (kind != Kernel::linear) out += "gamma " + shortest(m.kernel.gamma) + "\n";
  if (kind == Kernel::poly || kind == Kernel::sigmoid) out += "coef0 " + shortest(m.kernel.coef0) + "\n";
  out += "nr_class " + std::to_string(classifies ? m.order.size() : 2) + "\ntotal_sv " + std::to_string(m.vectors()) +
         "\n";
  line_of(out, "rho", m.rho);
  if (classifies) {
    const std::vector<std::string> names = libsvm_labels(classes);
    std::vector<std::string> labels;
    for (const int k : m.order) labels.push_back(names[static_cast<size_t>(k)]);
    line_of(out, "label", labels);
    if (m.A.size()) {
      line_of(out, "probA", m.A);
      line_of(out, "probB", m.B);
    }
    line_of(out, "nr_sv", m.count);
  }
  out += "SV\n";
  for (Index v = 0; v < m.vectors(); ++v) {
    for (Index r = 0; r < m.coef.rows(); ++r) out += shortest(m.coef(r, v)) + " ";
    const auto entry = [&](Index f, double x) {
      if (x != 0) out += std::to_string(f + 1) + ":" + shortest(x) + " ";
    };
    if (const auto* S = std::get_if<Csr>(&m.X)) {
      for (auto e = S->row_start[static_cast<size_t>(v)]; e < S->row_start[static_cast<size_t>(v) + 1]; ++e)
        entry(S->column[static_cast<size_t>(e)], S->value[static_cast<size_t>(e)]);
    } else {
      for (Index f = 0; f < std::get<Matrix>(m.X).cols(); ++f) entry(f, std::get<Matrix>(m.X)(v, f));
    }
    out += '\n';
  }
  return out;
}

Model parse_libsvm_model(std::string_view bytes, const std::string& name, const InputBudget& budget) {
  if (bytes.find('\0') != std::string_view::npos)
    throw ModelError("holds a NUL byte", "is this a text file?", Place{name});
  return Reader(bytes, name, budget).read();
}

}  // namespace assay
