#include "cluster/membership/address_book.hpp"
#include "cluster/membership/departure.hpp"
#include "cluster/membership/gossip.hpp"
#include "cluster/membership/levelling.hpp"
#include "cluster/membership/retirement_desk.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace membership_parts_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s3{3};
constexpr actor_id a{0x11};
constexpr actor_id b{0x22};

struct desk final : retirement_sink {
  explicit desk(store_id own = s1, retirement_options options = {})
    : core(own, options, *this) {}

  void poll(store_id member, const retire_poll& question) override {
    polls.emplace_back(member, question);
  }
  void on_retired(shard_no shard, actor_id actor,
                  const void_column& column) override {
    retired.add(shard, actor, column);
    ++results;
  }

  void see(const member_map& members, std::uint8_t shards = 1) {
    core.set_view(members, shards, {s1, s2, s3}, at_ms(0));
  }

  /// All open questions are answered by who was asked.
  void answer_all(const member_map& members, const retired_column& column) {
    for (auto& [member, question] : std::exchange(polls, {}))
      core.on_answer(member, make_answer(question, members, column), at_ms(0));
  }

  std::vector<std::pair<store_id, retire_poll>> polls;
  void_map retired;
  int results = 0;
  retirement_desk core;
};

/// 1 and 2 are up, 3 was removed with its actor 3001.
member_map with_a_dead_one() {
  auto members = some_members(3);
  members.merge(some_member(3, member_state::removed));
  return members;
}

constexpr actor_id dead{3001};

} // namespace

// -- departure ----------------------------------------------------------------

TEST_CASE("no step of a departure can be skipped or taken twice") {
  departure node;
  CHECK(!node.on_drained());
  CHECK(!node.on_covered());
  CHECK(!node.on_removal_saved({}, at_ms(0)));
  CHECK(node.begin());
  CHECK(!node.begin());
  CHECK(!node.on_covered());
  CHECK(node.on_drained());
  CHECK(!node.on_removal_saved({}, at_ms(0)));
  CHECK(node.on_covered());
  CHECK(!node.on_covered());
  CHECK(node.on_removal_saved({s2, s3}, at_ms(0)));
  CHECK(!node.on_told(s2));
  CHECK(node.on_told(s3));
  CHECK(node.step() == departure_step::gone);
}

TEST_CASE("what is here is held elsewhere when all rows cover it") {
  node_clock own;
  own.add(a, {1, 5});
  own.add(b, {1, 3});
  watermark_rows rows{{s2, {{a, 5}, {b, 3}}}, {s3, {{a, 5}, {b, 2}}}};
  CHECK(is_held_elsewhere(own, {s2}, rows));
  CHECK(!is_held_elsewhere(own, {s2, s3}, rows));
  CHECK(!is_held_elsewhere(own, {store_id{4}}, rows));
  // An exception counts like everything below it.
  own.add(a, {8, 8});
  CHECK(!is_held_elsewhere(own, {s2}, rows));
  rows[s2].raise(a, 8);
  CHECK(is_held_elsewhere(own, {s2}, rows));
}

// -- gossip -------------------------------------------------------------------

TEST_CASE("a version goes to a peer once a second at most, another at once") {
  gossip talk{{}, [] { return std::uint64_t{0}; }};
  talk.set_own(5);
  CHECK(talk.take(s2, at_ms(0)));
  CHECK(!talk.take(s2, at_ms(999)));
  CHECK(talk.take(s3, at_ms(999)));
  CHECK(talk.take(s2, at_ms(999), true));
  CHECK(!talk.take(s2, at_ms(1500)));
  talk.set_own(6);
  CHECK(talk.take(s2, at_ms(1500)));
  talk.on_link_up(s2);
  CHECK(talk.take(s2, at_ms(1501)));
}

