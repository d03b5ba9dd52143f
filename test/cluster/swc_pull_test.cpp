#include "cluster/swc/pull_server.hpp"
#include "persistence/memory_store.hpp"
#include "test/cluster/swc_node.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace swc_pull_test {

using namespace hetzel::cluster;
using hetzel::test::swc_node;
namespace persistence = hetzel::persistence;

namespace {

constexpr actor_id a{101};
constexpr std::uint64_t many = 1'000'000'000'000;

std::unique_ptr<persistence::memory_store> new_disk() {
  return std::make_unique<persistence::memory_store>();
}

struct pair {
  swc_node one{1, new_disk()};
  swc_node two{2, new_disk()};

  pair() {
    one.know({1, 2});
    two.know({1, 2});
  }
};

/// Counts what is read.
class counting_reader final : public persistence::reader {
public:
  explicit counting_reader(std::shared_ptr<const persistence::reader> below)
    : below_(std::move(below)) {}

  hetzel::mqtt::expected<std::optional<std::string>, persistence::errc>
  get(std::string_view key) const override {
    ++gets;
    return below_->get(key);
  }

  std::unique_ptr<persistence::cursor>
  scan(std::string_view from, std::string_view to) const override {
    ++scans;
    return below_->scan(from, to);
  }

  mutable std::size_t gets = 0;
  mutable std::size_t scans = 0;

private:
  std::shared_ptr<const persistence::reader> below_;
};

moment after(std::chrono::seconds time) {
  auto later = swc_node::now();
  later.steady += time;
  return later;
}

} // namespace

TEST_CASE("a pull moves what is missing, deletes too, and nothing the second "
          "time [R14]") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.put("gone", "v");
  nodes.one.erase("gone");
  nodes.two.put("l", "w");
  nodes.one.settle();
  nodes.two.settle();
  nodes.two.pull(nodes.one, pull_mode::dots);
  nodes.one.pull(nodes.two, pull_mode::dots);
  CHECK(nodes.one.core->state().clock() == nodes.two.core->state().clock());
  CHECK(nodes.two.value("k") == "v");
  CHECK(nodes.two.value("gone").empty());
  CHECK(nodes.one.value("l") == "w");
  auto items = nodes.two.core->counters().items_pulled;
  nodes.two.pull(nodes.one, pull_mode::dots);
  CHECK(nodes.two.ended == pull_outcome::done);
  CHECK(nodes.two.core->counters().items_pulled == items);
}

TEST_CASE("a newcomer behind the floor is told to pull everything, and then "
          "has everything") {
  pair nodes;
  nodes.one.know({1});
  for (auto i = 0; i < 50; ++i)
    nodes.one.put("k" + std::to_string(i), "v");
  nodes.one.erase("k7");
  nodes.one.settle();
  nodes.one.know({1, 2});
  nodes.two.put("k7", "mine");
  nodes.two.settle();
  nodes.two.pull(nodes.one, pull_mode::dots);
  CHECK(nodes.two.ended == pull_outcome::need_full);
  nodes.two.pull(nodes.one, pull_mode::range);
  CHECK(nodes.two.ended == pull_outcome::done);
  CHECK(nodes.two.value("k49") == "v");
  CHECK(nodes.two.value("k7") == "mine");
  CHECK(nodes.two.core->state().image().floor.at(a) == 51);
  CHECK_FALSE(nodes.two.core->collect());
  nodes.two.settle();
  CHECK(nodes.two.core->state().contexts() == 0);
}

TEST_CASE("a range pull of more records than one commit strips is tidied up by "
          "collecting until there is no more") {
  pair nodes;
  nodes.one.know({1});
  std::vector<std::string> keys;
  std::vector<mutation> batch;
  for (auto i = 0; i < 3500; ++i)
    keys.push_back("k" + std::to_string(i));
  for (auto& key : keys)
    batch.push_back({key, "v"});
  nodes.one.core->write(batch, 1, swc_node::now());
  nodes.one.settle();
  nodes.one.know({1, 2});
  nodes.two.pull(nodes.one, pull_mode::range);
  CHECK(nodes.two.ended == pull_outcome::done);
  CHECK(nodes.two.core->state().contexts() == 2500);
  auto commits = 0;
  for (auto is_more = true; is_more; ++commits) {
    is_more = nodes.two.core->collect();
    nodes.two.settle();
  }
  CHECK(commits == 3);
  CHECK(nodes.two.core->state().contexts() == 0);
  CHECK(nodes.two.core->record("k3499").versions.size() == 1);
  CHECK(nodes.two.core->record("k3499").context.empty());
}

