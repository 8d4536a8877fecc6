// Model files: what is saved comes back bit by bit, and what is damaged is a ModelError or still a model, never a crash.
#include "assay/core/error.h"
#include "tests/contract/damage.h"
#include "tests/contract/subject.h"

using namespace assay;
using namespace assay::contract;

namespace {

/// The table a user would predict on.
Table table_of(const Data& data) {
  Table t;
  t.name = "fresh.csv";
  t.columns = data.samples.columns;
  t.cells = data.samples.cols();
  return t;
}

/// Loads and predicts as the command line does. True: it answered; false: it refused with an error of ours.
bool answers_or_refuses(const std::string& path, const Table& table) {
  std::optional<Model> model;
  try {
    model = load_model(path);
  } catch (const ModelError& e) {
    CHECK(e.exit_code() == 4);
    return false;
  }
  try {
    const Samples x = match_columns(*model, table);
    const Vector said = model->predict(x, Context(0, 1));
    CHECK(said.size() == x.n());
    if (model->model->has_proba()) model->predict_proba(x, Context(0, 1));
    if (model->model->has_decision()) model->decision_function(x, Context(0, 1));
    model->model->explain(model->pipeline.output_columns(), model->target);
  } catch (const DataError&) {  // its columns are no longer those of the table
    return false;
  }
  return true;
}

std::vector<Case> piped_cases() {
  std::vector<Case> piped;
  for (const Case& c : cases())
    if (c.piped) piped.push_back(c);
  return piped;
}

}  // namespace

TEST_CASE("contract: a model that is saved and loaded predicts the same bits") {
  const Scratch scratch;
  for (const Case& c : cases()) {
    INFO(c.name());
    for (const int K : {2, 3}) {
      const Data data = make_data(c, 90, 4, K, 1), fresh = make_data(c, 60, 4, K, 2);
      const Trained t = contract::fit(c, data, Context(0, 1));
      const Predictions said = contract::predict(t, fresh.samples, Context(0, 1));
      Trained back;
      if (c.piped) {
        save_model(*t.whole, scratch.file("m.json"));
        back.whole = load_model(scratch.file("m.json"));
        save_model(*back.whole, scratch.file("again.json"));
        CHECK(read_all(scratch.file("m.json")) == read_all(scratch.file("again.json")));
        CHECK(back.whole->learner == c.learner);
        CHECK(back.whole->target.classes == data.target.classes);
        CHECK(back.whole->pipeline.description() == t.whole->pipeline.description());
        CHECK(same_bits(contract::predict(back, match_columns(*back.whole, table_of(fresh)), Context(0, 1)), said));
      } else {
        const std::string text = save_bare(*t.bare);
        back.bare = load_bare(*c.learner, text, data);
        CHECK(save_bare(*back.bare) == text);
      }
      CHECK(same_bits(contract::predict(back, fresh.samples, Context(0, 1)), said));
    }
  }
}

TEST_CASE("contract: a model file cut anywhere is a ModelError") {
  const Scratch scratch;
  for (const Case& c : piped_cases()) {
    INFO(c.name());
    const Data data = make_data(c, 40, 3, 2, 1);
    const std::string path = scratch.file("m.json");
    save_model(*contract::fit(c, data, Context(0, 1)).whole, path);
    const std::string text = read_all(path);
    REQUIRE(text.size() > 200);
    const size_t end = text.find_last_of('}');
    for (size_t cut = 0; cut <= end; cut += 1 + end / 120) {
      INFO("after " << cut << " of " << text.size() << " bytes");
      write_all(path, text.substr(0, cut));
      CHECK_THROWS_AS(load_model(path), ModelError);
    }
  }
}

TEST_CASE("contract: a model file with flipped bytes is refused or still predicts") {
  const Scratch scratch;
  for (const Case& c : piped_cases()) {
    INFO(c.name());
    const Data data = make_data(c, 40, 3, 2, 1);
    const std::string path = scratch.file("m.json");
    save_model(*contract::fit(c, data, Context(0, 1)).whole, path);
    const std::string text = read_all(path);
    Rng rng(11);
    int refused = 0;
    for (int trial = 0; trial < 400; ++trial) {
      std::string damaged = text;
      const size_t at = rng.below(damaged.size());
      static const char likely[] = "0123456789-.eE,:[]{}\"nt ";
      damaged[at] = rng.below(3) ? likely[rng.below(sizeof likely - 1)] : static_cast<char>(rng.below(256));
      INFO("byte " << at << " of trial " << trial);
      write_all(path, damaged);
      refused += !answers_or_refuses(path, table_of(data));
    }
    CHECK(refused > 0);
  }
}

TEST_CASE("contract: a model file with changed values is refused or still predicts") {
  const Scratch scratch;
  for (const Case& c : piped_cases()) {
    INFO(c.name());
    for (const int K : {2, 3}) {
      const Data data = make_data(c, 40, 3, K, 1);
      const std::string path = scratch.file("m.json");
      save_model(*contract::fit(c, data, Context(0, 1)).whole, path);
      const Json whole = parse_json(read_all(path), path);
      Rng rng(static_cast<uint64_t>(K));
      int refused = 0;
      for (int trial = 0; trial < 500; ++trial) {
        Json damaged = whole;
        damage(rng.below(2) ? damaged["model"] : damaged, rng);
        const std::string text = damaged.dump(-1, ' ', false, Json::error_handler_t::replace);
        INFO("trial " << trial << ": " << text.substr(0, 3000));
        write_all(path, text);
        refused += !answers_or_refuses(path, table_of(data));
      }
      CHECK(refused > 50);
    }
  }
}