TEST_CASE("a peer differs when it named another version") {
  gossip talk{{}, [] { return std::uint64_t{0}; }};
  talk.set_own(5);
  CHECK(!talk.differs(s2));
  talk.heard(s2, 5);
  CHECK(!talk.differs(s2));
  talk.heard(s2, 6);
  CHECK(talk.differs(s2));
  // One that belongs to no cluster yet has none.
  talk.heard(s2, 0);
  CHECK(!talk.differs(s2));
  talk.heard(s2, 6);
  talk.forget(s2);
  CHECK(!talk.differs(s2));
}

TEST_CASE("over time all members are picked") {
  std::mt19937_64 random{1};
  gossip talk{{}, [&random] { return random(); }};
  CHECK(!talk.pick({s1, s2, s3}, at_ms(0)).has_value());
  std::set<store_id> picked;
  for (int i = 1; i <= 50; ++i)
    if (auto peer = talk.pick({s1, s2, s3}, at_ms(5000 * i)))
      picked.insert(*peer);
  CHECK(picked == std::set{s1, s2, s3});
  CHECK(!talk.pick({}, at_ms(300000)).has_value());
}

// -- addresses ----------------------------------------------------------------

TEST_CASE("a member is tried where it says, and where its name was seen") {
  auto members = some_members(2);
  address_book book;
  endpoint own{"n2.example", 44053};
  CHECK(book.places_of(members, s2) == std::vector{own});
  book.note("n2", {"10.0.0.1", 1});
  book.note("n2", {"10.0.0.2", 1});
  book.note("n2", own);
  book.note("n2", {"10.0.0.1", 1});
  CHECK(book.places_of(members, s2)
        == std::vector<endpoint>{own, {"10.0.0.1", 1}, {"10.0.0.2", 1}});
  CHECK(book.places_of(members, s3).empty());
  members.merge(some_member(2, member_state::removed));
  CHECK(book.places_of(members, s2).empty());
}

TEST_CASE("the book keeps the latest few places, and names of members") {
  auto members = some_members(2);
  address_book book;
  for (std::uint16_t port = 1; port <= 20; ++port)
    book.note("n2", {"h", port});
  CHECK(book.places_of(members, s2).size() == 1 + address_book::places_max);
  CHECK(book.places_of(members, s2)[1] == endpoint{"h", 20});
  for (std::uint64_t i = 0; i < 2 * members_max; ++i)
    book.note(name_of_node(100 + i), {"h", 1});
  book.set_members(members);
  auto late = some_member(9);
  late.facts.name = "n101";
  members.merge(late);
  CHECK(book.places_of(members, store_id{9}).size() == 1);
  CHECK(book.places_of(members, s2).size() == 1 + address_book::places_max);
}

// -- retirement ---------------------------------------------------------------

TEST_CASE("the column of a dead actor is closed when all have answered") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members, 2);
  REQUIRE(work.polls.size() == 4);
  CHECK(work.core.left() == 2);
  dot_set one{5};
  dot_set other{3};
  other.add({8, 9});
  for (auto& [member, question] : work.polls) {
    CHECK(question.actor == dead);
    auto& dots = member == s1 ? one : other;
    work.core.on_answer(member, make_answer(question, members, {dots, 0}),
                        at_ms(0));
  }
  CHECK(work.core.left() == 0);
  auto voids = work.retired.voids_of(shard_no{1});
  CHECK(!voids.contains({dead, 5}));
  CHECK(voids.contains({dead, 6}));
  CHECK(voids.contains({dead, 7}));
  CHECK(!voids.contains({dead, 8}));
  CHECK(work.retired.level_of(shard_no{1}, dead) == 0);
}

TEST_CASE("what only records know of asks for levelling up to it") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  work.answer_all(members, {dot_set{5}, 9});
  CHECK(work.retired.level_of(shard_no{0}, dead) == 9);
  CHECK(work.retired.voids_of(shard_no{0}).contains({dead, 9}));
}

TEST_CASE("a column without a gap is closed without a word") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  work.answer_all(members, {dot_set{5}, 5});
  CHECK(work.core.left() == 0);
  CHECK(work.results == 0);
}

