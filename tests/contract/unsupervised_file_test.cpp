// Files of clusterers' and reducers' models: what is saved comes back bit by bit, and what is damaged is a ModelError or
// still a model, never a crash.
#include "assay/core/error.h"
#include "tests/contract/damage.h"
#include "tests/contract/unsupervised.h"

using namespace assay;
using namespace assay::contract;

namespace {

Table table_of(const Samples& x) {
  Table t;
  t.name = "fresh.csv";
  t.columns = x.columns;
  t.cells = x.cols();
  return t;
}

Clustered load_as(const Subject<Clusterer>&, const std::string& path) {
  Clustered r;
  r.whole = std::get<ClusterModel>(load_any_model(path));
  return r;
}
Reduced load_as(const Subject<Reducer>&, const std::string& path) {
  Reduced r;
  r.whole = std::get<ReducerModel>(load_any_model(path));
  return r;
}

/// Loads and answers as the command line does. True: it answered; false: it refused with an error of ours.
bool answers_or_refuses(const std::string& path, const Table& table) {
  std::optional<AnyFileModel> any;
  try {
    any = load_any_model(path);
  } catch (const ModelError& e) {
    CHECK(e.exit_code() == 4);
    return false;
  }
  try {
    if (const auto* m = std::get_if<ClusterModel>(&*any)) {
      const Samples x = match_columns(*m, table);
      if (m->model->has_predict()) check_labels(m->predict(x, Context(0, 1)), x.n(), m->model->clusters());
      if (m->model->has_proba()) m->model->predict_proba(m->pipeline.transform(x, 1), Context(0, 1));
      m->model->explain(m->pipeline.output_columns());
    } else if (const auto* r = std::get_if<ReducerModel>(&*any)) {
      const Samples x = match_columns(*r, table);
      CHECK(r->transform(x, Context(0, 1)).rows() == x.n());
      r->model->explain(r->pipeline.output_columns());
    }
  } catch (const DataError&) {  // its columns are no longer those of the table
    return false;
  }
  return true;
}

/// Calls check(subject, path of its saved model, the table it was trained on).
template <class Check>
void for_every_file(Check check) {
  for_every_subject([&](const auto& s) {
    if (!s.piped || s.toy) return;
    const Scratch scratch;
    const Samples x = make_rows(s, 40, 3, 1);
    const std::string path = scratch.file("m.json");
    save_model(*contract::fit(s, x, Context(0, 1)).whole, path);
    check(s, path, table_of(x));
  });
}

}  // namespace

TEST_CASE("contract: a clusterer's or reducer's model that is saved and loaded says the same bits") {
  const Scratch scratch;
  for_every_subject([&](const auto& s) {
    const Samples x = usual_rows(s), fresh = make_rows(s, 60, 4, 2);
    const auto r = contract::fit(s, x, Context(0, 1));
    const Said said = said_of(r, fresh, Context(0, 1));
    if (!s.piped) {
      Json node;
      ArchiveWriter out(&node);
      r.model().save(out);
      const Json again = parse_json(node.dump(), "model");
      ResultOf<std::decay_t<decltype(s.algorithm)>> back;
      back.bare = s.algorithm.load(ArchiveReader(&again, "model"), x.columns);
      CHECK(same_bits(said_of(back, fresh, Context(0, 1)), said));
      Json twice;
      ArchiveWriter out_again(&twice);
      back.model().save(out_again);
      CHECK(twice.dump() == node.dump());
      return;
    }
    if (s.toy) return;
    save_model(*r.whole, scratch.file("m.json"));
    const auto back = load_as(s, scratch.file("m.json"));
    save_model(*back.whole, scratch.file("again.json"));
    CHECK(read_all(scratch.file("m.json")) == read_all(scratch.file("again.json")));
    CHECK(back.whole->pipeline.description() == r.whole->pipeline.description());
    CHECK(same_bits(said_of(back, match_columns(*back.whole, table_of(fresh)), Context(0, 1)), said));
    CHECK_THROWS_AS(load_model(scratch.file("m.json")), ModelError);  // no learner's
  });
}

TEST_CASE("contract: a clusterer's or reducer's file cut anywhere is a ModelError") {
  for_every_file([](const auto&, const std::string& path, const Table&) {
    const std::string text = read_all(path);
    const size_t end = text.find_last_of('}');
    for (size_t cut = 0; cut <= end; cut += 1 + end / 120) {
      INFO("after " << cut << " of " << text.size() << " bytes");
      write_all(path, text.substr(0, cut));
      CHECK_THROWS_AS(load_any_model(path), ModelError);
    }
  });
}

TEST_CASE(
    "contract: a clusterer's or reducer's file with flipped bytes or changed values is refused or still answers") {
  for_every_file([](const auto&, const std::string& path, const Table& table) {
    const std::string text = read_all(path);
    const Json whole = parse_json(text, path);
    Rng rng(11);
    int refused = 0;
    for (int trial = 0; trial < 400; ++trial) {
      std::string damaged = text;
      const size_t at = rng.below(damaged.size());
      static const char likely[] = "0123456789-.eE,:[]{}\"nt ";
      damaged[at] = rng.below(3) ? likely[rng.below(sizeof likely - 1)] : static_cast<char>(rng.below(256));
      INFO("byte " << at << " of trial " << trial);
      write_all(path, damaged);
      refused += !answers_or_refuses(path, table);
    }
    for (int trial = 0; trial < 600; ++trial) {
      Json damaged = whole;
      damage(rng.below(2) ? damaged["model"] : damaged, rng);
      const std::string changed = damaged.dump(-1, ' ', false, Json::error_handler_t::replace);
      INFO("trial " << trial << ": " << changed.substr(0, 3000));
      write_all(path, changed);
      refused += !answers_or_refuses(path, table);
    }
    CHECK(refused > 50);
  });
}
