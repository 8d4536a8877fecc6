// assay geom explain: what a 3 x 3 matrix does, in words; estimate and warp stand in geom_estimate.cpp.
#include "cli/geom.h"
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
  const std::string what = call.argument(0, "explain, estimate, warp or simulate");
  if (what == "explain") return run_explain(call);
  if (what == "estimate") return run_estimate(call);
  if (what == "warp") return run_warp(call);
  if (what == "simulate") return run_simulate(call);
  throw UsageError(
      "geom does not know " + quoted(what) + did_you_mean(what, {"explain", "estimate", "warp", "simulate"}),
      "assay geom explain \"1 0 0; 0 1 0\"");
}

}  // namespace

Verb geom_verb() {
  Verb verb;
  verb.name = "geom";
  verb.arguments = "explain MATRIX | estimate PAIRS.csv | warp MATRIX IN OUT | simulate MATRIX PAIRS.csv";
  verb.summary = "3 x 3 matrices: say in words what one does, find one from pairs of points, move a picture by one";
  verb.text =
      "MATRIX is \"a b c; d e f\" or \"a b c; d e f; g h i\", input to output, in pixels, y downwards. explain splits "
      "it "
      "into perspective, scale, shear, rotation and translation, applied in this order, and names the smallest group "
      "it "
      "lies in. estimate finds it from a table with columns x1, y1, x2, y2 (a point of the first picture and the same "
      "in "
      "the second), some or most of whose rows may be wrong. warp moves a picture, or the points x, y of a .csv, by "
      "MATRIX or by the homography of a .json file that estimate or match has written. simulate "
      "draws pairs of a known MATRIX, some of them wrong.";
  verb.examples = {"geom explain \"0.866 0.5 0; -0.5 0.866 0\"", "geom explain \"2 0 10; 0 2 5; 0 0 1\"",
                   "geom explain \"1 0.2 0; 0.1 1 0; 0.0006 0.001 1\" --json",
                   "geom estimate pairs.csv --model homography --method ransac --threshold 3",
                   "geom warp \"1 0.2 0; 0.1 1 0\" @camera leaning.png --width 640"};
  verb.options = estimate_options();
  verb.run = run_geom;
  return verb;
}

}  // namespace assay::cli
