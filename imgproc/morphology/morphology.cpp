// imgproc/morphology/morphology.cpp
// Notation   f picture;  B structuring element;  e, d erosion and dilation;  band: some rows of the picture
// Method     a band of rows at a time, so that what lies between two steps stays in cache:   1 the first extremum, on the
//            rows that the second will reach   2 the second extremum   3 the difference
// Departures from the textbook: pixels beyond the edge take no part (border=ignored), so that the laws hold on a finite
//            picture

#include "assay/imgproc/morphology/morphology.h"

#include <opencv2/core.hpp>

#include "assay/core/parallel.h"
#include "assay/imgproc/morphology/extremum_internal.h"

namespace assay {

namespace {

using namespace morphology_stages;

enum class Make { erode, dilate, open, close, gradient, tophat, blackhat };

template <class T>
Outside<T> outside_of(const MorphologyParams& p) {
  const T value = cv::saturate_cast<T>(p.value);
  switch (p.border) {
    case MorphologyBorder::ignored:
      return {};
    case MorphologyBorder::reflect101:
      return {Border::reflect101, value};
    case MorphologyBorder::reflect:
      return {Border::reflect, value};
    case MorphologyBorder::replicate:
      return {Border::replicate, value};
    case MorphologyBorder::constant:
      return {Border::constant, value};
    case MorphologyBorder::wrap:
      break;
  }
  return {Border::wrap, value};
}

// Elements of both extrema as (1) of extremum_internal.h reads them: f(x + b).
struct Elements {
  Element erosion, dilation;
};

template <class T>
class Morphology {
 public:
  Morphology(const cv::Mat& image, const Elements& elements, Outside<T> outside, cv::Mat& out)
      : image_(image), elements_(elements), outside_(outside), out_(out), n_(image.cols * image.channels()) {}

  void make(Make what, int begin, int end) {
    switch (what) {
      case Make::erode:
        return extremum<Lesser>(begin, end, out_.ptr<T>(begin), stride(out_));
      case Make::dilate:
        return extremum<Greater>(begin, end, out_.ptr<T>(begin), stride(out_));
      case Make::open:
        return both<Lesser, Greater>(begin, end);
      case Make::close:
        return both<Greater, Lesser>(begin, end);
      case Make::gradient: {
        cv::Mat_<T> eroded(end - begin, n_);
        extremum<Lesser>(begin, end, eroded[0], stride(eroded));
        extremum<Greater>(begin, end, out_.ptr<T>(begin), stride(out_));
        for (int y = begin; y < end; ++y) subtract_rows<T>(out_.ptr<T>(y), eroded[y - begin], out_.ptr<T>(y), n_);
        return;
      }
      case Make::tophat:
        both<Lesser, Greater>(begin, end);
        for (int y = begin; y < end; ++y) subtract_rows<T>(image_.ptr<T>(y), out_.ptr<T>(y), out_.ptr<T>(y), n_);
        return;
      case Make::blackhat:
        both<Greater, Lesser>(begin, end);
        for (int y = begin; y < end; ++y) subtract_rows<T>(out_.ptr<T>(y), image_.ptr<T>(y), out_.ptr<T>(y), n_);
        return;
    }
  }

 private:
  static ptrdiff_t stride(const cv::Mat& m) { return static_cast<ptrdiff_t>(m.step1()); }
  const Element& element(Lesser) const { return elements_.erosion; }
  const Element& element(Greater) const { return elements_.dilation; }

