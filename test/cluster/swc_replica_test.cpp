#include "cluster/swc/replica.hpp"
#include "cluster/swc/store_failure.hpp"
#include "persistence/memory_store.hpp"
#include "test/cluster/swc_node.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

namespace swc_replica_test {

using namespace hetzel::cluster;
using hetzel::test::swc_node;
namespace persistence = hetzel::persistence;

namespace {

constexpr actor_id a{101};
constexpr actor_id b{102};
constexpr actor_id c{103};

std::unique_ptr<persistence::memory_store> new_disk() {
  return std::make_unique<persistence::memory_store>();
}

/// Three nodes that know each other.
struct three {
  swc_node one{1, new_disk()};
  swc_node two{2, new_disk()};
  swc_node three_{3, new_disk()};

  three() {
    for (auto* node : {&one, &two, &three_})
      node->know({1, 2, 3});
  }
};

std::size_t rows_left(const persistence::reader& disk, storage_table table) {
  std::size_t rows = 0;
  auto all = scan_table(disk, table, shard_no{});
  for (; all->valid(); all->next())
    ++rows;
  return rows;
}

bool knows_dot(const swc_node& node, dot id) {
  return node.disk->get(dot_key(shard_no{}, id)).value().has_value();
}

} // namespace

TEST_CASE("the worked example of the specification, step by step (2.17)") {
  three nodes;
  auto& [one, two, three_] = nodes;
  one.put("k", "v1");
  auto first = one.take_frames().at(0);
  two.take(first);
  CHECK(two.core->state().clock().contains({a, 1}));

  two.put("k", "v2");
  auto second = two.take_frames().at(0);
  // The version that was replaced need not be found any more.
  CHECK_FALSE(knows_dot(two, {a, 1}));
  CHECK(knows_dot(two, {b, 1}));
  CHECK(two.core->record("k").context.empty());
  one.take(second);
  CHECK_FALSE(knows_dot(one, {a, 1}));

  three_.take(second);
  // The base of the third node does not have (a,1), so the record keeps it.
  CHECK(three_.core->record("k").context == version_vector{{a, 1}});
  three_.take(first);
  CHECK(three_.core->record("k").context.empty());
  CHECK(three_.value("k") == "v2");
  CHECK(three_.core->state().base() == version_vector{{a, 1}, {b, 1}});

  three_.erase("k");
  (void) three_.take_frames(); // lost
  CHECK(three_.core->record("k").empty());
  CHECK(rows_left(*three_.disk, storage_table::records) == 0);

  one.pull(three_, pull_mode::dots);
  CHECK(one.ended == pull_outcome::done);
  CHECK(one.value("k").empty());
  CHECK(knows_dot(one, {c, 1}));
  two.pull(one, pull_mode::dots);
  CHECK(two.value("k").empty());
  CHECK(two.core->state().clock() == three_.core->state().clock());

  for (auto* node : {&one, &two, &three_})
    for (auto* peer : {&one, &two, &three_})
      node->core->raise_row(peer->own, peer->core->stable());
  for (auto* node : {&one, &two, &three_}) {
    CHECK_FALSE(node->core->collect());
    node->settle();
    CHECK(rows_left(*node->disk, storage_table::dots) == 0);
    CHECK(rows_left(*node->disk, storage_table::records) == 0);
  }
  CHECK(two.take(first) == frame_verdict::duplicate);
  CHECK(one.take(second) == frame_verdict::duplicate);
  CHECK(one.value("k").empty());
}

TEST_CASE("nothing is told before its commit: no reply, no event, no frame") {
  three nodes;
  auto& node = nodes.one;
  node.put("k", "v");
  CHECK(node.value("k") == "v");
  CHECK(node.written.empty());
  CHECK(node.changes.empty());
  CHECK(node.frames.empty());
  CHECK(node.core->committed_clock().empty());
  node.settle();
  CHECK(node.written == std::vector<write_token>{1});
  REQUIRE(node.changes.size() == 1);
  CHECK_FALSE(node.changes[0].before.has_value());
  CHECK(node.changes[0].after->value == "v");
  CHECK(node.frames.size() == 1);
  CHECK(node.core->committed_clock().contains({a, 1}));
}

TEST_CASE("deleting what is not there takes no dot, and is answered once the "
          "delete before it is durable") {
  three nodes;
  auto& node = nodes.one;
  node.erase("k");
  CHECK(node.written == std::vector<write_token>{1});
  CHECK(node.core->state().clock().empty());
  node.put("k", "v");
  node.settle();
  node.erase("k");
  node.erase("k");
  CHECK(node.written == std::vector<write_token>{1, 2});
  node.settle();
  CHECK(node.written == std::vector<write_token>{1, 2, 3, 4});
  CHECK(node.core->state().clock().at(a).base() == 2);
}

TEST_CASE("a batch is one commit, one frame and a run of dots without a gap") {
  three nodes;
  auto& node = nodes.one;
  std::array batch{mutation{"x", "1"}, mutation{"y", "2"},
                   mutation{"x", "3"}, mutation{"z", std::nullopt}};
  node.core->write(batch, 7, swc_node::now());
  CHECK(node.due.size() == 1);
  auto frames = node.take_frames();
  REQUIRE(frames.size() == 1);
  REQUIRE(frames[0].items.size() == 2);
  CHECK(frames[0].items[0].dots == std::vector<dot>{{a, 1}, {a, 3}});
  CHECK(frames[0].items[1].dots == std::vector<dot>{{a, 2}});
  CHECK(node.value("x") == "3");
  CHECK(nodes.two.take(frames[0]) == frame_verdict::applied);
  CHECK(nodes.two.core->state().base() == version_vector{{a, 3}});
}

TEST_CASE("a commit of more than a frame's bytes goes out in several, and each "
          "alone does no harm") {
  replica_options options;
  options.frames.bytes = 100;
  swc_node one{1, new_disk(), options};
  swc_node two{2, new_disk()};
  one.know({1, 2});
  two.know({1, 2});
  std::vector<std::string> keys;
  for (auto i = 0; i < 10; ++i)
    keys.push_back("key" + std::to_string(i));
  std::vector<mutation> batch;
  for (auto& key : keys)
    batch.push_back({key, "a value"});
  one.core->write(batch, 1, swc_node::now());
  auto frames = one.take_frames();
  CHECK(frames.size() > 2);
  for (auto& delta : frames)
    CHECK(two.take(delta) == frame_verdict::applied);
  CHECK(two.core->state().base() == version_vector{{a, 10}});
  CHECK(two.core->state().contexts() == 0);
}

TEST_CASE("concurrent writes are siblings until one of them is overwritten") {
  three nodes;
  nodes.one.put("k", "left");
  nodes.two.put("k", "right");
  auto left = nodes.one.take_frames().at(0);
  auto right = nodes.two.take_frames().at(0);
  nodes.one.take(right);
  nodes.two.take(left);
  CHECK(nodes.one.core->record("k").versions.size() == 2);
  CHECK(nodes.one.value("k") == nodes.two.value("k"));
  nodes.one.put("k", "both");
  nodes.two.take(nodes.one.take_frames().at(0));
  CHECK(nodes.two.core->record("k").versions.size() == 1);
  CHECK(nodes.two.value("k") == "both");
}

TEST_CASE("a delete does not touch what it has not seen") {
  three nodes;
  nodes.one.put("k", "old");
  auto put = nodes.one.take_frames().at(0);
  nodes.two.take(put);
  nodes.one.put("k", "new");
  auto newer = nodes.one.take_frames().at(0);
  nodes.two.erase("k");
  auto erased = nodes.two.take_frames().at(0);
  nodes.one.take(erased);
  nodes.two.take(newer);
  CHECK(nodes.one.value("k") == "new");
  CHECK(nodes.two.value("k") == "new");
}

TEST_CASE("frames of strangers, of removed stores and of processes that are no "
          "more are fenced off") {
  three nodes;
  nodes.one.put("k", "v");
  auto put = nodes.one.take_frames().at(0);
  auto& core = *nodes.two.core;
  core.set_members({{store_id{2}, generation{1}, member_state::up}});
  CHECK(nodes.two.take(put) == frame_verdict::fenced);
  core.set_members({{store_id{1}, generation{1}, member_state::removed}});
  CHECK(nodes.two.take(put) == frame_verdict::fenced);
  core.set_members({{store_id{1}, generation{2}, member_state::up}});
  CHECK(nodes.two.take(put) == frame_verdict::fenced);
  core.set_members({{store_id{1}, generation{1}, member_state::up}});
  CHECK(nodes.two.take(put) == frame_verdict::applied);
}

TEST_CASE("write frames of an actor that was closed are refused") {
  three nodes;
  nodes.one.put("k", "v");
  auto put = nodes.one.take_frames().at(0);
  nodes.two.core->close(a);
  nodes.two.settle();
  CHECK(nodes.two.take(put) == frame_verdict::refused);
  CHECK(nodes.two.core->column_of(a).bound == 0);
}

TEST_CASE("who is told of own events it does not know asks for another actor, "
          "and takes nothing before it has one") {
  three nodes;
  nodes.one.put("k", "v");
  nodes.two.take(nodes.one.take_frames().at(0));
  nodes.two.put("k", "w");
  auto later = nodes.two.take_frames().at(0);
  swc_node forgot{1, new_disk()};
  forgot.know({1, 2, 3});
  CHECK(forgot.take(later) == frame_verdict::regressed);
  CHECK(forgot.regressed == 1);
  forgot.regressed.reset();
  forgot.pull(nodes.two, pull_mode::dots);
  CHECK(forgot.ended == pull_outcome::broken);
  CHECK(forgot.regressed == 1);
  forgot.core->rotate(actor_id{900});
  CHECK(forgot.take(later) == frame_verdict::applied);
  forgot.put("k", "x");
  CHECK(forgot.core->state().clock().contains({actor_id{900}, 1}));
}

TEST_CASE("a node alone keeps no dot-key map: its floor follows its clock") {
  swc_node alone{1, new_disk()};
  alone.know({1});
  for (auto round = 0; round < 5; ++round) {
    alone.put("k", "v");
    alone.erase("k");
  }
  alone.settle();
  CHECK(rows_left(*alone.disk, storage_table::dots) == 0);
  CHECK(rows_left(*alone.disk, storage_table::records) == 0);
  CHECK(alone.core->state().image().floor == version_vector{{a, 10}});
  CHECK(alone.frames.empty());
}

TEST_CASE("what a node wrote for a peer that is gone is collected, and then it "
          "is a node alone") {
  swc_node node{1, new_disk()};
  node.know({1, 2});
  node.put("k", "v");
  node.put("l", "v");
  node.settle();
  CHECK(rows_left(*node.disk, storage_table::dots) == 2);
  node.core->set_members(
    {{store_id{1}, generation{1}, member_state::up},
     {store_id{2}, generation{1}, member_state::removed}});
  node.put("m", "v");
  node.settle();
  CHECK_FALSE(node.core->collect());
  node.put("n", "v");
  node.settle();
  CHECK(rows_left(*node.disk, storage_table::dots) == 0);
  CHECK(node.core->state().image().floor == version_vector{{a, 4}});
}

TEST_CASE("rows of what is not on disk yet collect nothing") {
  swc_node node{1, new_disk()};
  node.know({1, 2});
  node.put("k", "v");
  auto [number, batch] = node.due.at(0);
  (void) node.disk->write(batch, persistence::durability::written);
  node.core->on_committed(number);
  node.due.clear();
  node.core->raise_row(store_id{2}, {{a, 1}});
  (void) node.core->collect();
  node.settle();
  CHECK(rows_left(*node.disk, storage_table::dots) == 1);
  node.core->on_synced(number);
  (void) node.core->collect();
  node.settle();
  CHECK(rows_left(*node.disk, storage_table::dots) == 0);
}

TEST_CASE("a restart goes on where the store ends") {
  auto disk = new_disk();
  auto image = persistence::write_batch{};
  {
    swc_node node{1, std::move(disk)};
    node.know({1, 2});
    node.put("k", "v");
    node.settle();
    node.core->raise_row(store_id{2}, {{a, 1}});
    (void) node.core->collect();
    node.settle();
    node.put("k", "lost");
    auto all = node.disk->scan("", "");
    for (; all->valid(); all->next())
      image.put(all->key(), all->value());
  }
  auto kept = new_disk();
  (void) kept->write(image, persistence::durability::synced);
  swc_node again{1, std::move(kept)};
  again.know({1, 2});
  CHECK(again.value("k") == "v");
  CHECK(again.core->state().image().floor == version_vector{{a, 1}});
  CHECK(again.core->rows().at(store_id{2}) == version_vector{{a, 1}});
  again.put("k", "w");
  CHECK(again.core->state().clock().at(a).base() == 2);
}

TEST_CASE("a store that cannot be read ends the step before anything of it is "
          "handed out") {
  auto disk = new_disk();
  auto* faulty = disk.get();
  swc_node node{1, std::move(disk)};
  node.know({1, 2});
  faulty->fail_reads(persistence::errc::io_error);
  CHECK_THROWS_AS(node.put("k", "v"), store_failure);
  CHECK(node.due.empty());
}

TEST_CASE("a damaged clock, or one of a later version, is refused at the "
          "start") {
  auto open = [](std::string_view key, std::string_view value) {
    auto disk = new_disk();
    persistence::write_batch batch;
    batch.put(key, value);
    (void) disk->write(batch, persistence::durability::synced);
    try {
      swc_node node{1, std::move(disk)};
    } catch (const store_failure& why) {
      return why.code();
    }
    return persistence::errc::none;
  };
  auto column = clock_key(shard_no{}, clock_row::column, 1);
  CHECK(open(column, encode_row(dot_set{3})) == persistence::errc::none);
  CHECK(open(column, "\x02") == persistence::errc::newer_layout);
  CHECK(open(column, "\x01\x03") == persistence::errc::corrupt);
  CHECK(open(column.substr(0, 6), encode_row(dot_set{3}))
        == persistence::errc::corrupt);
  CHECK(open(clock_key(shard_no{}, clock_row::floor),
             encode_floor({{a, 1}}, {}))
        == persistence::errc::corrupt);
}

} // namespace swc_replica_test