TEST_CASE("the work of a pull goes with what is missing, not with counters or "
          "keys [R15]") {
  auto disk = new_disk();
  persistence::write_batch old;
  dot_set history{many};
  history.add({many + 2, many + many});
  for (std::uint64_t actor = 1; actor <= 20; ++actor)
    old.put(clock_key(shard_no{}, clock_row::column, actor),
            encode_row(history));
  (void) disk->write(old, persistence::durability::synced);
  swc_node one{1, std::move(disk)};
  one.know({1, 2});
  for (auto key : {"x", "y", "z"})
    one.put(key, "v");
  one.settle();
  swc_node two{2, new_disk()};
  two.know({1, 2});

  auto counted = std::make_shared<counting_reader>(one.disk->snapshot());
  sync_request request;
  request.head = {shard_no{}, store_id{2}, generation{1}, 9};
  auto server = one.core->serve(request, counted, swc_node::now());
  REQUIRE(server.has_value());
  // The rows of the shard, and a range for each missing run.
  CHECK(counted->scans <= 1 + 41);
  std::size_t messages = 0;
  while (server->next())
    ++messages;
  CHECK(messages == 2);
  CHECK(counted->gets == 3);
  two.pull(one, pull_mode::dots);
  CHECK(two.core->state().clock() == one.core->state().clock());
}

TEST_CASE("a server keeps at most a window of frames on the way, and sends its "
          "end last") {
  replica_options options;
  options.frames.items = 1;
  options.window = 2;
  swc_node one{1, new_disk(), options};
  swc_node two{2, new_disk(), options};
  one.know({1, 2});
  two.know({1, 2});
  for (auto key : {"w", "x", "y", "z"})
    one.put(key, "v");
  one.settle();
  auto request = two.request_pull(one, pull_mode::dots);
  auto server = one.serve(request);
  REQUIRE(server.has_value());
  CHECK(server->next().has_value());
  CHECK(server->next().has_value());
  CHECK_FALSE(server->next().has_value());
  // An answer to what was not sent, and one twice, open nothing.
  server->on_ack({request.head, 3}, swc_node::now().steady);
  CHECK_FALSE(server->next().has_value());
  server->on_ack({request.head, 1}, swc_node::now().steady);
  server->on_ack({request.head, 1}, swc_node::now().steady);
  CHECK(server->next().has_value());
  CHECK_FALSE(server->next().has_value());
  server->on_ack({request.head, 3}, swc_node::now().steady);
  CHECK(std::holds_alternative<frame>(server->next().value()));
  CHECK(std::holds_alternative<sync_end>(server->next().value()));
  CHECK(server->is_over(swc_node::now().steady));
  CHECK_FALSE(server->next().has_value());
}

TEST_CASE("a pull whose peer falls silent ends after half a minute, and the "
          "server lets its snapshot go") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.settle();
  auto request = nodes.two.request_pull(nodes.one, pull_mode::range);
  auto server = nodes.one.serve(request);
  REQUIRE(server.has_value());
  nodes.two.core->tick(after(std::chrono::seconds{29}));
  CHECK(nodes.two.core->is_pulling());
  CHECK_FALSE(server->is_over(after(std::chrono::seconds{29}).steady));
  nodes.two.core->tick(after(std::chrono::seconds{30}));
  CHECK(nodes.two.ended == pull_outcome::broken);
  CHECK(server->is_over(after(std::chrono::seconds{30}).steady));
  // What is still on the way is of no pull.
  CHECK(nodes.two.take(std::get<frame>(server->next().value()))
        == frame_verdict::stale);
}

TEST_CASE("a frame out of its turn ends the pull, one seen before does not") {
  replica_options options;
  options.frames.items = 1;
  swc_node one{1, new_disk(), options};
  swc_node two{2, new_disk()};
  one.know({1, 2});
  two.know({1, 2});
  for (auto key : {"x", "y", "z"})
    one.put(key, "v");
  one.settle();
  auto request = two.request_pull(one, pull_mode::dots);
  auto server = one.serve(request);
  auto first = std::get<frame>(server->next().value());
  (void) server->next();
  auto third = std::get<frame>(server->next().value());
  CHECK(two.take(first) == frame_verdict::applied);
  CHECK(two.take(first) == frame_verdict::stale);
  CHECK(two.core->is_pulling());
  CHECK(two.take(third) == frame_verdict::stale);
  CHECK(two.ended == pull_outcome::broken);
  CHECK(two.value("x") == "v");
  CHECK(two.value("z").empty());
  CHECK_FALSE(two.core->state().clock().contains({a, 3}));
}

