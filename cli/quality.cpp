// assay quality: how far one picture is from another.
#include <algorithm>
#include <cmath>

#include "assay/core/error.h"
#include "assay/core/input.h"
#include "assay/core/text.h"
#include "assay/imgproc/io/image_file.h"
#include "assay/imgproc/op.h"
#include "assay/imgproc/quality/quality.h"
#include "cli/bundled.h"
#include "cli/image_timing.h"
#include "cli/verbs.h"

namespace assay::cli {

namespace {

const std::vector<std::string> kMetrics = {"mse", "psnr", "ssim", "ms-ssim", "ciede2000"};

struct Measured {
  std::string name;
  double value = 0;  ///< infinite: psnr of equal pictures
};

std::vector<std::string> chosen_metrics(Invocation& call, const cv::Mat& a) {
  if (call.options.given("metrics")) {
    const std::vector<std::string> asked = call.options.list("metrics");
    for (const std::string& name : asked)
      if (std::find(kMetrics.begin(), kMetrics.end(), name) == kMetrics.end())
        throw UsageError("unknown metric " + quoted(name) + did_you_mean(name, kMetrics),
                         "the metrics: " + join(kMetrics, ", "));
    return asked;
  }
  std::vector<std::string> fitting{"mse", "psnr"};
  const int side = std::min(a.cols, a.rows);
  const auto add = [&](const char* name, int least) {
    if (side >= least)
      fitting.emplace_back(name);
    else
      call.warn(std::string(name) + " is left out: it needs sides of at least " + std::to_string(least) + " pixels");
  };
  add("ssim", kSsimSide);
  add("ms-ssim", kMsSsimSide);
  return fitting;
}

double measure(const std::string& name, const cv::Mat& a, const cv::Mat& b, const Context& ctx) {
  if (name == "ssim") return ssim(a, b, ctx);
  if (name == "ms-ssim") return ms_ssim(a, b, ctx);
  if (name == "ciede2000") return mean_ciede2000(a, b, ctx);
  const double mse = mean_squared_error(a, b, ctx);
  return name == "mse" ? mse : psnr(mse, full_scale(a));
}

std::string value_text(const Measured& m) {
  if (std::isinf(m.value)) return "infinite (the pictures are equal)";
  return six_digits(m.value) + (m.name == "psnr" ? " dB" : "");
}

void run_quality(Invocation& call) {
  const std::string path_a = resolve_path(call.argument(0, "A")), path_b = resolve_path(call.argument(1, "B"));
  call.no_more_than(2);
  const int repeat = call.options.integer("repeat", at_least(1));
  ReadImageOptions reading;
  reading.pixels = static_cast<uint64_t>(call.options.number("pixels", at_least(1)));
  ImageTiming timing;
  cv::Mat a, b;
  timing.read([&] {
    a = read_image(path_a, reading), b = read_image(path_b, reading);
    return 0;
  });
  const std::vector<std::string> metrics = chosen_metrics(call, a);
  std::vector<Measured> results;
  timing.operate(repeat, [&] {
    results.clear();
    for (const std::string& name : metrics) results.push_back({name, measure(name, a, b, call.ctx)});
  });

  size_t width = 0;
  for (const Measured& m : results) width = std::max(width, m.name.size());
  std::string text;
  for (const Measured& m : results) text += m.name + std::string(width + 2 - m.name.size(), ' ') + value_text(m) + "\n";
  call.print(text);

  call.result["a"] = path_a;
  call.result["b"] = path_b;
  call.result["width"] = a.cols;
  call.result["height"] = a.rows;
  call.result["channels"] = a.channels();
  for (const Measured& m : results) {
    std::string key = m.name;
    std::replace(key.begin(), key.end(), '-', '_');
    call.result[key] = std::isfinite(m.value) ? Json(m.value) : Json();
  }
  call.result["identical"] = mean_squared_error(a, b, call.ctx) == 0;
  call.result["run"]["timing"] = timing.json();
}

}  // namespace

Verb quality_verb() {
  Verb verb;
  verb.name = "quality";
  verb.arguments = "A B";
  verb.summary = "measure how far one picture is from another";
  verb.text =
      "A and B have one size and depth. mse, psnr, ssim (Wang et al. 2004) and ms-ssim; ciede2000, the mean colour "
      "difference, on "
      "demand. Without --metrics, those that the picture is large enough for.";
  verb.examples = {"quality original.png copy.jpg", "quality original.png copy.jpg --metrics ssim,ciede2000 --json"};
  verb.options = {{"metrics", "A,B", "of mse, psnr, ssim, ms-ssim, ciede2000", ""},
                  {"repeat", "N", "measure N times; the median time is reported", "1"},
                  {"pixels", "N", "refuse pictures with more pixels than this", std::to_string(InputBudget{}.pixels)}};
  verb.run = run_quality;
  return verb;
}

}  // namespace assay::cli
