// Image operators against OpenCV 4.6, scipy 1.10 and scikit-image 0.19: every case of tests/golden/operators.
#include "assay/imgproc/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/golden_image.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

// "above100:NAME" is the picture 255 * (NAME > 100).
cv::Mat input_named(const std::string& name) {
  const std::string prefix = "above100:";
  if (name.rfind(prefix, 0) != 0) return test::golden_input(name);
  return test::golden_input(name.substr(prefix.size())) > 100;
}

}  // namespace

TEST_CASE("operators: each gives the peers' values on every stored picture") {
  const nlohmann::json families = test::golden("operators/index.json");
  int cases = 0;
  for (const auto& family : families)
    for (const auto& c : family.at("cases")) {
      CAPTURE(c.dump());
      const InlineSpec spec = parse_inline(c.at("operator").get<std::string>());
      const ImageOp& op = find_image_op(spec.name);
      const auto params = op.params();
      for (const auto& [key, value] : spec.settings) params->set(key, value, op.name());
      cv::Mat out;
      op.apply(*params, input_named(c.at("input")), out, {});
      const cv::Mat expected = test::golden_image("../operators/" + c.at("output").get<std::string>());
      CHECK(test::largest_difference(out, expected) <= c.at("tolerance").get<double>());
      ++cases;
    }
  CHECK(cases >= 80);
}
