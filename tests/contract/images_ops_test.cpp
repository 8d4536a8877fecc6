// What every image operator and every feature of the catalogue must keep.
#include "assay/core/error.h"
#include "assay/core/text.h"
#include "assay/features/catalogue.h"
#include "assay/imgproc/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace assay;

namespace {

std::vector<int> types_of(const ImageTraits& traits) {
  std::vector<int> types;
  for (const auto& [depth_bit, depth] : {std::pair(kU8, CV_8U), {kU16, CV_16U}, {kF32, CV_32F}})
    for (const auto& [channel_bit, channels] : {std::pair(kGrey, 1), {kColour, 3}, {kColourAlpha, 4}})
      if ((traits.depths & depth_bit) && (traits.channels & channel_bit)) types.push_back(CV_MAKETYPE(depth, channels));
  return types;
}

constexpr int kAllTypes[] = {CV_8UC1,  CV_8UC2,  CV_8UC3,  CV_8UC4,  CV_16UC1, CV_16UC3, CV_16UC4,
                             CV_32FC1, CV_32FC3, CV_32FC4, CV_16SC1, CV_64FC1, CV_32SC1, CV_8SC3};

const cv::Size kSizes[] = {{1, 1}, {1, 17}, {17, 1}, {2, 2}, {3, 5}, {37, 29}, {200, 150}};

// A value that each parameter must refuse.
std::string refused_value(const Param& p) {
  switch (p.type) {
    case ParamType::choice:
      return "no-such-word";
    case ParamType::boolean:
      return "perhaps";
    default:
      return p.rule.holds(-1e9) ? "nan" : "-1e9";
  }
}

class CountingSink : public TraceSink {
 public:
  void step(const std::string&, const TraceStep&) override { ++steps; }
  void image(const std::string&, const TraceImage& image) override {
    REQUIRE(image.view.data != nullptr);
    REQUIRE(image.view.width > 0);
    REQUIRE_FALSE(image.title.empty());
    REQUIRE_FALSE(image.caption.empty());
    stages.push_back(image.stage);
  }
  int steps = 0;
  std::vector<std::string> stages;
};

bool same_table(const FeatureTable& a, const FeatureTable& b) {
  return a.columns == b.columns && a.values.size() == b.values.size() &&
         (a.values.empty() || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0);
}

// Every choice of every word parameter in turn, the others at their defaults.
std::vector<std::unique_ptr<AnyParams>> variants(std::unique_ptr<AnyParams> (*make)()) {
  std::vector<std::unique_ptr<AnyParams>> out;
  out.push_back(make());
  const auto defaults = make();
  for (const Param& p : defaults->list())
    for (const std::string& choice : p.choices) {
      auto params = make();
      params->set(p.name, choice, "test");
      out.push_back(std::move(params));
    }
  return out;
}

cv::Mat run(const ImageOp& op, const AnyParams& params, const cv::Mat& image, const Context& ctx = {}) {
  cv::Mat out;
  op.apply(params, image, out, ctx);
  return out;
}

// Those of them that take pictures of this type: all, but a convention may refuse a depth that its library does not have, in words.
std::vector<std::unique_ptr<AnyParams>> variants(const ImageOp& op, int type) {
  std::vector<std::unique_ptr<AnyParams>> out = variants(op.params);
  for (size_t k = out.size(); k-- > 1;) {
    try {
      run(op, *out[k], test::random_image(2, 2, type));
    } catch (const DataError& e) {
      CHECK_THAT(e.what(), Catch::StartsWith(std::string(op.name()) + ": convention="));
      out.erase(out.begin() + static_cast<ptrdiff_t>(k));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("images: names, titles and references are there, and every name and alias finds its operator") {
  CHECK(image_ops().size() >= 4);
  std::vector<std::string> seen;
  const auto check = [&](const auto& info) {
    CHECK_FALSE(std::string(info.title).empty());
    CHECK_FALSE(std::string(info.reference).empty());
    std::vector<std::string> words{info.name};
    words.insert(words.end(), info.aliases.begin(), info.aliases.end());
    for (const std::string& word : words) {
      CHECK(word == kebab(word));
      CHECK(std::find(seen.begin(), seen.end(), word) == seen.end());
      seen.push_back(word);
    }
    return words;
  };
  for (const ImageOp& op : image_ops())
    for (const std::string& word : check(*op.info)) CHECK(&find_image_op(word) == &op);
  seen.clear();
  for (const Feature& f : features())
    for (const std::string& word : check(*f.info)) CHECK(&find_feature(word) == &f);
  CHECK_THROWS_WITH(find_image_op("cany"), Catch::Contains("did you mean 'canny'"));
  CHECK_THROWS_WITH(find_feature("haris"), Catch::Contains("did you mean 'harris'"));
}

TEST_CASE(
    "images: every operator takes each depth, channel count and size it claims, leaves the input alone, and refuses "
    "the rest") {
  for (const ImageOp& op : image_ops()) {
    CAPTURE(op.name());
    const std::vector<int> claimed = types_of(op.traits());
    for (int type : claimed)
      for (const cv::Size& size : kSizes) {
        CAPTURE(type, size.width, size.height);
        const cv::Mat image = test::random_image(size.height, size.width, type), before = image.clone();
        for (const auto& params : variants(op, type)) {
          const cv::Mat out = run(op, *params, image);
          REQUIRE(test::same_pixels(image, before));
          REQUIRE(test::same_pixels(run(op, *params, test::strided(image)), out));
        }
      }
    for (int type : kAllTypes) {
      if (std::find(claimed.begin(), claimed.end(), type) != claimed.end()) continue;
      CHECK_THROWS_AS(run(op, *op.params(), cv::Mat(4, 4, type, cv::Scalar::all(1))), DataError);
      CHECK_THROWS_WITH(run(op, *op.params(), cv::Mat(4, 4, type, cv::Scalar::all(1))),
                        Catch::StartsWith(std::string(op.name())));
    }
    CHECK_THROWS_AS(run(op, *op.params(), cv::Mat()), DataError);
  }
}

TEST_CASE("images: an output of the right size is reused, and never the input's memory") {
  for (const ImageOp& op : image_ops()) {
    CAPTURE(op.name());
    const cv::Mat image = test::random_image(20, 30, types_of(op.traits())[0]);
    cv::Mat out = run(op, *op.params(), image);
    const cv::Mat first = out.clone();
    const uchar* memory = out.data;
    op.apply(*op.params(), image, out, {});
    CHECK(out.data == memory);
    CHECK(test::same_pixels(out, first));
    cv::Mat alias = image;
    const cv::Mat before = image.clone();
    op.apply(*op.params(), image, alias, {});
    CHECK(test::same_pixels(image, before));
    CHECK(test::same_pixels(alias, first));
  }
}

TEST_CASE("images: threads 1, 2 and 7 give the same bits", "[parallel]") {
  for (const ImageOp& op : image_ops())
    for (int type : types_of(op.traits())) {
      CAPTURE(op.name(), type);
      const cv::Mat image = test::scene(300, 140, type);
      for (const auto& params : variants(op, type)) {
        const cv::Mat one = run(op, *params, image, Context(0, 1));
        CHECK(test::same_pixels(run(op, *params, image, Context(0, 2)), one));
        CHECK(test::same_pixels(run(op, *params, image, Context(0, 7)), one));
      }
    }
  for (const Feature& f : features()) {
    CAPTURE(f.name());
    const cv::Mat image = test::scene(300, 140, types_of(f.info->traits)[0]);
    for (const auto& params : variants(f.params)) {
      const FeatureTable one = f.detect(*params, image, Context(0, 1));
      CHECK(one.rows() > 0);
      CHECK(same_table(f.detect(*params, image, Context(0, 2)), one));
      CHECK(same_table(f.detect(*params, image, Context(0, 7)), one));
    }
  }
}

TEST_CASE("images: watching changes no bit, and a cancelled run ends") {
  Cancellation stop;
  stop.signal = 2;
  for (const ImageOp& op : image_ops())
    for (int type : types_of(op.traits())) {
      CAPTURE(op.name(), type);
      for (const cv::Size& size : kSizes) {
        const cv::Mat image = test::scene(size.height, size.width, type);
        for (const auto& params : variants(op, type)) {
          CountingSink sink;
          Context watched;
          watched.trace = Trace(&sink, "");
          REQUIRE(test::same_pixels(run(op, *params, image, watched), run(op, *params, image)));
        }
      }
      Context cancelled;
      cancelled.cancellation = &stop;
      CHECK_THROWS_AS(run(op, *op.params(), test::scene(9, 9, type), cancelled), Cancelled);
    }
  for (const Feature& f : features())
    for (int type : types_of(f.info->traits)) {
      CountingSink sink;
      Context watched;
      watched.trace = Trace(&sink, "");
      const cv::Mat image = test::scene(60, 70, type);
      CHECK(same_table(f.detect(*f.params(), image, watched), f.detect(*f.params(), image, {})));
      CHECK_FALSE(sink.stages.empty());
    }
}

TEST_CASE("images: each invalid parameter is refused by its name") {
  const auto check = [](const auto& item, auto&& use) {
    const auto defaults = item.params();
    for (const Param& p : defaults->list()) {
      CAPTURE(item.name(), p.name);
      if (p.type == ParamType::text) continue;
      auto params = item.params();
      CHECK_THROWS_AS(params->set(p.name, refused_value(p), item.name()), ParameterError);
      CHECK_THROWS_WITH(params->set(p.name, refused_value(p), item.name()), Catch::Contains("'" + p.name + "'"));
      use(*params);  // a refused value leaves the parameters as they were
    }
    CHECK_THROWS_AS(item.params()->set("no-such-parameter", "1", item.name()), UsageError);
  };
  for (const ImageOp& op : image_ops())
    check(op, [&](const AnyParams& p) { run(op, p, test::random_image(5, 5, types_of(op.traits())[0])); });
  for (const Feature& f : features())
    check(f, [&](const AnyParams& p) {
      try {
        f.detect(p, test::random_image(5, 5, types_of(f.info->traits)[0]), {});
      } catch (const DataError&) {  // a picture too small for the feature is a clear error too
      }
    });
}

TEST_CASE("images: what an operator promises under flips and rotations, it keeps") {
  for (const ImageOp& op : image_ops()) {
    const auto params = op.params();
    for (int type : types_of(op.traits())) {
      CAPTURE(op.name(), type);
      const cv::Mat image = test::scene(67, 90, type), out = run(op, *params, image);
      const auto keeps = [&](Law law, cv::Mat (*move)(const cv::Mat&)) {
        if (law == Law::none) return;
        const cv::Mat moved = run(op, *params, move(image));
        if (law == Law::exact || CV_MAT_DEPTH(type) != CV_32F)
          CHECK(test::same_pixels(moved, move(out)));
        else
          CHECK(test::largest_difference(moved, move(out)) <= 1e-6);
      };
      keeps(op.traits().flip, test::flip_lr);
      keeps(op.traits().flip, test::flip_ud);
      keeps(op.traits().rotation, test::rotate_90);
    }
  }
}
