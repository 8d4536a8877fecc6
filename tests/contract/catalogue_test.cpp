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

}  // namespace

TEST_CASE("contract: names and aliases of learners are unique, and every learner says what it is") {
  std::set<std::string> names;
  for (const Learner& l : learners()) {
    INFO(l.name());
    CHECK(names.insert(std::string(l.name())).second);
    for (const char* alias : l.info->aliases) CHECK(names.insert(alias).second);
    CHECK(kebab(l.name()) == l.name());
    CHECK(std::string(l.info->title).size() > 10);
    CHECK((l.traits().classification || l.traits().regression));
    CHECK(&find_learner(l.name()) == &l);
  }
  CHECK(names.count("dummy"));
}

TEST_CASE("contract: every parameter has a kebab name, a sentence, and a default it accepts") {
  for (const Learner& l : learners()) {
    const auto params = l.params();
    CHECK_NOTHROW(params->check());
    std::set<std::string> names;
    for (const Param& p : params->list()) {
      INFO(l.name() << " " << p.name);
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
  }
}

TEST_CASE("contract: each invalid value is refused with the parameter's name and the value, and changes nothing") {
  for (const Learner& l : learners()) {
    const auto params = l.params();
    for (const Param& p : params->list())
      for (const std::string& value : invalid_values(p)) {
        INFO(l.name() << " " << p.name << " = \"" << value << "\"");
        const std::string before = p.get(), message = refusal(p, value);
        CHECK(message.find("'" + p.name + "'") != std::string::npos);
        CHECK(message.find(quoted(value)) != std::string::npos);
        CHECK(p.get() == before);
      }
    CHECK_THROWS_AS(params->set("no-such-parameter", "1", l.name()), UsageError);
  }
}