TEST_CASE("an end that counts more frames than came does not move the clock") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.settle();
  auto request = nodes.two.request_pull(nodes.one, pull_mode::dots);
  auto server = nodes.one.serve(request);
  (void) server->next();
  nodes.two.core->on_end(std::get<sync_end>(server->next().value()),
                         swc_node::now());
  CHECK(nodes.two.ended == pull_outcome::broken);
  CHECK(nodes.two.core->state().clock().empty());
}

TEST_CASE("a request that comes twice is served once: frames of one snapshot "
          "and the clock of another would claim what was never told") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.settle();
  auto request = nodes.two.request_pull(nodes.one, pull_mode::dots);
  auto first = nodes.one.serve(request);
  CHECK(first.has_value());
  auto second = nodes.one.serve(request);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().why == refusal::busy);
}

TEST_CASE("frames and end of a pull are of one process of the peer") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.settle();
  auto request = nodes.two.request_pull(nodes.one, pull_mode::dots);
  auto server = nodes.one.serve(request);
  CHECK(nodes.two.take(std::get<frame>(server->next().value()))
        == frame_verdict::applied);
  auto end = std::get<sync_end>(server->next().value());
  end.head.source_generation = generation{2};
  nodes.two.core->on_end(end, swc_node::now());
  CHECK(nodes.two.core->is_pulling());
  end.head.source_generation = generation{1};
  nodes.two.core->on_end(end, swc_node::now());
  CHECK_FALSE(nodes.two.core->is_pulling());
}

TEST_CASE("an evicted member does not hold garbage back, and counts again once "
          "its row has passed the floor") {
  pair nodes;
  nodes.one.put("k", "v");
  nodes.one.erase("k");
  nodes.one.settle();
  nodes.one.core->evict(nodes.two.own);
  (void) nodes.one.core->collect();
  nodes.one.settle();
  CHECK(nodes.one.core->state().dots() == 0);
  CHECK(nodes.one.core->members().is_evicted(nodes.two.own));
  nodes.one.core->raise_row(nodes.two.own, {{a, 1}});
  CHECK(nodes.one.core->members().is_evicted(nodes.two.own));
  nodes.two.pull(nodes.one, pull_mode::dots);
  CHECK(nodes.two.ended == pull_outcome::need_full);
  nodes.two.pull(nodes.one, pull_mode::range);
  nodes.one.core->raise_row(nodes.two.own, nodes.two.core->stable());
  CHECK_FALSE(nodes.one.core->members().is_evicted(nodes.two.own));
}

TEST_CASE("strangers are not served, and nobody by who pulls everything "
          "itself") {
  pair nodes;
  sync_request request;
  request.head = {shard_no{}, store_id{9}, generation{1}, 1};
  auto answer = nodes.one.serve(request);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().why == refusal::not_a_member);
  (void) nodes.one.core->start_pull(nodes.two.own, pull_mode::range,
                                    swc_node::now());
  request.head.source = nodes.two.own;
  answer = nodes.one.serve(request);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().why == refusal::busy);
}

TEST_CASE("void counters close the column of an actor, and contexts that "
          "mention them go") {
  pair nodes;
  nodes.two.put("k", "v");
  auto first = nodes.two.take_frames().at(0);
  nodes.two.put("k", "w");
  auto second = nodes.two.take_frames().at(0);
  nodes.one.take(second);
  CHECK(nodes.one.core->state().contexts() == 1);
  CHECK(nodes.one.core->state().base().empty());
  auto column = nodes.one.core->column_of(actor_id{102});
  CHECK(column.bound == 2);
  void_set voids;
  voids.add(dot{actor_id{102}, 1});
  nodes.one.core->add_voids(voids);
  nodes.one.settle();
  CHECK(nodes.one.core->state().base() == version_vector{{actor_id{102}, 2}});
  CHECK(nodes.one.core->state().contexts() == 0);
  CHECK(nodes.one.value("k") == "w");
  CHECK(nodes.one.take(first) == frame_verdict::duplicate);
}

} // namespace swc_pull_test
