#include "plugins/api/decision_cache.hpp"
#include "plugins/api/verdict.hpp"

#include <doctest/doctest.h>

#include <string>

namespace decision_cache_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;

namespace {

const mqtt::time_point start{};

publish_verdict allowed(std::chrono::milliseconds duration) {
  return publish_verdict::ok().cached(duration);
}

} // namespace

TEST_CASE("a decision is known until it expires") {
  decision_cache<publish_verdict> cache{4};
  cache.put(1, "a", allowed(10s), start);
  REQUIRE(cache.find(1, "a", start + 9s));
  CHECK(cache.find(1, "a", start + 9s)->result == outcome::ok);
  CHECK(!cache.find(1, "a", start + 10s));
  CHECK(!cache.find(1, "b", start));
}

TEST_CASE("other chains know nothing of what the former ones decided") {
  decision_cache<publish_verdict> cache{4};
  cache.put(1, "a", allowed(10s), start);
  CHECK(!cache.find(2, "a", start));
  cache.put(2, "b", allowed(10s), start);
  CHECK(cache.size() == 1);
}

TEST_CASE("a full cache forgets in turn, and never grows") {
  decision_cache<publish_verdict> cache{2};
  for (const auto* key : {"a", "b", "c"})
    cache.put(1, key, allowed(10s), start);
  CHECK(cache.size() == 2);
  CHECK(!cache.find(1, "a", start));
  CHECK(cache.find(1, "b", start));
  CHECK(cache.find(1, "c", start));
  for (int i = 0; i < 100; ++i)
    cache.put(1, std::to_string(i), allowed(10s), start);
  CHECK(cache.size() == 2);
}

TEST_CASE("a newer decision replaces the former") {
  decision_cache<publish_verdict> cache{2};
  cache.put(1, "a", allowed(1s), start);
  cache.put(1, "a", publish_verdict::error().cached(5s), start);
  REQUIRE(cache.find(1, "a", start + 2s));
  CHECK(cache.find(1, "a", start + 2s)->result == outcome::error);
  CHECK(cache.size() == 1);
}

} // namespace decision_cache_test
