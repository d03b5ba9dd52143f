#include "cluster/membership/admission.hpp"
#include "cluster/membership/handshake.hpp"
#include "cluster/membership/join_refusal.hpp"
#include "cluster/membership/seed_join.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

namespace membership_join_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s9{9};

join_request request_of(std::uint64_t store, std::string name) {
  join_request request;
  request.store = store_id{store};
  request.facts = some_facts(std::move(name));
  request.groups = 16;
  request.queue_partitions = 256;
  return request;
}

/// Store 1 is asked; 1 and 2 are up, 3 was removed.
struct seed_node {
  seed_node() {
    state.members.merge(some_member(3, member_state::removed));
  }

  auto ask(const join_request& request) const {
    return admit(request, {s1, {1, 1}, state, reachable});
  }

  join_refusal refusal(const join_request& request) const {
    auto answer = ask(request);
    REQUIRE(!answer.has_value());
    CHECK(answer.error().cluster == state.params.id);
    return answer.error().why;
  }

  cluster_state state = some_state(2);
  std::set<store_id> reachable;
};

/// Writes down what is asked; seeds are named by their host.
struct seeker final : seed_join_sink {
  explicit seeker(seed_join_options options = {})
    : core(options, *this, [] { return std::uint64_t{0}; }) {}

  void ask_seed(const endpoint& seed,
                std::optional<store_id> replaces) override {
    asked.push_back(seed.host);
    replacing = replaces;
  }
  void form() override { ++formed; }

  void refuse(const std::string& host, join_refusal why, cluster_id of = {},
              store_id holder = {}) {
    core.on_refused({host, 1}, {why, of, holder}, now);
  }
  void fail(const std::string& host) { core.on_unreachable({host, 1}, now); }
  void wait(int ms) {
    for (int i = 0; i < ms; i += 100) {
      now += std::chrono::milliseconds{100};
      core.tick(now);
    }
  }

  steady_time now = at_ms(0);
  std::vector<std::string> asked;
  std::optional<store_id> replacing;
  int formed = 0;
  seed_join core;
};

const std::vector<endpoint> two_seeds{{"a", 1}, {"b", 1}};

/// No MAC, but different for different secrets and bytes.
struct toy_seal final : handshake_seal {
  explicit toy_seal(std::uint8_t secret) : secret_(secret) {}

  hello_proof seal(std::string_view bytes) const override {
    hello_proof proof{};
    std::uint32_t state = secret_;
    for (auto byte : bytes)
      state = state * 16777619U ^ static_cast<unsigned char>(byte);
    for (auto& byte : proof)
      byte = static_cast<std::uint8_t>((state = state * 69069U + 1) >> 24U);
    return proof;
  }

  std::uint8_t secret_;
};

hello hello_of(std::uint64_t store, std::uint32_t opened = 1) {
  hello made{store_id{store}, generation{opened}, name_of_node(store),
             {7, 9}, 1, {1, 1}, 16, 256, {}};
  made.nonce.fill(static_cast<std::uint8_t>(store));
  return made;
}

const auto three = [] {
  auto state = some_state(2);
  state.members.merge(some_member(3, member_state::removed));
  return state;
}();

} // namespace

// -- who is asked -------------------------------------------------------------

TEST_CASE("an empty node joins, and is joining") {
  seed_node seed;
  auto change = seed.ask(request_of(9, "n9"));
  REQUIRE(change.has_value());
  CHECK(change->size() == 1);
  CHECK(change->find(s9)->state == member_state::joining);
}

TEST_CASE("a join that is repeated is answered the same way, by a member too") {
  seed_node seed;
  auto request = request_of(9, "n9");
  seed.state.members.merge(*seed.ask(request));
  CHECK(seed.ask(request).has_value());
  seed.state.members.merge({s9, member_state::up, request.facts});
  request.has_records = true;
  auto again = seed.ask(request);
  REQUIRE(again.has_value());
  CHECK(!seed.state.members.merge(*again));
}

TEST_CASE("a database with records never joins, nor one of another cluster "
          "[M2]") {
  seed_node seed;
  auto full = request_of(9, "n9");
  full.has_records = true;
  CHECK(seed.refusal(full) == join_refusal::not_empty);
  auto foreign = request_of(9, "n9");
  foreign.cluster = {1, 1};
  CHECK(seed.refusal(foreign) == join_refusal::foreign_cluster);
  full.replaces = s2;
  full.facts.name = "n2";
  CHECK(seed.refusal(full) == join_refusal::not_empty);
}

