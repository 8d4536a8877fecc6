// assay quality, called as the program calls it.
#include <sstream>

#include "assay/core/json.h"
#include "assay/imgproc/filter/gaussian.h"
#include "assay/imgproc/io/image_file.h"
#include "assay/imgproc/quality/quality.h"
#include "cli/verb.h"
#include "tests/support/catch.h"
#include "tests/support/command.h"
#include "tests/support/images.h"
#include "tests/support/scratch.h"

using namespace assay;
using test::assay_run;
using test::Outcome;

TEST_CASE("quality: the verb prints what the library measures, as text and as JSON") {
  test::Scratch folder;
  const cv::Mat a = test::scene(180, 190), b = gaussian(a);
  write_image(folder / "a.png", a);
  write_image(folder / "b.png", b);
  const Outcome told = assay_run({"quality", folder / "a.png", folder / "b.png", "--json", "--repeat", "2"});
  REQUIRE(told.code == 0);
  const Json json = Json::parse(told.out);
  CHECK(json.at("mse") == mean_squared_error(a, b));
  CHECK(json.at("ssim") == ssim(a, b));
  CHECK(json.at("ms_ssim") == ms_ssim(a, b));
  CHECK(json.at("identical") == false);
  CHECK(json.at("run").at("timing").contains("op_ms"));
  CHECK_THAT(assay_run({"quality", folder / "a.png", folder / "b.png"}).out,
             Catch::Contains("psnr") && Catch::Contains(" dB"));
  const Json same = Json::parse(assay_run({"quality", folder / "a.png", folder / "a.png", "--json"}).out);
  CHECK(same.at("identical") == true);
  CHECK(same.at("psnr").is_null());
}

TEST_CASE("quality: what does not fit is left out by name, or refused where it was asked for") {
  test::Scratch folder;
  write_image(folder / "a.png", test::scene(20, 30));
  write_image(folder / "b.png", test::scene(20, 31));
  const Outcome small = assay_run({"quality", folder / "a.png", folder / "a.png"});
  CHECK(small.code == 0);
  CHECK_THAT(small.err, Catch::Contains("ms-ssim is left out"));
  CHECK(assay_run({"quality", folder / "a.png", folder / "a.png", "--metrics", "ms-ssim"}).code == 3);
  CHECK(assay_run({"quality", folder / "a.png", folder / "b.png"}).code == 3);
  CHECK(assay_run({"quality", folder / "a.png"}).code == 2);
  const Outcome typo = assay_run({"quality", folder / "a.png", folder / "a.png", "--metrics", "sssim"});
  CHECK(typo.code == 2);
  CHECK_THAT(typo.err, Catch::Contains("did you mean 'ssim'"));
}
