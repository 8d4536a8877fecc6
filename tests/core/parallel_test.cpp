#include "assay/core/parallel.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

using assay::Index;
using assay::parallel_for;
using assay::parallel_reduce;

namespace {

std::vector<std::pair<Index, Index>> chunks_of(int threads, Index n, Index grain) {
  std::vector<std::pair<Index, Index>> chunks(static_cast<size_t>((n + grain - 1) / grain));
  parallel_for(threads, n, grain, [&](Index begin, Index end) {
    chunks[static_cast<size_t>(begin / grain)] = {begin, end};
  });
  return chunks;
}

double sum_of_reciprocals(int threads, Index n, Index grain) {
  const auto partial = [](Index begin, Index end) {
    double s = 0;
    for (Index i = begin; i < end; ++i) s += 1.0 / static_cast<double>(i + 1);
    return s;
  };
  return parallel_reduce(threads, n, grain, 0.0, partial, [](double& total, double s) { total += s; });
}

}  // namespace

TEST_CASE("parallel_for: ten items in chunks of four are cut at 4 and 8, for any number of threads", "[parallel]") {
  const std::vector<std::pair<Index, Index>> expected = {{0, 4}, {4, 8}, {8, 10}};
  for (int threads : {1, 2, 3, 16, 0}) CHECK(chunks_of(threads, 10, 4) == expected);
}

TEST_CASE("parallel_for: each item is visited once, and what was written is seen after it", "[parallel]") {
  std::vector<int> visits(100003, 0);
  for (int round = 0; round < 5; ++round) {
    parallel_for(4, static_cast<Index>(visits.size()), 17, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
    });
    for (int& v : visits) ++v;
  }
  CHECK(visits == std::vector<int>(100003, 10));
}

TEST_CASE("parallel_for: no items means no call, and a grain below one counts as one", "[parallel]") {
  int calls = 0;
  parallel_for(2, 0, 8, [&](Index, Index) { ++calls; });
  parallel_for(2, -3, 8, [&](Index, Index) { ++calls; });
  CHECK(calls == 0);
  parallel_for(1, 3, 0, [&](Index begin, Index end) { calls += static_cast<int>(end - begin); });
  CHECK(calls == 3);
}

TEST_CASE("parallel_reduce: a sum that rounds has the same bits for 1, 2, 7 and 16 threads", "[parallel]") {
  const Index n = 100000;
  double backwards = 0;
  for (Index i = n; i > 0; --i) backwards += 1.0 / static_cast<double>(i);
  for (Index grain : {1, 64, 1000, 200000}) {
    const double alone = sum_of_reciprocals(1, n, grain);
    CHECK(alone == Approx(backwards).epsilon(1e-12));  // 1e5 additions of relative error 1e-16 at most
    for (int threads : {2, 7, 16}) CHECK(sum_of_reciprocals(threads, n, grain) == alone);
  }
}

TEST_CASE("parallel_reduce: partial results are combined in the order of the chunks", "[parallel]") {
  const auto letters = [](Index begin, Index end) {
    std::string s;
    for (Index i = begin; i < end; ++i) s += static_cast<char>('a' + i % 26);
    return s;
  };
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += static_cast<char>('a' + i % 26);
  const auto append = [](std::string& total, const std::string& s) { total += s; };
  for (int threads : {1, 2, 7})
    CHECK(parallel_reduce(threads, Index{1000}, Index{3}, std::string(), letters, append) == expected);
}

TEST_CASE("parallel_for: of several exceptions the one of the lowest chunk is carried out", "[parallel]") {
  for (int threads : {1, 2, 7}) {
    std::string caught;
    try {
      parallel_for(threads, 100, 1, [](Index begin, Index) {
        if (begin >= 10) throw std::runtime_error("chunk " + std::to_string(begin));
      });
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
    CHECK(caught == "chunk 10");
  }
}

TEST_CASE("parallel_for: a call inside a chunk runs in that chunk's thread", "[parallel]") {
  std::atomic<Index> total{0};
  parallel_for(4, 8, 1, [&](Index, Index) {
    Index inside = 0;  // not atomic: the thread sanitizer would see a second thread
    parallel_for(4, 1000, 10, [&](Index begin, Index end) { inside += end - begin; });
    total += inside;
  });
  CHECK(total == 8000);
}
