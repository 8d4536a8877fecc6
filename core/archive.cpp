#include "assay/core/archive.h"

#include <cmath>
#include <limits>

#include "assay/core/error.h"
#include "assay/core/json.h"
#include "assay/core/text.h"

namespace assay {
namespace {

Json& json(void* node) { return *static_cast<Json*>(node); }
const Json& json(const void* node) { return *static_cast<const Json*>(node); }

void require_finite(std::string_view name, const double* values, size_t n) {
  for (size_t i = 0; i < n; ++i)
    if (!std::isfinite(values[i]))
      throw Error("the model cannot be written: " + std::string(name) + " holds a number that is not finite");
}

Json array_of(std::string_view name, const double* values, size_t n) {
  require_finite(name, values, n);
  return Json(Json::array_t(values, values + n));
}

/// Index of member `name` of an object, which is made where it is absent.
size_t member_index(Json& object, std::string_view name, Json&& fresh) {
  if (object.is_null()) object = Json::object();
  auto& members = object.get_ref<Json::object_t&>();
  size_t i = 0;
  for (const auto& member : members) {
    if (member.first == name) return i;
    ++i;
  }
  members.emplace_back(std::string(name), std::move(fresh));
  return members.size() - 1;
}

}  // namespace

// ---- writing

void* ArchiveWriter::node() const {
  Json* at = &json(root_);
  for (const size_t step : steps_)
    at = at->is_array() ? &(*at)[step]
                        : &(at->get_ref<Json::object_t&>().begin() + static_cast<std::ptrdiff_t>(step))->second;
  return at;
}

void ArchiveWriter::flag(std::string_view name, bool value) { json(node())[std::string(name)] = value; }
void ArchiveWriter::integer(std::string_view name, long long value) { json(node())[std::string(name)] = value; }
void ArchiveWriter::number(std::string_view name, double value) {
  require_finite(name, &value, 1);
  json(node())[std::string(name)] = value;
}
void ArchiveWriter::text(std::string_view name, const std::string& value) { json(node())[std::string(name)] = value; }
void ArchiveWriter::numbers(std::string_view name, const std::vector<double>& values) {
  json(node())[std::string(name)] = array_of(name, values.data(), values.size());
}
void ArchiveWriter::integers(std::string_view name, const std::vector<int>& values) {
  json(node())[std::string(name)] = values;
}
void ArchiveWriter::texts(std::string_view name, const std::vector<std::string>& values) {
  json(node())[std::string(name)] = values;
}
void ArchiveWriter::vector(std::string_view name, const Vector& values) {
  json(node())[std::string(name)] = array_of(name, values.data(), static_cast<size_t>(values.size()));
}
void ArchiveWriter::matrix(std::string_view name, const Matrix& values) {
  Json shape = Json::object();
  shape["rows"] = values.rows();
  shape["columns"] = values.cols();
  shape["values"] = array_of(name, values.data(), static_cast<size_t>(values.size()));
  json(node())[std::string(name)] = std::move(shape);
}
ArchiveWriter ArchiveWriter::object(std::string_view name) {
  ArchiveWriter child(*this);
  child.steps_.push_back(member_index(json(node()), name, Json::object()));
  return child;
}
ArchiveWriter ArchiveWriter::append(std::string_view name) {
  ArchiveWriter child(*this);
  child.steps_.push_back(member_index(json(node()), name, Json::array()));
  auto& array = json(child.node()).get_ref<Json::array_t&>();
  array.push_back(Json::object());
  child.steps_.push_back(array.size() - 1);
  return child;
}

// ---- reading

void ArchiveReader::fail(const std::string& message) const {
  throw ModelError(path_.empty() ? message : path_ + ": " + message);
}

namespace {

[[noreturn]] void fail_member(const ArchiveReader& in, std::string_view name, const std::string& message) {
  throw ModelError((in.path().empty() ? "" : in.path() + ".") + std::string(name) + ": " + message);
}

double finite_number(const ArchiveReader& in, std::string_view name, const Json& value) {
  if (!value.is_number()) fail_member(in, name, std::string("is not a number but ") + value.type_name());
  const double number = value.get<double>();
  if (!std::isfinite(number)) fail_member(in, name, "is not finite");
  return number;
}

long long whole_number(const ArchiveReader& in, std::string_view name, const Json& value, long long lo, long long hi) {
  if (!value.is_number_integer()) fail_member(in, name, std::string("is not a whole number but ") + value.type_name());
  const bool too_large = value.is_number_unsigned() &&
                         value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<long long>::max());
  const long long number = too_large ? 0 : value.get<long long>();
  if (too_large || number < lo || number > hi)
    fail_member(in, name, value.dump() + " is outside " + std::to_string(lo) + ".." + std::to_string(hi));
  return number;
}

const Json::array_t& array_in(const ArchiveReader& in, std::string_view name, const Json& value) {
  if (!value.is_array()) fail_member(in, name, std::string("is not an array but ") + value.type_name());
  return value.get_ref<const Json::array_t&>();
}

std::string item_name(std::string_view name, size_t i) { return std::string(name) + "[" + std::to_string(i) + "]"; }

/// Copies an array of finite numbers to `to`, which has room for all of them.
void copy_numbers(const ArchiveReader& in, std::string_view name, const Json::array_t& array, double* to) {
  for (size_t i = 0; i < array.size(); ++i) {
    const Json& value = array[i];
    if (value.is_number_float())
      to[i] = value.get_ref<const double&>();
    else if (value.is_number())
      to[i] = value.get<double>();
    else
      fail_member(in, item_name(name, i), std::string("is not a number but ") + value.type_name());
    if (!std::isfinite(to[i])) fail_member(in, item_name(name, i), "is not finite");
  }
}

}  // namespace