TEST_CASE("a store that was removed does not come back") {
  seed_node seed;
  CHECK(seed.refusal(request_of(3, "n3")) == join_refusal::store_removed);
  CHECK(seed.ask(request_of(9, "n3")).has_value());
}

TEST_CASE("only a node that is up lets others in") {
  for (auto state : {member_state::joining, member_state::leaving,
                     member_state::removed}) {
    seed_node seed;
    seed.state = some_state(0);
    seed.state.members.merge(some_member(1, state));
    CHECK(seed.refusal(request_of(9, "n9")) == join_refusal::not_ready);
  }
}

TEST_CASE("a node is told when it asks itself") {
  seed_node seed;
  CHECK(seed.refusal(request_of(1, "n1")) == join_refusal::itself);
}

TEST_CASE("no common protocol or other parameters: no join") {
  seed_node seed;
  auto newer = request_of(9, "n9");
  newer.facts.protocol = {2, 3};
  CHECK(seed.refusal(newer) == join_refusal::no_common_protocol);
  auto groups = request_of(9, "n9");
  groups.groups = 8;
  CHECK(seed.refusal(groups) == join_refusal::other_params);
  auto partitions = request_of(9, "n9");
  partitions.queue_partitions = 64;
  CHECK(seed.refusal(partitions) == join_refusal::other_params);
}

TEST_CASE("a name is taken until its store is replaced, in one step") {
  seed_node seed;
  auto request = request_of(9, "n2");
  auto refused = seed.ask(request);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().why == join_refusal::name_taken);
  CHECK(refused.error().holder == s2);
  request.replaces = s2;
  auto change = seed.ask(request);
  REQUIRE(change.has_value());
  CHECK(change->find(s2)->state == member_state::removed);
  CHECK(change->find(s9)->state == member_state::joining);
}

TEST_CASE("what is alive, or of another name, is not replaced") {
  seed_node seed;
  auto request = request_of(9, "n2");
  request.replaces = s2;
  seed.reachable = {s2};
  CHECK(seed.refusal(request) == join_refusal::replaced_is_alive);
  seed.reachable = {};
  request.replaces = s1;
  CHECK(seed.refusal(request) == join_refusal::wrong_replacement);
  request.replaces = store_id{77};
  CHECK(seed.refusal(request) == join_refusal::wrong_replacement);
  request = request_of(9, "n1");
  request.replaces = s1;
  CHECK(seed.refusal(request) == join_refusal::replaced_is_alive);
  request = request_of(9, "free");
  request.replaces = s2;
  CHECK(seed.refusal(request) == join_refusal::wrong_replacement);
}

TEST_CASE("a replacement may be asked for again after the store is removed") {
  seed_node seed;
  auto request = request_of(9, "n3");
  request.replaces = store_id{3};
  CHECK(seed.ask(request).has_value());
}

TEST_CASE("a cluster that has had its number of stores takes no more") {
  seed_node seed;
  seed.state = some_state(members_max);
  CHECK(seed.refusal(request_of(members_max + 1, "late"))
        == join_refusal::full);
}

TEST_CASE("every refusal has a sentence of its own") {
  std::set<std::string_view> sentences;
  for (int i = 0; i <= static_cast<int>(join_refusal_last); ++i)
    sentences.insert(sentence(join_refusal{static_cast<std::uint8_t>(i)}));
  CHECK(sentences.size() == static_cast<std::size_t>(join_refusal_last) + 1);
  CHECK(!sentences.contains(""));
}

// -- who asks -----------------------------------------------------------------

TEST_CASE("a node asks all its seeds, and again, until it is let in") {
  seeker node;
  node.core.start({{"b", 1}, {"a", 1}, {"a", 1}}, node.now);
  CHECK(node.asked == std::vector<std::string>{"a", "b"});
  node.fail("a");
  node.fail("b");
  node.wait(900);
  CHECK(node.asked.size() == 2);
  node.wait(200);
  CHECK(node.asked.size() == 4);
  node.refuse("a", join_refusal::not_ready, {7, 9});
  node.core.stop();
  node.wait(60000);
  CHECK(node.asked.size() == 4);
  CHECK(node.formed == 0);
}

