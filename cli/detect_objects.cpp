// assay detect objects: what a model trained on a table of `features hog` finds in a picture of any size.
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/hog/object_detector.h"
#include "assay/ml/model.h"
#include "cli/bundled.h"
#include "cli/detectors.h"

namespace assay::cli {

namespace {

struct ObjectsParams {
  std::string model, background;
  ObjectParams search;
  static void fields(auto& p, auto&& field) {
    field("model", p.model, "FILE of `assay fit` on a table of `features hog`");
    field("background", p.background, "the class that is no object; of two classes, without it, the one not positive");
    ObjectParams::fields(p.search, field);
  }
  static std::optional<std::string> check(const ObjectsParams& p) {
    if (p.model.empty())
      return "detect objects looks with a trained model: --model FILE, as "
             "`assay features hog FOLDER/ --out hog.csv` and `assay fit linear-svm hog.csv --out FILE` make one";
    return ObjectParams::check(p.search);
  }
};

constexpr FeatureInfo kInfo{"objects",
                            "what a model of hog windows finds, in any size",
                            "DalalTriggs2005",
                            {"detect-multi-scale"},
                            Hog::info.traits};

void check_columns(const Model& model, const std::string& path) {
  for (size_t i = 0; i < model.columns.size(); ++i)
    if (model.columns[i].name != "h" + std::to_string(i) || model.columns[i].categorical())
      throw ModelError(path + ": column " + std::to_string(i + 1) + " is " + quoted(model.columns[i].name) +
                           ", that of a table of `features hog` is 'h" + std::to_string(i) + "'",
                       "assay features hog FOLDER/ --out hog.csv, then assay fit linear-svm hog.csv --out " + path);
}

// Two classes have one score, of the one that is not the background.
struct Classes {
  std::vector<std::string> names;  ///< of the scores
  int background = -1;             ///< among them
  double sign = 1;                 ///< two classes: of the score of class 1
  int object = 1;                  ///< two classes: the code of names[0]
};

Classes classes_of(const Model& model, const std::string& background, const std::string& path) {
  const std::vector<std::string>& all = model.target.classes;
  if (all.size() < 2)
    throw ModelError(path + ": the model tells no classes apart", "train on pictures in two or more sub-folders");
  const auto at = std::find(all.begin(), all.end(), background);
  if (!background.empty() && at == all.end())
    throw UsageError("no class is named " + quoted(background) + did_you_mean(background, all),
                     "the classes: " + join(all, ", "));
  const int named = at == all.end() ? -1 : static_cast<int>(at - all.begin());
  if (all.size() > 2) return {all, named, 1, 0};
  const bool first = named >= 0 ? named == 1 : model.positive == all[0];
  return {{all[first ? 0 : 1]}, -1, first ? -1.0 : 1.0, first ? 0 : 1};
}

// w'x + b with x = (h - offset) / spread, in the units of h.
void take_weights(const Model& model, const Explanation& e, const Classes& c, WindowModel& out) {
  out.W = c.sign * e.coefficients, out.b = c.sign * e.intercepts;
  for (Index f = 0; f < out.W.cols(); ++f) {
    const auto j = static_cast<size_t>(f);
    out.W.col(f) /= model.pipeline.spread()[j];
    out.b -= out.W.col(f) * model.pipeline.offset()[j];
  }
}

WindowModel window_model(std::shared_ptr<const Model> model, const Classes& c, const std::string& path) {
  WindowModel out;
  out.length = model->columns.size();
  out.classes = static_cast<int>(c.names.size()), out.background = c.background;
  const bool decides = model->model->has_decision();
  if (!decides && !model->model->has_proba())
    throw ModelError(path + ": " + std::string(model->learner->name()) + " gives classes without a score",
                     "a learner with a decision function or probabilities");
  out.threshold = decides ? 0 : 0.5;
  const Explanation e = model->model->explain(model->pipeline.output_columns(), model->target);
  if (decides && e.coefficients.rows() == out.classes &&
      e.coefficients.cols() == static_cast<Index>(model->columns.size())) {
    take_weights(*model, e, c, out);
    return out;
  }
  out.scores = [model, c, decides](const Matrix& rows, const Context& ctx) -> Matrix {
    Samples samples;
    samples.columns = model->columns;
    samples.X = Columns(rows);
    const Matrix said = decides ? model->decision_function(samples, ctx) : model->predict_proba(samples, ctx);
    if (c.names.size() > 1) return said;
    if (said.cols() == 1) return c.sign * said;
    return decides ? said.col(c.object) - said.col(1 - c.object) : Matrix(said.col(c.object));
  };
  return out;
}

std::vector<FoundObject> objects_of(const Found& found) {
  std::vector<FoundObject> objects;
  for (size_t i = 0; i < found.rows(); ++i)
    objects.push_back(
        {found.at(i, 0), found.at(i, 1), found.at(i, 2), found.at(i, 3), found.at(i, 4), found.at(i, 5), 0});
  return objects;
}

Finder prepare(const AnyParams& any) {
  const ObjectsParams& p = dynamic_cast<const ParamsOf<ObjectsParams>&>(any).value;
  const auto model = std::make_shared<const Model>(load_model(p.model));
  check_columns(*model, p.model);
  const Classes classes = classes_of(*model, p.background, p.model);
  WindowModel windows = window_model(model, classes, p.model);
  check_window_model(windows, p.search);
  return [&p, classes, windows](const cv::Mat& image, const Context& ctx) -> Found {
    FeatureTable table{{"x", "y", "width", "height", "score", "scale"}, {}};
    table.has_classes = true;
    for (const FoundObject& o : detect_objects(image, windows, p.search, ctx)) {
      table.values.insert(table.values.end(), {o.x, o.y, o.width, o.height, o.score, o.scale});
      table.classes.push_back(classes.names[static_cast<size_t>(o.what)]);
    }
    return table;
  };
}

}  // namespace

Detector objects_detector() {
  Detector d;
  d.info = &kInfo;
  d.key = "objects";
  d.example = "detect objects @coins --model coin.json --window 48x48 --draw out.png";
  d.params = []() -> std::unique_ptr<AnyParams> { return std::make_unique<ParamsOf<ObjectsParams>>(); };
  d.prepare = prepare;
  d.draw = [](const cv::Mat& image, const Found& found) { return draw_objects(image, objects_of(found)); };
  return d;
}

}  // namespace assay::cli
