// The catalogue and its parameters, as data.
#include <set>

#include "assay/core/error.h"
#include "assay/core/text.h"
#include "tests/contract/subject.h"

using namespace assay;

namespace {

/// Texts that a parameter must refuse, made from its type, rule and choices.
std::vector<std::string> invalid_values(const Param& p) {
  std::vector<std::string> bad;
  const bool number = p.type == ParamType::number || p.type == ParamType::integer || p.type == ParamType::numbers ||
                      p.type == ParamType::choice_or_number;
  if (p.type == ParamType::text) return bad;
  bad = {"no-such-value", "", "1 2"};
  if (!p.optional) bad.push_back("none");
  for (const std::string& choice : p.choices)
    if (choice == "none") bad.erase(std::remove(bad.begin(), bad.end(), "none"), bad.end());
  if (!number) return bad;
  for (const char* text : {"nan", "inf", "-inf", "1e999", "0x10", "1,,2"}) bad.emplace_back(text);
  if (p.type == ParamType::integer) bad.emplace_back("2.5");
  if (std::isfinite(p.rule.lo)) {
    bad.push_back(shortest(p.rule.lo - 1));
    if (p.rule.lo_open) bad.push_back(shortest(p.rule.lo));
  }
  if (std::isfinite(p.rule.hi)) {
    bad.push_back(shortest(p.rule.hi + 1));
    if (p.rule.hi_open) bad.push_back(shortest(p.rule.hi));
  }
  if (p.rule.odd) bad.push_back("4");
  return bad;
}

std::string refusal(const Param& p, const std::string& value) {
  try {
    p.set(value);
  } catch (const ParameterError& e) {
    return e.message();
  }
  return "";
}

template <class Algorithm>
void check_names(std::span<const Algorithm> catalogue, const Algorithm& (*find)(std::string_view)) {
  std::set<std::string> names;
  for (const Algorithm& a : catalogue) {
    INFO(a.name());
    CHECK(names.insert(std::string(a.name())).second);
    for (const char* alias : a.info->aliases) CHECK(names.insert(alias).second);
    CHECK(kebab(a.name()) == a.name());
    CHECK(std::string(a.info->title).size() > 10);
    CHECK(&find(a.name()) == &a);
  }
}

/// Calls check(name, params) for every algorithm of every catalogue.
template <class Check>
void for_every_params(Check check) {
  for (const Learner& l : learners()) check(l.name(), *l.params());
  for (const Clusterer& c : clusterers()) check(c.name(), *c.params());
  for (const Reducer& r : reducers()) check(r.name(), *r.params());
}

}  // namespace

TEST_CASE("contract: names and aliases of a catalogue are unique, and every algorithm says what it is") {
  check_names(learners(), find_learner);
  check_names(clusterers(), find_clusterer);
  check_names(reducers(), find_reducer);
  for (const Learner& l : learners()) CHECK((l.traits().classification || l.traits().regression));
  CHECK(find_learner("dummy").name() == "dummy");
}

TEST_CASE("contract: clusterers and reducers scale nothing unless asked") {
  for (const Clusterer& c : clusterers()) CHECK_FALSE(c.traits().needs_scaling);
  for (const Reducer& r : reducers()) CHECK_FALSE(r.traits().needs_scaling);
}

TEST_CASE("contract: every parameter has a kebab name, a sentence, and a default it accepts") {
  for_every_params([](std::string_view owner, AnyParams& params) {
    CHECK_NOTHROW(params.check());
    std::set<std::string> names;
    for (const Param& p : params.list()) {
      INFO(owner << " " << p.name);
      CHECK(names.insert(lower(kebab(p.name))).second);
      for (const std::string& alias : p.aliases) CHECK(names.insert(lower(kebab(alias))).second);
      CHECK(p.text.size() > 5);
      const std::string before = p.get();
      CHECK_NOTHROW(p.set(before));
      CHECK(p.get() == before);
      for (const std::string& choice : p.choices) {
        CHECK_NOTHROW(p.set(choice));
        CHECK(p.get() == choice);
      }
      if (p.optional) CHECK_NOTHROW(p.set("none"));
    }
  });
}

TEST_CASE("contract: each invalid value is refused with the parameter's name and the value, and changes nothing") {
  for_every_params([](std::string_view owner, AnyParams& params) {
    for (const Param& p : params.list())
      for (const std::string& value : invalid_values(p)) {
        INFO(owner << " " << p.name << " = \"" << value << "\"");
        const std::string before = p.get(), message = refusal(p, value);
        CHECK(message.find("'" + p.name + "'") != std::string::npos);
        CHECK(message.find(quoted(value)) != std::string::npos);
        CHECK(p.get() == before);
      }
    CHECK_THROWS_AS(params.set("no-such-parameter", "1", owner), UsageError);
  });
}