TEST_CASE("a seed that says nothing is given up after its time") {
  seeker node;
  node.core.start(two_seeds, node.now);
  node.fail("a");
  node.wait(4900);
  CHECK(node.asked.size() == 2);
  node.wait(1200);
  CHECK(node.asked.size() == 4);
}

TEST_CASE("pauses between rounds grow up to their limit") {
  seeker node;
  node.core.start({{"a", 1}}, node.now);
  std::vector<int> pauses;
  while (pauses.size() < 6) {
    node.fail("a");
    int ms = 0;
    for (auto before = node.asked.size(); node.asked.size() == before;
         ms += 100)
      node.wait(100);
    pauses.push_back(ms);
  }
  CHECK(pauses == std::vector{1000, 2000, 4000, 8000, 10000, 10000});
}

TEST_CASE("without the flag a node never forms a cluster [M2]") {
  seeker node;
  node.core.start(two_seeds, node.now);
  for (int i = 0; i < 50; ++i) {
    node.fail("a");
    node.refuse("b", join_refusal::no_cluster);
    node.wait(11000);
  }
  CHECK(node.formed == 0);
  CHECK(node.asked.size() > 50);
}

TEST_CASE("with the flag it forms one when no seed knows of any [M2]") {
  seeker node{{.may_form = true}};
  node.core.start(two_seeds, node.now);
  node.fail("a");
  node.refuse("b", join_refusal::no_cluster);
  CHECK(node.formed == 0);
  node.wait(1100);
  node.fail("a");
  node.refuse("b", join_refusal::itself);
  CHECK(node.formed == 1);
  CHECK(!node.core.is_running());
}

TEST_CASE("with the flag it forms none once any seed has named a cluster "
          "[M2]") {
  seeker node{{.may_form = true}};
  node.core.start(two_seeds, node.now);
  node.refuse("a", join_refusal::name_taken, {7, 9}, s2);
  node.fail("b");
  for (int i = 0; i < 30; ++i) {
    node.wait(11000);
    node.fail("a");
    node.fail("b");
  }
  CHECK(node.formed == 0);
  CHECK(node.core.knows_a_cluster());
}

TEST_CASE("who replaces its namesake says so once it knows the store") {
  seeker node{{.replaces_namesake = true}};
  node.core.start({{"a", 1}}, node.now);
  CHECK(!node.replacing.has_value());
  node.refuse("a", join_refusal::name_taken, {7, 9}, s2);
  node.wait(1100);
  CHECK(node.replacing == s2);
  CHECK(node.core.refusals().empty());
}

TEST_CASE("seeds that are resolved anew are asked from the next round on") {
  seeker node;
  node.core.start({{"a", 1}}, node.now);
  node.core.set_seeds({{"c", 1}});
  node.fail("a");
  node.wait(1100);
  CHECK(node.asked == std::vector<std::string>{"a", "c"});
  node.fail("a");
  node.fail("c");
  node.core.set_seeds(std::vector<endpoint>(1000, {"x", 2}));
}

TEST_CASE("no more seeds are asked than there is a limit for") {
  std::vector<endpoint> many;
  for (std::uint16_t port = 1; port <= 200; ++port)
    many.push_back({"a", port});
  seeker node;
  node.core.start(many, node.now);
  CHECK(node.asked.size() == seeds_max);
}

// -- the first words of a link ------------------------------------------------

TEST_CASE("two members greet each other and the link is for everything") {
  toy_seal secret{5};
  handshake one{hello_of(1), &secret};
  handshake two{hello_of(2), &secret};
  auto ack_of_two = two.on_hello(one.own(), &three);
  auto ack_of_one = one.on_hello(two.own(), &three);
  CHECK(ack_of_one.known == generation{1});
  CHECK(one.on_ack(ack_of_two) == hello_verdict::member);
  CHECK(two.on_ack(ack_of_one) == hello_verdict::member);
  CHECK(two.theirs()->store == s1);
}

