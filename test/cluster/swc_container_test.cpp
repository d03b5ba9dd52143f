#include "cluster/swc/container.hpp"
#include "cluster/swc/hlc.hpp"
#include "cluster/swc/resolver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace swc_container_test {

using namespace hetzel::cluster;

namespace {

constexpr actor_id a{1};
constexpr actor_id b{2};

version made(dot id, std::uint64_t hlc = 0) {
  return {id, hlc,
          std::to_string(static_cast<std::uint64_t>(id.actor)) + "."
            + std::to_string(id.counter)};
}

/// Filled, as a replica could hold it: its context covers its versions.
container random_container(std::mt19937& random) {
  container made_up;
  for (std::uint64_t actor = 1; actor <= 3; ++actor) {
    auto last = random() % 5;
    made_up.context.raise(actor_id{actor}, last);
    for (std::uint64_t n = 1; n <= last; ++n)
      if (random() % 3 == 0)
        made_up.versions.push_back(made({actor_id{actor}, n}));
  }
  return made_up;
}

} // namespace

TEST_CASE("a value is superseded by a context that covers its dot and has not "
          "got it") {
  container old_value{{made({a, 1})}, {{a, 1}}};
  container overwritten{{made({b, 1})}, {{a, 1}, {b, 1}}};
  CHECK(join(old_value, overwritten).result == overwritten);
  container deleted{{}, {{a, 1}, {b, 2}}};
  CHECK(join(old_value, deleted).result == deleted);
}

TEST_CASE("a value that the other side has not seen survives its delete") {
  container value{{made({a, 2})}, {{a, 2}}};
  container deleted{{}, {{a, 1}, {b, 1}}};
  auto kept = join(value, deleted).result;
  CHECK(kept.versions == value.versions);
  CHECK(kept.context == version_vector{{a, 2}, {b, 1}});
}

TEST_CASE("concurrent values are siblings, by dot") {
  container one{{made({b, 1})}, {{b, 1}}};
  container other{{made({a, 1})}, {{a, 1}}};
  auto both = join(one, other).result;
  REQUIRE(both.versions.size() == 2);
  CHECK(both.versions[0].id == dot{a, 1});
}

TEST_CASE("joining is commutative, associative and idempotent") {
  std::mt19937 random{3};
  for (auto round = 0; round < 100'000; ++round) {
    auto x = random_container(random);
    auto y = random_container(random);
    auto z = random_container(random);
    auto xy = join(x, y).result;
    REQUIRE(xy == join(y, x).result);
    REQUIRE(join(x, x).result == x);
    REQUIRE(join(xy, y).result == xy);
    REQUIRE(join(xy, z).result == join(x, join(y, z).result).result);
  }
}

TEST_CASE("two values with one dot are a conflict, and both sides keep the "
          "same one") {
  container one{{{{a, 1}, 5, "x"}}, {{a, 1}}};
  container other{{{{a, 1}, 5, "y"}}, {{a, 1}}};
  auto kept = join(one, other);
  CHECK(kept.has_conflict);
  CHECK(kept.result.versions[0].value == "y");
  CHECK(join(other, one).result == kept.result);
  CHECK_FALSE(join(one, one).has_conflict);
}

TEST_CASE("the last writer wins by stamp, then by actor and counter, whatever "
          "the order of the siblings") {
  std::vector<version> siblings{made({a, 1}, 7), made({a, 2}, 9),
                                made({b, 1}, 9), made({b, 3}, 2)};
  std::sort(siblings.begin(), siblings.end(),
            [](auto& x, auto& y) { return x.id < y.id; });
  do {
    CHECK(latest_version(siblings).id == dot{b, 1});
  } while (std::next_permutation(
    siblings.begin(), siblings.end(),
    [](auto& x, auto& y) { return x.id < y.id; }));
}

TEST_CASE("a kind of record may have a resolver of its own") {
  resolver_table table;
  table.set('s', [](std::span<const version> all) -> const version& {
    return all.front();
  });
  container record{{made({a, 1}, 1), made({b, 1}, 2)}, {}};
  CHECK(table.visible("s/x", record)->id == dot{a, 1});
  CHECK(table.visible("t/x", record)->id == dot{b, 1});
  CHECK(table.visible("", record)->id == dot{b, 1});
  CHECK(table.visible("s/x", {}) == nullptr);
}

TEST_CASE("stamps ascend even when the wall clock stands or goes back") {
  hybrid_clock clock;
  auto first = clock.now(1000);
  CHECK(first == hybrid_clock::stamp_of(1000));
  auto second = clock.now(1000);
  auto third = clock.now(500);
  CHECK(first < second);
  CHECK(second < third);
  CHECK(clock.now(2000) == hybrid_clock::stamp_of(2000));
}

TEST_CASE("a stamp is later than all that were seen, but a peer whose clock is "
          "wrong drags ours along by a minute at most") {
  hybrid_clock clock;
  CHECK(clock.observe(hybrid_clock::stamp_of(31'000), 1000));
  CHECK(clock.now(1000) == hybrid_clock::stamp_of(31'000) + 1);
  CHECK_FALSE(clock.observe(hybrid_clock::stamp_of(900'000), 1000));
  CHECK(clock.now(1000) == hybrid_clock::stamp_of(61'000) + 1);
  CHECK_FALSE(clock.observe(UINT64_MAX, 1000));
  CHECK(clock.now(1000) == hybrid_clock::stamp_of(61'000) + 2);
}

} // namespace swc_container_test
