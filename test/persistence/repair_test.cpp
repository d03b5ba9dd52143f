#include "persistence/repair.hpp"

#include "persistence/engine/log_format.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

namespace repair_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace fs = std::filesystem;

namespace {

constexpr int count = 500;

/// A closed store with some tables and a log.
struct broken_store {
  broken_store() : path(place.path("broken")), fresh(place.path("fresh")) {
    const auto store = open_store(path, small_tables());
    for (int number = 0; number < count; ++number)
      put(*store, key_of(number), value_of(number));
  }

  [[nodiscard]] std::string file(const std::string& part) const {
    return path + "/" + files(path, part).at(0);
  }

  /// Repairs, and checks that every record of the new store is right.
  repair_report mend() {
    const auto before = contents(path);
    const auto done = repair(path, fresh);
    if (!done)
      FAIL(done.error().message);
    CHECK(contents(path) == before);
    CHECK(files(place.path(), "fresh")
          == std::vector<std::string>{"fresh"});
    const auto store = open_store(fresh);
    CHECK(store->report().clean);
    std::uint64_t seen = 0;
    for (const auto& record : records_of(*store)) {
      const auto number = std::stoi(record.substr(4, 4)) - 1000;
      REQUIRE(record == key_of(number) + "=" + value_of(number));
      ++seen;
    }
    CHECK(done->records == seen);
    return *done;
  }

  temporary_directory place;
  std::string path;
  std::string fresh;
};

} // namespace

TEST_CASE("a repair of a sound store copies all of it") {
  broken_store store;
  const auto done = store.mend();
  CHECK(done.records == count);
  CHECK(done.record_bytes > count * 400);
  CHECK(done.bad_records == 0);
  CHECK(done.bad_files == 0);
  CHECK(done.bad_log_bytes == 0);
}

TEST_CASE("a repair leaves out a damaged block of a table and copies the "
          "rest") {
  broken_store store;
  flip_bit(store.file(".ldb"), find_in(store.file(".ldb"), "value-"));
  const auto done = store.mend();
  CHECK(done.records < count);
  CHECK(done.records > count - 30);
}

TEST_CASE("a repair leaves out a damaged record of a log, counts its bytes and "
          "copies the rest") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    const auto store = open_store(path);
    for (int number = 0; number < 5; ++number)
      put(*store, key_of(number), value_of(number));
  }
  const auto log = path + "/" + files(path, ".log").at(0);
  flip_bit(log, find_in(log, value_of(2)));
  const auto done = repair(path, place.path("t"));
  REQUIRE(done.has_value());
  CHECK(done->records == 4);
  CHECK(done->bad_log_bytes > value_of(2).size());
  CHECK(done->bad_log_bytes < value_of(2).size() + 100);
  const auto store = open_store(place.path("t"));
  CHECK(get(*store, key_of(2)) == "<none>");
  CHECK(get(*store, key_of(4)) == value_of(4));
}

TEST_CASE("a repair counts a record that fails its own checksum") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  const auto log = path + "/" + files(path, ".log").at(0);
  auto bytes = slurp(log);
  log_walk walk(bytes);
  auto record = walk.next().value();
  record[record.find("value")] = 'V';
  std::string forged;
  append_log_record(forged, record);
  spill(log, forged);
  const auto done = repair(path, place.path("t"));
  REQUIRE(done.has_value());
  CHECK(done->records == 0);
  CHECK(done->bad_records == 1);
  CHECK(records_of(*open_store(place.path("t"))).empty());
}

TEST_CASE("a repair does without a manifest, CURRENT and the description") {
  for (const auto* part : {"MANIFEST-", "CURRENT", "hetzel.store"}) {
    broken_store store;
    fs::remove(store.file(part));
    CHECK(store.mend().records == count);
  }
}

TEST_CASE("a repair leaves out a table that is no table") {
  broken_store store;
  const auto table = store.file(".ldb");
  spill(table, std::string(fs::file_size(table), '?'));
  const auto done = store.mend();
  CHECK(done.records < count);
  CHECK(done.records > 0);
  CHECK(done.bad_files == 1);
}

TEST_CASE("a repair keeps to the newest version and brings no erased record "
          "back while the files are sound") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    const auto store = open_store(path, small_tables());
    put(*store, "a", "old");
    put(*store, "b", "old");
    store->compact("", "");
    put(*store, "a", "new");
    write_batch batch;
    batch.erase("b");
    REQUIRE(store->write(batch, durability::written) == errc::none);
  }
  fs::remove(path + "/CURRENT");
  const auto done = repair(path, place.path("t"));
  REQUIRE(done.has_value());
  CHECK(records_of(*open_store(place.path("t")))
        == std::vector<std::string>{"a=new"});
}

TEST_CASE("a repair is refused while the store is open, into a place that is "
          "not empty, and from nothing") {
  broken_store store;
  {
    const auto open = open_store(store.path);
    CHECK(repair(store.path, store.fresh).error().code == errc::in_use);
  }
  fs::create_directory(store.fresh);
  spill(store.fresh + "/letter", "dear");
  CHECK(repair(store.path, store.fresh).error().code == errc::not_a_store);
  CHECK(slurp(store.fresh + "/letter") == "dear");
  CHECK(repair(store.place.path("none"), store.place.path("new")).error().code
        == errc::not_found);
  CHECK_FALSE(fs::exists(store.place.path("new")));
}

TEST_CASE("a repair into itself or below itself is refused") {
  broken_store store;
  const auto before = contents(store.path);
  CHECK_FALSE(repair(store.path, store.path).has_value());
  CHECK_FALSE(repair(store.path, store.path + "/sub").has_value());
  CHECK_FALSE(repair(store.path, store.path + "/../broken/sub").has_value());
  CHECK(files(store.path, "sub").empty());
  CHECK(contents(store.path) == before);
}

} // namespace repair_test
