// assay geom explain: what a 3 x 3 matrix does, in words.
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/imgproc/geometry/explain_matrix.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

Json row_by_row(const Matrix3& m) { return Json(std::vector<double>(m.begin(), m.end())); }

void run_explain(Invocation& call) {
  const Matrix3 H = parse_matrix3("geom explain", call.argument(1, "\"a b c; d e f; g h i\""));
  call.no_more_than(2);
  const MatrixStory story = explain_matrix(H);

  std::string text = story.name;
  if (story.group != PlaneGroup::singular)
    text += ", " + std::to_string(story.degrees_of_freedom) + " degrees of freedom";
  text += "\n";
  for (const std::string& sentence : story.sentences) text += "  " + sentence + "\n";
  if (!story.keeps.empty()) text += "keeps: " + join(story.keeps, ", ") + "\n";
  if (!story.loses.empty()) text += "loses: " + join(story.loses, ", ") + "\n";
  call.print(text);

  call.result["matrix"] = row_by_row(H);
  call.result["kind"] = story.name;
  call.result["degrees_of_freedom"] = story.degrees_of_freedom;
  call.result["mirrors"] = story.mirrors;
  call.result["determinant"] = story.determinant;
  call.result["keeps"] = story.keeps;
  call.result["loses"] = story.loses;
  call.result["sentences"] = story.sentences;
  if (story.factored)
    call.result["factors"] = {{"perspective", {story.g, story.h}},
                              {"scale", {story.sx, story.sy}},
                              {"shear", story.shear},
                              {"rotation_deg", story.angle_deg},
                              {"translation_px", {story.tx, story.ty}}};
  if (story.fixed_point) call.result["fixed_point"] = {story.fixed_point->first, story.fixed_point->second};
  if (const std::optional<Matrix3> V = inverse(H)) call.result["inverse"] = row_by_row(*V);
}

void run_geom(Invocation& call) {
  const std::string what = call.argument(0, "explain");
  if (what != "explain")
    throw UsageError("geom does not know " + quoted(what) + did_you_mean(what, {"explain"}),
                     "assay geom explain \"1 0 0; 0 1 0\"");
  run_explain(call);
}

}  // namespace

Verb geom_verb() {
  Verb verb;
  verb.name = "geom";
  verb.arguments = "explain MATRIX";
  verb.summary = "say in words what a 3 x 3 matrix does";
  verb.text =
      "MATRIX is \"a b c; d e f\" or \"a b c; d e f; g h i\", input to output, in pixels, y downwards. It is split "
      "into "
      "perspective, scale, shear, rotation and translation, applied in this order, and the smallest group it lies in "
      "says "
      "what it keeps: translations, rigid motions, similarities, affine or projective maps.";
  verb.examples = {"geom explain \"0.866 0.5 0; -0.5 0.866 0\"", "geom explain \"2 0 10; 0 2 5; 0 0 1\"",
                   "geom explain \"1 0.2 0; 0.1 1 0; 0.0006 0.001 1\" --json"};
  verb.run = run_geom;
  return verb;
}

}  // namespace assay::cli
