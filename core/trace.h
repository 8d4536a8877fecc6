// core/trace.h: the study window. An algorithm describes a step; somebody may be watching.
//
//   ctx.trace.step([&] { return NewtonStep{t, objective, gradient_norm}; });
//
// The lambda runs only if a sink is attached, and results are bit-equal with the window open or closed. A step is a
// struct with `kind` and `fields` in the paper's symbols; a picture is an ImageView with the sentence that explains it.
// The sinks that write files live in the cli.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "assay/core/image_view.h"

namespace assay {

using TraceValue = std::variant<bool, long long, double, std::string, std::vector<double>>;

struct TraceField {
  std::string symbol;  ///< as the paper writes it
  TraceValue value;
  std::string text;  ///< what it means
};

struct TraceStep {
  std::string kind;  ///< one word; one .jsonl file a kind
  std::string why;   ///< one sentence: why did this happen; may be empty
  std::vector<TraceField> fields;
  std::string title{};   ///< the step in the paper's words, with equation; may be empty
  std::string source{};  ///< file:function of the code that made it; may be empty
};

struct TraceImage {
  std::string stage;    ///< one word: "blur"
  std::string title;    ///< the step in the paper's words, with equation
  std::string caption;  ///< what the picture says (also its alternative text)
  ImageView view;
  bool stretch = false;            ///< show the range of values as black..white instead of 0..full scale
  std::vector<TraceField> fields;  ///< values of this step
  std::string source;              ///< file:function of the code that made it
  std::string why{};               ///< one sentence: why did this happen; may be empty
};

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void step(const std::string& path, const TraceStep& step) = 0;
  virtual void image(const std::string& path, const TraceImage& image) = 0;
};

namespace detail {
inline TraceValue trace_value(bool v) { return v; }
inline TraceValue trace_value(double v) { return v; }
inline TraceValue trace_value(int v) { return static_cast<long long>(v); }
inline TraceValue trace_value(long v) { return static_cast<long long>(v); }
inline TraceValue trace_value(long long v) { return v; }
inline TraceValue trace_value(size_t v) { return static_cast<long long>(v); }
inline TraceValue trace_value(std::string v) { return v; }
inline TraceValue trace_value(const char* v) { return std::string(v); }
inline TraceValue trace_value(std::vector<double> v) { return v; }
}  // namespace detail

/// A struct with `static constexpr const char* kind` and `static void fields(const S&, auto&& field)` as a TraceStep;
/// an optional member `why` gives the sentence, optional static `title` and `source` the paper's words and the code.
template <class Step>
TraceStep trace_step(const Step& s) {
  TraceStep record;
  record.kind = Step::kind;
  if constexpr (requires { s.why; }) record.why = s.why;
  if constexpr (requires { Step::title; }) record.title = Step::title;
  if constexpr (requires { Step::source; }) record.source = Step::source;
  Step::fields(s, [&](const char* symbol, const auto& value, const char* text) {
    record.fields.push_back({symbol, detail::trace_value(value), text});
  });
  return record;
}

/// A handle: copied freely, empty by default.
class Trace {
 public:
  Trace() = default;
  Trace(TraceSink* sink, std::string path) : sink_(sink), path_(std::move(path)) {}
  explicit operator bool() const { return sink_ != nullptr; }
  const std::string& path() const { return path_; }
  Trace child(const std::string& name) const {
    return sink_ ? Trace(sink_, path_.empty() ? name : path_ + "/" + name) : Trace();
  }
  template <class Make>
  void step(Make&& make) const {
    if (sink_) sink_->step(path_, trace_step(make()));
  }
  /// make() returns a TraceImage; its view is read before this returns.
  template <class Make>
  void image(Make&& make) const {
    if (sink_) sink_->image(path_, make());
  }

 private:
  TraceSink* sink_ = nullptr;
  std::string path_;
};

}  // namespace assay