TEST_CASE("one that does not answer is asked again, and nothing is closed") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  auto [member, question] = work.polls[0];
  work.polls.clear();
  work.core.on_answer(member, make_answer(question, members, {dot_set{5}, 9}),
                      at_ms(0));
  work.core.tick(at_ms(4999));
  CHECK(work.polls.empty());
  work.core.tick(at_ms(5000));
  REQUIRE(work.polls.size() == 1);
  CHECK(work.polls[0].first == s2);
  CHECK(work.core.left() == 1);
}

TEST_CASE("answers of another version, of strangers and of the dead do not "
          "count") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  auto question = work.polls[0].second;
  for (auto from : {s3, store_id{9}})
    work.core.on_answer(from, make_answer(question, members, {}), at_ms(0));
  auto other = make_answer(question, some_members(5), {dot_set{1}, 9});
  work.core.on_answer(s1, other, at_ms(0));
  work.core.on_answer(s2, other, at_ms(0));
  CHECK(work.core.left() == 1);
}

TEST_CASE("when the members change all that is open is asked anew") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  auto [member, question] = work.polls[0];
  work.core.on_answer(member, make_answer(question, members, {dot_set{1}, 1}),
                      at_ms(0));
  work.polls.clear();
  members.merge(some_member(4, member_state::joining));
  work.see(members);
  CHECK(work.polls.size() == 3);
  work.answer_all(members, {dot_set{1}, 1});
  CHECK(work.core.left() == 0);
}

TEST_CASE("what is closed stays so until another store is removed") {
  desk work;
  auto members = with_a_dead_one();
  work.see(members);
  work.answer_all(members, {dot_set{1}, 1});
  auto rotated = some_member(2, member_state::up, 5);
  rotated.facts.retired = {a};
  members.merge(rotated);
  work.see(members);
  CHECK(work.core.left() == 1);
  work.answer_all(members, {dot_set{1}, 1});
  members.merge(some_member(2, member_state::removed, 5));
  work.see(members);
  // 3001 and the one that was retired before, for gaps may be new; and 2005.
  CHECK(work.core.left() == 3);
}

TEST_CASE("only the lowest that is up and reachable does this") {
  desk second{s2};
  auto members = with_a_dead_one();
  second.see(members);
  CHECK(second.polls.empty());
  CHECK(!second.core.is_at_work());
  second.core.set_view(members, 1, {s2}, at_ms(0));
  CHECK(second.core.is_at_work());
  CHECK(second.polls.size() == 2);
  second.core.set_view(members, 1, {s1, s2}, at_ms(0));
  CHECK(second.core.left() == 0);
}

TEST_CASE("no more columns are polled at once than there is a limit for") {
  desk work{s1, {.open_max = 3}};
  auto members = with_a_dead_one();
  work.see(members, 10);
  CHECK(work.polls.size() == 6);
  CHECK(work.core.left() == 10);
  while (!work.polls.empty())
    work.answer_all(members, {dot_set{1}, 1});
  CHECK(work.core.left() == 0);
}

TEST_CASE("a shard is levelled once for what is asked, and again for more") {
  levelling book;
  void_map asked;
  level_map done;
  asked.add(shard_no{2}, a, {{}, 5});
  asked.add(shard_no{3}, a, {dot_set{5}, 0});
  CHECK(book.begin(asked, done) == std::vector{shard_no{2}});
  CHECK(book.goes_on(shard_no{2}));
  CHECK(book.begin(asked, done).empty());
  asked.add(shard_no{2}, b, {{}, 1});
  CHECK(book.finish(shard_no{2}, done));
  CHECK(!book.finish(shard_no{2}, done));
  CHECK(book.begin(asked, done) == std::vector{shard_no{2}});
  CHECK(book.finish(shard_no{2}, done));
  CHECK(book.begin(asked, done).empty());
}

} // namespace membership_parts_test