const void* ArchiveReader::member(std::string_view name) const {
  const Json& node = json(node_);
  if (!node.is_object()) fail(std::string("is not an object but ") + node.type_name());
  for (const auto& item : node.get_ref<const Json::object_t&>())
    if (item.first == name) return &item.second;
  return nullptr;
}

const void* ArchiveReader::required(std::string_view name) const {
  const void* found = member(name);
  if (!found) fail("lacks " + quoted(name));
  return found;
}

bool ArchiveReader::has(std::string_view name) const { return member(name) != nullptr; }

bool ArchiveReader::flag(std::string_view name) const {
  const Json& value = json(required(name));
  if (!value.is_boolean()) fail_member(*this, name, std::string("is not true or false but ") + value.type_name());
  return value.get<bool>();
}

long long ArchiveReader::integer(std::string_view name, long long lo, long long hi) const {
  return whole_number(*this, name, json(required(name)), lo, hi);
}

double ArchiveReader::number(std::string_view name) const { return finite_number(*this, name, json(required(name))); }

std::string ArchiveReader::text(std::string_view name) const {
  const Json& value = json(required(name));
  if (!value.is_string()) fail_member(*this, name, std::string("is not text but ") + value.type_name());
  return value.get<std::string>();
}

std::vector<double> ArchiveReader::numbers(std::string_view name) const {
  const Json::array_t& array = array_in(*this, name, json(required(name)));
  std::vector<double> values(array.size());
  copy_numbers(*this, name, array, values.data());
  return values;
}

std::vector<int> ArchiveReader::integers(std::string_view name, int lo, int hi) const {
  const Json::array_t& array = array_in(*this, name, json(required(name)));
  std::vector<int> values(array.size());
  for (size_t i = 0; i < array.size(); ++i) {
    const Json& value = array[i];
    if (value.is_number_integer() && !value.is_number_unsigned()) {
      const auto v = value.get_ref<const int64_t&>();
      if (v >= lo && v <= hi) {
        values[i] = static_cast<int>(v);
        continue;
      }
    }
    values[i] = static_cast<int>(whole_number(*this, item_name(name, i), value, lo, hi));
  }
  return values;
}

std::vector<std::string> ArchiveReader::texts(std::string_view name) const {
  const Json::array_t& array = array_in(*this, name, json(required(name)));
  std::vector<std::string> values;
  values.reserve(array.size());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array[i].is_string())
      fail_member(*this, item_name(name, i), std::string("is not text but ") + array[i].type_name());
    values.push_back(array[i].get<std::string>());
  }
  return values;
}

Vector ArchiveReader::vector(std::string_view name, Eigen::Index size) const {
  const Json::array_t& array = array_in(*this, name, json(required(name)));
  if (array.size() != static_cast<size_t>(size))
    fail_member(*this, name, "has " + std::to_string(array.size()) + " values instead of " + std::to_string(size));
  Vector values(size);
  copy_numbers(*this, name, array, values.data());
  return values;
}

Matrix ArchiveReader::matrix(std::string_view name, Eigen::Index rows, Eigen::Index columns) const {
  const ArchiveReader shape = object(name);
  constexpr long long kMost = std::numeric_limits<int>::max();
  const long long r = shape.integer("rows", 0, kMost), c = shape.integer("columns", 0, kMost);
  if ((rows >= 0 && r != rows) || (columns >= 0 && c != columns)) {
    const auto side = [](Eigen::Index n) { return n < 0 ? std::string("any") : std::to_string(n); };
    shape.fail("is " + std::to_string(r) + " x " + std::to_string(c) + " instead of " + side(rows) + " x " +
               side(columns));
  }
  const Json::array_t& array = array_in(shape, "values", json(shape.required("values")));
  if (array.size() != static_cast<uint64_t>(r) * static_cast<uint64_t>(c))  // below 2^62: both fit 31 bits
    shape.fail("has " + std::to_string(array.size()) + " values for " + std::to_string(r) + " x " + std::to_string(c));
  Matrix values(r, c);
  copy_numbers(shape, "values", array, values.data());
  return values;
}

ArchiveReader ArchiveReader::object(std::string_view name) const {
  const Json& value = json(required(name));
  if (!value.is_object()) fail_member(*this, name, std::string("is not an object but ") + value.type_name());
  return ArchiveReader(&value, path_.empty() ? std::string(name) : path_ + "." + std::string(name));
}

std::vector<ArchiveReader> ArchiveReader::objects(std::string_view name) const {
  const Json::array_t& array = array_in(*this, name, json(required(name)));
  std::vector<ArchiveReader> items;
  items.reserve(array.size());
  for (size_t i = 0; i < array.size(); ++i) {
    if (!array[i].is_object())
      fail_member(*this, item_name(name, i), std::string("is not an object but ") + array[i].type_name());
    items.emplace_back(&array[i], (path_.empty() ? "" : path_ + ".") + item_name(name, i));
  }
  return items;
}

}  // namespace assay
