// The promises that could depend on a parameter's word, for every word: a solver, a distance, a criterion.
#include "assay/core/error.h"
#include "tests/contract/subject.h"

using namespace assay;
using namespace assay::contract;

namespace {

struct Setting {
  std::string name, value;
};

/// Every choice and every switch of a learner, one at a time.
std::vector<Setting> settings_of(const Learner& learner) {
  std::vector<Setting> all;
  const auto params = learner.params();
  for (const Param& p : params->list()) {
    std::vector<std::string> words = p.choices;
    if (p.type == ParamType::boolean) words = {"true", "false"};
    for (const std::string& word : words)
      if (word != p.get()) all.push_back({p.name, word});
  }
  return all;
}

void check_promises(const Case& c, const AnyParams& params) {
  const Index n = c.traits().quadratic ? 200 : 900;
  Data data = make_data(c, n, 4, 3, 6);
  const Data fresh = make_data(c, 700, 4, 3, 7);
  if (data.target.K() == 0) data.target.value = data.target.value.cwiseAbs();  // a loss of counts needs that
  const Trained one = contract::fit(c, params, data, Context(3, 1));
  const Predictions said = contract::predict(one, fresh.samples, Context(3, 1));
  check_answer(c, said, 700, data.target.K());

  const Trained many = contract::fit(c, params, data, Context(3, 7));
  CHECK(same_bits(contract::predict(many, fresh.samples, Context(3, 2)), said));

  Trained back;
  back.bare = load_bare(*c.learner, save_bare(*one.bare), data);
  CHECK(same_bits(contract::predict(back, fresh.samples, Context(3, 1)), said));

  const std::vector<int> rows{699, 5, 5, 300};
  const Predictions part = contract::predict(one, gather(fresh.samples, rows), Context(3, 1));
  for (size_t i = 0; i < rows.size(); ++i) {
    const double whole = said.value[rows[i]], alone = part.value[static_cast<Index>(i)];
    if (c.traits().rowwise_exact)
      CHECK(alone == whole);
    else
      CHECK(std::abs(alone - whole) <= 1e-12 * std::max(1.0, std::abs(whole)));
  }
}

}  // namespace

TEST_CASE("contract: every word of every parameter gives an answer, for any number of threads, saved or not",
          "[parallel]") {
  for (const Case& c : bare_cases())
    for (const Setting& s : settings_of(*c.learner)) {
      INFO(c.name() << ", " << s.name << "=" << s.value);
      const auto params = usual_params(*c.learner);
      params->set(s.name, s.value, c.learner->name());
      try {
        params->check();
        check_promises(c, *params);
      } catch (const ParameterError& e) {  // a word of the other task, or one that asks for another parameter
        CHECK(e.message().size() > 10);
      }
    }
}