TEST_CASE("who does not know the secret is refused, also with what it heard") {
  toy_seal secret{5};
  toy_seal guess{6};
  handshake one{hello_of(1), &secret};
  handshake other{hello_of(2), &guess};
  auto ack_of_one = one.on_hello(other.own(), &three);
  auto wrong = other.on_hello(one.own(), &three);
  CHECK(one.on_ack(wrong) == hello_verdict::bad_proof);
  // A mirror sends back what it was sent.
  handshake again{hello_of(1), &secret};
  (void) again.on_hello(other.own(), &three);
  CHECK(again.on_ack(ack_of_one) == hello_verdict::bad_proof);
  // And a proof of another connection has another nonce in it.
  handshake earlier{hello_of(2), &secret};
  auto old = earlier.on_hello(one.own(), &three);
  auto fresh_hello = hello_of(1);
  fresh_hello.nonce.fill(99);
  handshake fresh{fresh_hello, &secret};
  (void) fresh.on_hello(earlier.own(), &three);
  CHECK(fresh.on_ack(old) == hello_verdict::bad_proof);
}

TEST_CASE("where TLS vouches no proof is asked for, but the name counts") {
  handshake one{hello_of(1), nullptr};
  auto ack = one.on_hello(hello_of(2), &three, "n2");
  CHECK(ack.verdict == hello_verdict::member);
  CHECK(one.on_ack({}) == hello_verdict::member);
  handshake other{hello_of(1), nullptr};
  CHECK(other.on_hello(hello_of(2), &three, "n3").verdict
        == hello_verdict::wrong_name);
  CHECK(other.on_ack({}) == hello_verdict::wrong_name);
}

TEST_CASE("an ack before its hello, a second hello and a second ack are "
          "refused") {
  handshake one{hello_of(1), nullptr};
  CHECK(one.on_ack({}) == hello_verdict::bad_proof);
  CHECK(one.on_hello(hello_of(2), &three).verdict == hello_verdict::member);
  CHECK(one.on_hello(hello_of(2), &three).verdict == hello_verdict::bad_proof);
  CHECK(one.on_ack({}) == hello_verdict::member);
  CHECK(one.on_ack({}) == hello_verdict::bad_proof);
}

TEST_CASE("a link is good for the lesser of two verdicts") {
  handshake one{hello_of(1), nullptr};
  (void) one.on_hello(hello_of(2), &three);
  CHECK(one.on_ack({hello_verdict::stranger, {}, {}})
        == hello_verdict::stranger);
  handshake two{hello_of(1), nullptr};
  (void) two.on_hello(hello_of(9), &three);
  CHECK(two.on_ack({}) == hello_verdict::stranger);
}

TEST_CASE("a hello is judged by who sends it") {
  auto own = hello_of(1);
  auto judged = [&own](auto change) {
    auto theirs = hello_of(2);
    change(theirs);
    return judge(theirs, own, &three);
  };
  CHECK(judged([](hello&) {}) == hello_verdict::member);
  CHECK(judged([](hello& h) { h.store = s9; }) == hello_verdict::stranger);
  CHECK(judged([](hello& h) { h.store = store_id{3}; })
        == hello_verdict::stranger);
  CHECK(judged([](hello& h) { h.store = s1; }) == hello_verdict::own_store);
  CHECK(judged([](hello& h) { h.cluster = {}; }) == hello_verdict::newcomer);
  CHECK(judged([](hello& h) { h.cluster = {1, 1}; })
        == hello_verdict::foreign_cluster);
  CHECK(judged([](hello& h) { h.groups = 4; })
        == hello_verdict::other_params);
  CHECK(judged([](hello& h) { h.protocol = {2, 2}; })
        == hello_verdict::no_common_protocol);
  CHECK(judged([](hello& h) { h.name = name_of_node(8); })
        == hello_verdict::wrong_name);
  CHECK(judged([](hello& h) {
          h.name = name_of_node(8);
          h.opened = generation{2};
        })
        == hello_verdict::member);
  CHECK(judge(hello_of(2), own, nullptr) == hello_verdict::newcomer);
}

TEST_CASE("a process that has a successor is refused, and told of it") {
  auto state = three;
  state.members.merge(some_member(2, member_state::up, 7));
  handshake one{hello_of(1), nullptr};
  auto ack = one.on_hello(hello_of(2, 6), &state);
  CHECK(ack.verdict == hello_verdict::old_generation);
  CHECK(ack.known == generation{7});
  handshake two{hello_of(1), nullptr};
  CHECK(two.on_hello(hello_of(2, 8), &state).verdict == hello_verdict::member);
}

} // namespace membership_join_test
