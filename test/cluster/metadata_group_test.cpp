#include "cluster/metadata/metadata_group.hpp"

#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/storage_layout.hpp"
#include "test/cluster/metadata_fixture.hpp"

#include <doctest/doctest.h>

#include <map>

namespace metadata_group_test {

using namespace hetzel;
using namespace hetzel::cluster;
using namespace std::chrono_literals;
using persistence::memory_store;
using test::a_write;
using test::changes;
using store_errc = persistence::errc;
using lines = std::vector<std::string>;

namespace {

constexpr auto patience = 20s;

/// Nothing is synced but when a test wants that.
metadata_group_options calm() {
  return {.sync_interval = std::chrono::minutes{10}};
}

struct group_fixture : test::metadata_fixture {
  explicit group_fixture(metadata_group_options with = calm(),
                         std::shared_ptr<test::metadata_disk> on
                         = test::metadata_disk::make())
    : metadata_fixture(std::move(on)),
      options(with),
      group(spawn_metadata_group(system, all, 0, options)) {}

  ~group_fixture() {
    disk->release();
    end(caf::exit_reason::user_shutdown);
  }

  void end(caf::exit_reason why) {
    self->send_exit(group, why);
    self->wait_for(group);
  }

  void restart() {
    end(caf::exit_reason::kill);
    group = spawn_metadata_group(system, all, 0, options);
  }

  auto ask(const changes& list) {
    return self->request(group, patience, a_write(list));
  }

  template <class Request>
  static store_errc answer_of(Request&& request) {
    auto code = store_errc::none;
    request.receive(
      [&](std::uint8_t answer) { code = static_cast<store_errc>(answer); },
      [&](const caf::error& why) { FAIL(to_string(why)); });
    return code;
  }

  store_errc write(const changes& list) { return answer_of(ask(list)); }

  /// A write that waits in the store, and with it the group.
  auto ask_and_wait(const changes& list) {
    disk->hold();
    auto request = ask(list);
    disk->await_write();
    return request;
  }

  /// Which keys each dot is in; more than one would be two events in one.
  [[nodiscard]] std::map<dot, int> dots() const {
    std::map<dot, int> found;
    const auto prefix = table_prefix(storage_table::records, shard_no{0});
    const auto cursor
      = disk->records.scan(prefix, persistence::behind_prefix(prefix));
    for (; cursor->valid(); cursor->next()) {
      const auto record = decode_record(cursor->value());
      REQUIRE(record);
      for (const auto& one : record->versions)
        ++found[one.id];
    }
    return found;
  }

