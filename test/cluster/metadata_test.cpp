#include "cluster/metadata/metadata.hpp"

#include "cluster/swc/storage_layout.hpp"
#include "test/cluster/metadata_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace metadata_test {

using namespace hetzel;
using namespace hetzel::cluster;
using namespace std::chrono_literals;
using store_errc = persistence::errc;

namespace {

constexpr auto patience = 20s;

/// The groups of a node under their supervisor.
struct node_fixture : test::metadata_fixture {
  explicit node_fixture(std::uint8_t groups = 4)
    : metadata_fixture(test::metadata_disk::make(), groups),
      root(runtime::spawn_supervisor(
        system, metadata_supervisor(
                  system, all, {.sync_interval = std::chrono::minutes{10}}))) {
    self->request(root, patience, runtime::started_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
  }

  ~node_fixture() {
    self->send_exit(root, caf::exit_reason::user_shutdown);
    self->wait_for(root);
  }

  store_errc put(const metadata_key& key, std::string value) {
    auto write = std::make_shared<metadata_write>();
    write->changes.push_back({encode(key), std::move(value)});
    auto code = store_errc::io_error;
    self->request(all.group(key), patience, metadata_write_ptr{write})
      .receive([&](std::uint8_t answer) {
        code = static_cast<store_errc>(answer);
      }, [](const caf::error& why) { FAIL(to_string(why)); });
    return code;
  }

  /// "subject/filter=value" of each.
  std::vector<std::string> found(record_kind kind) {
    std::vector<std::string> lines;
    CHECK(all.for_each(kind, [&](const metadata_key& key,
                                 std::string_view value) {
      lines.push_back(std::string{key.subject} + "/"
                      + std::string{key.topic_filter} + "="
                      + std::string{value});
    }) == store_errc::none);
    return lines;
  }

  std::set<std::string> set_of(record_kind kind) {
    const auto lines = found(kind);
    return {lines.begin(), lines.end()};
  }

  /// What no group would write.
  void spoil(const metadata_key& key, std::string_view bytes) {
    persistence::write_batch batch;
    batch.put(record_key(shard_no{all.group_number(key)}, encode(key)), bytes);
    CHECK(disk->records.write(batch, persistence::durability::written)
          == store_errc::none);
  }

  runtime::supervisor_actor root;
};

using names = std::set<std::string>;

} // namespace

TEST_CASE("the records of a kind are found, in whatever group they are, and no "
          "others") {
  node_fixture fixture;
  names expected;
  for (int i = 0; i < 20; ++i) {
    const auto name = "c" + std::to_string(i);
    CHECK(fixture.put({record_kind::session, "", name, {}}, "session")
          == store_errc::none);
    CHECK(fixture.put({record_kind::subscription, "", name, "f"}, "filter")
          == store_errc::none);
    CHECK(fixture.put({record_kind::retained, "", name, {}}, "retained")
          == store_errc::none);
    expected.insert(name + "/=session");
  }
  CHECK(fixture.set_of(record_kind::session) == expected);
  CHECK(fixture.found(record_kind::session).size() == 20);
  CHECK(fixture.found(record_kind::subscription).size() == 20);
  CHECK(fixture.found(record_kind::retained).size() == 20);
}

TEST_CASE("the filters of one Session come one after another") {
  node_fixture fixture{1};
  for (const auto* filter : {"z", "a", "m"})
    for (const auto* id : {"one", "two", "three"})
      CHECK(fixture.put({record_kind::subscription, "", id, filter}, "v")
            == store_errc::none);
  std::vector<std::string> turns;
  for (const auto& line : fixture.found(record_kind::subscription)) {
    auto id = line.substr(0, line.find('/'));
    if (turns.empty() || turns.back() != id)
      turns.push_back(std::move(id));
  }
  CHECK(turns.size() == 3);
}

TEST_CASE("a record that cannot be read is counted and left out, and stays as "
          "it is") {
  node_fixture fixture;
  CHECK(fixture.put({record_kind::session, "", "sound", {}}, "v")
        == store_errc::none);
  const metadata_key spoiled{record_kind::session, "", "spoiled", {}};
  fixture.spoil(spoiled, "nonsense");
  CHECK(fixture.set_of(record_kind::session) == names{"sound/=v"});
  CHECK(fixture.all.counters().damaged_records == 1);
  const auto left = fixture.disk->records.get(
    record_key(shard_no{fixture.all.group_number(spoiled)}, encode(spoiled)));
  CHECK(*left == "nonsense");
}

TEST_CASE("a disk that fails ends the walk with its reason") {
  node_fixture fixture{1};
  for (const auto* id : {"a", "b", "c"})
    CHECK(fixture.put({record_kind::session, "", id, {}}, "v")
          == store_errc::none);
  fixture.disk->records.fail_reads(store_errc::io_error, 1, 1);
  int seen = 0;
  CHECK(fixture.all.for_each(record_kind::session,
                             [&](const metadata_key&, std::string_view) {
                               ++seen;
                             })
        == store_errc::io_error);
  CHECK(seen == 1);
}

TEST_CASE("a group that is killed is started anew and takes writes") {
  node_fixture fixture;
  const metadata_key key{record_kind::session, "", "c", {}};
  CHECK(fixture.put(key, "1") == store_errc::none);
  const auto former = fixture.all.group(key);
  fixture.self->send_exit(former, caf::exit_reason::kill);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (fixture.all.group(key) == former
         && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(fixture.put(key, "2") == store_errc::none);
  CHECK(fixture.set_of(record_kind::session) == names{"c/=2"});
}

} // namespace metadata_test
