// Method   nlohmann's lexer drives a builder of our own, which counts depth, appends members without the library's
//          linear search for an equal name (quadratic in a hostile file) and finds equal names by sorting once an
//          object ends.
#include "assay/core/json.h"

#include <algorithm>
#include <vector>

#include "assay/core/error.h"
#include "assay/core/text.h"

namespace assay {
namespace {

class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(Json& root, const std::string& name, int depth) : root_(root), name_(name), depth_(depth) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& value) override {
    Json::object_t& object = open_.back()->get_ref<Json::object_t&>();
    object.emplace_back(std::move(value), Json());
    slot_ = &object.back().second;
    return true;
  }
  bool end_object() override {
    check_names(open_.back()->get_ref<const Json::object_t&>());
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t byte, const std::string& token, const nlohmann::detail::exception& error) override {
    // The library's sentence ends with what it expected; what stands before repeats the place.
    std::string what = error.what();
    const size_t colon = what.rfind("; ");
    const std::string expected = colon == std::string::npos ? "" : what.substr(colon + 2);
    fail("is not JSON at byte " + std::to_string(byte) + ": unexpected " +
         (token.empty() || token.find('\0') != std::string::npos ? "end" : assay::quoted(token)) +
         (expected.empty() ? "" : ", " + expected));
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError(message, "", Place{name_}); }

  Json* place() {  // where the next value goes: the root, the named member, or the end of the open array
    if (open_.empty()) return &root_;
    if (!open_.back()->is_array()) return slot_;
    Json::array_t& array = open_.back()->get_ref<Json::array_t&>();
    return &array.emplace_back();
  }
  template <class Value>
  bool put(Value&& value) {
    *place() = std::forward<Value>(value);
    return true;
  }
  bool open(Json&& container) {
    if (open_.size() >= static_cast<size_t>(depth_))
      fail("is nested deeper than " + std::to_string(depth_) + " levels");
    Json* at = place();
    *at = std::move(container);
    open_.push_back(at);  // a parent does not grow while a child is open: the address holds
    return true;
  }
  void check_names(const Json::object_t& object) const {
    std::vector<const std::string*> names;
    names.reserve(object.size());
    for (const auto& member : object) names.push_back(&member.first);
    std::sort(names.begin(), names.end(), [](const std::string* a, const std::string* b) { return *a < *b; });
    for (size_t i = 1; i < names.size(); ++i)
      if (*names[i - 1] == *names[i]) fail("has the name " + assay::quoted(*names[i]) + " twice in one object");
  }

  Json& root_;
  const std::string& name_;
  int depth_;
  std::vector<Json*> open_;
  Json* slot_ = nullptr;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& name, int depth) {
  // The library takes a NUL byte for the end of the text and would not look at what follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos)
    throw ModelError("is not JSON at byte " + std::to_string(nul + 1) + ": a NUL byte", "", Place{name});
  Json root;
  Builder builder(root, name, depth);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return root;
}

}  // namespace assay