  template <class Pick>
  void extremum(int begin, int end, T* out, ptrdiff_t out_stride) {
    Extremum<T, Pick>({image_.ptr<T>(0), stride(image_), 0}, image_.size(), image_.channels(), element(Pick()),
                      outside_)
        .rows(begin, end, out, out_stride);
  }
  template <class First, class Second>
  void both(int begin, int end) {
    const Element& second = element(Second());
    int from = std::max(0, begin - second.up()), to = std::min(image_.rows, end + second.down());
    if (outside_.border) {  // mirrored rows lie as far inside as they stand outside
      from = std::max(0, std::min(from, image_.rows - 1 - second.down()));
      to = std::min(image_.rows, std::max(to, second.up() + 1));
    }
    cv::Mat_<T> between(to - from, n_);
    extremum<First>(from, to, between[0], stride(between));
    Extremum<T, Second>({between[0], stride(between), from}, image_.size(), image_.channels(), second, outside_)
        .rows(begin, end, out_.ptr<T>(begin), stride(out_));
  }

  const cv::Mat& image_;
  const Elements& elements_;
  Outside<T> outside_;
  cv::Mat& out_;
  int n_;
};

template <class T>
void make_all(Make what, const MorphologyParams& p, const Elements& elements, const cv::Mat& image, cv::Mat& out,
              const Context& ctx) {
  const int tall = elements.erosion.up() + elements.erosion.down() + 1;
  const bool whole = p.border == MorphologyBorder::wrap && what != Make::erode && what != Make::dilate;
  const int band = whole ? image.rows : std::max(128, 6 * tall);  // rows around it are done twice
  parallel_for(ctx.threads, image.rows, band, [&](Index begin, Index end) {
    ctx.check_cancelled();
    Morphology<T>(image, elements, outside_of<T>(p), out).make(what, static_cast<int>(begin), static_cast<int>(end));
  });
}

void show(const Element& element, const cv::Mat& out, const char* title, const Context& ctx) {
  ctx.trace.image([&] {
    cv::Mat_<uint8_t> cells(element.up() + element.down() + 1, element.left() + element.right() + 1, uint8_t{0});
    for (const ElementRun& run : element.runs())
      for (int k = 0; k < run.length; ++k) cells(element.up() + run.dy, element.left() + run.begin + k) = 255;
    return TraceImage{"element",
                      "B: the structuring element",
                      "White: the pixels that take part.",
                      view_of(cells),
                      false,
                      {},
                      "imgproc/morphology/element.cpp:make_element"};
  });
  ctx.trace.image([&] {
    return TraceImage{"result", title, "The picture after the operator.",           view_of(out),
                      false,    {},    "imgproc/morphology/morphology.cpp:make_all"};
  });
}

void apply(Make what, const char* title, const MorphologyParams& p, const cv::Mat& image, cv::Mat& out,
           const Context& ctx) {
  const Element element = element_of(p);
  const Elements elements{element, p.convention == MorphologyConvention::opencv ? element : element.reflected()};
  out.create(image.size(), image.type());
  if (image.depth() == CV_8U)
    make_all<uint8_t>(what, p, elements, image, out, ctx);
  else if (image.depth() == CV_16U)
    make_all<uint16_t>(what, p, elements, image, out, ctx);
  else
    make_all<float>(what, p, elements, image, out, ctx);
  if (ctx.trace) show(element, out, title, ctx);
}

}  // namespace

Element element_of(const MorphologyParams& p) {
  if (!p.kernel.empty()) return read_element(p.kernel);
  return make_element(p.shape, p.size, p.height.value_or(p.size), p.convention);
}

void Erode::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::erode, "Erode: the least value over B", p, image, out, ctx);
}
void Dilate::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::dilate, "Dilate: the greatest value over B", p, image, out, ctx);
}
void Open::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::open, "Open: d(e(f))", p, image, out, ctx);
}
void Close::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::close, "Close: e(d(f))", p, image, out, ctx);
}
void MorphologicalGradient::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::gradient, "Gradient: d(f) - e(f)", p, image, out, ctx);
}
void TopHat::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::tophat, "Top-hat: f - open(f)", p, image, out, ctx);
}
void BlackHat::apply(const Params& p, const cv::Mat& image, cv::Mat& out, const Context& ctx) {
  assay::apply(Make::blackhat, "Black-hat: close(f) - f", p, image, out, ctx);
}

}  // namespace assay