  metadata_group_options options;
  metadata_group group;
};

} // namespace

TEST_CASE("a write is answered when the store has it, not before") {
  group_fixture fixture;
  auto request = fixture.ask_and_wait({{"a", "1"}});
  CHECK(fixture.self->mailbox().empty());
  CHECK(fixture.told.take().empty());
  fixture.disk->release();
  CHECK(group_fixture::answer_of(request) == store_errc::none);
  CHECK(fixture.told.take() == lines{"a=1"});
  CHECK(fixture.records() == lines{"a=1"});
}

TEST_CASE("a commit that fails answers all its writes with the reason, and "
          "leaves nothing of them") {
  group_fixture fixture;
  auto first = fixture.ask_and_wait({{"a", "1"}});
  auto second = fixture.ask({{"b", "1"}});
  auto third = fixture.ask({{"a", "2"}});
  auto fourth = fixture.ask({{"c", std::nullopt}});
  fixture.disk->records.fail_writes(store_errc::disk_full, 1, 1);
  fixture.disk->release();
  CHECK(group_fixture::answer_of(first) == store_errc::none);
  CHECK(group_fixture::answer_of(second) == store_errc::disk_full);
  CHECK(group_fixture::answer_of(third) == store_errc::disk_full);
  CHECK(group_fixture::answer_of(fourth) == store_errc::disk_full);
  CHECK(fixture.records() == lines{"a=1"});
  CHECK(fixture.told.take() == lines{"a=1"});
  CHECK(fixture.all.counters().failed_commits == 1);
}

TEST_CASE("after a failed commit the next write works") {
  group_fixture fixture;
  CHECK(fixture.write({{"a", "1"}}) == store_errc::none);
  fixture.disk->records.fail_writes(store_errc::io_error, 3);
  for (int i = 0; i < 3; ++i)
    CHECK(fixture.write({{"a", "2"}}) == store_errc::io_error);
  CHECK(fixture.write({{"a", "3"}}) == store_errc::none);
  CHECK(fixture.records() == lines{"a=3"});
}

TEST_CASE("a commit that failed and is found in the store all the same shares "
          "no event with a later one") {
  group_fixture fixture;
  CHECK(fixture.write({{"a", "1"}}) == store_errc::none);
  fixture.disk->records.fail_writes(store_errc::io_error, 1, 0,
                                    memory_store::write_fault::resurfaces);
  CHECK(fixture.write({{"b", "1"}}) == store_errc::io_error);
  SUBCASE("by the same process") {}
  SUBCASE("by the actor that comes after") { fixture.restart(); }
  CHECK(fixture.write({{"c", "1"}}) == store_errc::none);
  CHECK(fixture.records() == lines{"a=1", "b=1", "c=1"});
  CHECK(fixture.dots().size() == 3);
}

TEST_CASE("a store that cannot be read answers with that, and is read again "
          "for the next write") {
  group_fixture fixture;
  fixture.disk->records.fail_reads(store_errc::io_error);
  CHECK(fixture.write({{"a", "1"}}) == store_errc::io_error);
  CHECK(fixture.write({{"a", "2"}}) == store_errc::none);
  CHECK(fixture.records() == lines{"a=2"});
}

TEST_CASE("to delete what is not there is answered, and no change") {
  group_fixture fixture;
  CHECK(fixture.write({{"a", std::nullopt}}) == store_errc::none);
  CHECK(fixture.told.take().empty());
  CHECK(fixture.write({}) == store_errc::none);
}

TEST_CASE("whoever listens is told of each change in its order, a later write "
          "takes the place of an earlier one") {
  group_fixture fixture;
  auto first = fixture.ask_and_wait({{"a", "1"}});
  auto second = fixture.ask({{"a", "2"}, {"b", "1"}});
  auto third = fixture.ask({{"b", std::nullopt}, {"a", "3"}});
  fixture.disk->release();
  for (auto* request : {&first, &second, &third})
    CHECK(group_fixture::answer_of(*request) == store_errc::none);
  std::string of_a;
  std::string of_b;
  for (const auto& line : fixture.told.take())
    (line.front() == 'a' ? of_a : of_b) += line + " ";
  CHECK(of_a == "a=1 a=2 a=3 ");
  CHECK(of_b == "b=1 b ");
  CHECK(fixture.records() == lines{"a=3"});
  CHECK(fixture.dots().size() == 1);
}

TEST_CASE("what comes while the store works is one commit") {
  group_fixture fixture;
  auto first = fixture.ask_and_wait({{"first", "1"}});
  std::vector<std::string> topics;
  for (int i = 0; i < 200; ++i)
    topics.push_back("topic-" + std::to_string(i));
  std::vector<decltype(first)> others;
  for (const auto& topic : topics)
    others.push_back(fixture.ask({{topic, "1"}}));
  fixture.disk->release();
  CHECK(group_fixture::answer_of(first) == store_errc::none);
  for (auto& one : others)
    CHECK(group_fixture::answer_of(one) == store_errc::none);
  CHECK(fixture.all.counters().writes == 201);
  CHECK(fixture.all.counters().commits == 2);
}

TEST_CASE("a commit has its limit") {
  auto options = calm();
  options.commit_operations_max = 50;
  group_fixture fixture{options};
  auto first = fixture.ask_and_wait({{"first", "1"}});
  std::vector<decltype(first)> others;
  for (const auto* topic : {"a", "b", "c", "d", "e"})
    for (int i = 0; i < 40; ++i)
      others.push_back(fixture.ask({{topic, "1"}}));
  fixture.disk->release();
  CHECK(group_fixture::answer_of(first) == store_errc::none);
  for (auto& one : others)
    CHECK(group_fixture::answer_of(one) == store_errc::none);
  // Each write is at least a record and the column of the clock.
  CHECK(fixture.all.counters().commits >= 1 + 200 * 2 / (50 + 10));
  CHECK(fixture.all.counters().commits < 100);
}

TEST_CASE("the next actor of a group goes on where the former ended") {
  group_fixture fixture;
  CHECK(fixture.write({{"a", "1"}, {"b", "1"}}) == store_errc::none);
  fixture.restart();
  CHECK(fixture.records() == lines{"a=1", "b=1"});
  CHECK(fixture.write({{"a", "2"}, {"c", "1"}}) == store_errc::none);
  CHECK(fixture.records() == lines{"a=2", "b=1", "c=1"});
  CHECK(fixture.dots().size() == 3);
}

TEST_CASE("a group that ends leaves nobody without an answer, and what it "
          "said yes to is stored") {
  for (const auto how :
       {caf::exit_reason::kill, caf::exit_reason::user_shutdown}) {
    group_fixture fixture;
    auto first = fixture.ask_and_wait({{"a", "1"}});
    auto second = fixture.ask({{"b", "1"}});
    auto third = fixture.ask({{"c", "1"}});
    fixture.self->send_exit(fixture.group, how);
    auto fourth = fixture.ask({{"d", "1"}});
    fixture.disk->release();
    lines granted;
    const auto listen = [&](auto& request, const char* line) {
      request.receive(
        [&](std::uint8_t code) {
          if (static_cast<store_errc>(code) == store_errc::none)
            granted.emplace_back(line);
        },
        [](const caf::error& why) { CHECK(why != caf::sec::request_timeout); });
    };
    listen(first, "a=1");
    listen(second, "b=1");
    listen(third, "c=1");
    listen(fourth, "d=1");
    fixture.self->wait_for(fixture.group);
    CHECK(granted.front() == "a=1");
    CHECK(fixture.records() == granted);
  }
}

TEST_CASE("what was written is synced soon, and then the store keeps of "
          "deleted records nothing") {
  group_fixture fixture{{.sync_interval = 1ms}};
  CHECK(fixture.write({{"a", "1"}, {"b", "1"}}) == store_errc::none);
  CHECK(fixture.write({{"a", std::nullopt}, {"b", std::nullopt}})
        == store_errc::none);
  const auto rests = [&] {
    std::size_t count = 0;
    for (const auto table : {storage_table::records, storage_table::dots,
                             storage_table::contexts}) {
      const auto prefix = table_prefix(table, shard_no{0});
      const auto cursor
        = fixture.disk->records.scan(prefix,
                                     persistence::behind_prefix(prefix));
      for (; cursor->valid(); cursor->next())
        ++count;
    }
    return count;
  };
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while ((rests() > 0 || fixture.disk->records.unsynced() > 0)
         && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(rests() == 0);
  CHECK(fixture.disk->records.unsynced() == 0);
}

} // namespace metadata_group_test
