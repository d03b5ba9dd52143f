#include "persistence/memory_store.hpp"

#include "test/support/store_files.hpp"

#include <doctest/doctest.h>

namespace memory_store_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

using list = std::vector<std::string>;

errc try_put(memory_store& store, const std::string& key) {
  write_batch batch;
  batch.put(key, "1");
  batch.put(key + "'", "2");
  return store.write(batch, durability::written);
}

} // namespace

TEST_CASE("planned writes fail, as many and as late as was asked, and leave "
          "nothing") {
  memory_store store;
  store.fail_writes(errc::disk_full, 2, 1);
  CHECK(try_put(store, "a") == errc::none);
  CHECK(try_put(store, "b") == errc::disk_full);
  CHECK(try_put(store, "c") == errc::disk_full);
  CHECK(try_put(store, "d") == errc::none);
  store.restart();
  CHECK(records_of(store) == list{"a=1", "a'=2", "d=1", "d'=2"});
}

TEST_CASE("a failed write that reached the log is unseen at first and there "
          "once a later one succeeds") {
  memory_store store;
  put(store, "a", "old");
  store.fail_writes(errc::io_error, 1, 0,
                    memory_store::write_fault::resurfaces);
  CHECK(try_put(store, "a") == errc::io_error);
  CHECK(records_of(store) == list{"a=old"});
  put(store, "b", "new");
  CHECK(records_of(store) == list{"a=1", "a'=2", "b=new"});
}

TEST_CASE("a failed write that reached the log is there after a restart") {
  memory_store store;
  store.fail_writes(errc::io_error, 1, 0,
                    memory_store::write_fault::resurfaces);
  CHECK(try_put(store, "a") == errc::io_error);
  CHECK(records_of(store).empty());
  store.restart();
  CHECK(records_of(store) == list{"a=1", "a'=2"});
}

TEST_CASE("a restart loses nothing that was written") {
  memory_store store;
  put(store, "a", "1");
  store.restart();
  CHECK(get(store, "a") == "1");
  CHECK(store.unsynced() == 1);
}

TEST_CASE("a power loss takes unsynced batches back, whole ones, from the "
          "end") {
  for (std::size_t kept = 0; kept <= 3; ++kept) {
    memory_store store;
    put(store, "a", "synced", durability::synced);
    put(store, "z", "synced", durability::synced);
    CHECK(store.unsynced() == 0);
    put(store, "a", "1");
    write_batch batch;
    batch.put("b", "2");
    batch.put("a", "not for long");
    batch.put("a", "2");
    batch.erase("z");
    REQUIRE(store.write(batch, durability::written) == errc::none);
    put(store, "z", "3");
    CHECK(store.unsynced() == 3);
    const std::vector<list> after{{"a=synced", "z=synced"},
                                  {"a=1", "z=synced"},
                                  {"a=2", "b=2"},
                                  {"a=2", "b=2", "z=3"}};
    store.lose_power(kept);
    CHECK(records_of(store) == after[kept]);
    CHECK(store.unsynced() == 0);
    store.lose_power();
    CHECK(records_of(store) == after[kept]);
  }
}

TEST_CASE("a synced write, an empty one too, keeps all that was written before "
          "it from a power loss") {
  memory_store store;
  put(store, "a", "1");
  CHECK(store.write({}, durability::synced) == errc::none);
  put(store, "b", "1");
  store.lose_power();
  CHECK(records_of(store) == list{"a=1"});
}

TEST_CASE("a torn batch can be had, for tests that must notice it") {
  memory_store store;
  CHECK(try_put(store, "a") == errc::none);
  CHECK(try_put(store, "b") == errc::none);
  store.lose_power(1, 1);
  CHECK(records_of(store) == list{"a=1", "a'=2", "b=1"});
}

TEST_CASE("a snapshot from before a power loss stays as it was") {
  memory_store store;
  put(store, "a", "1");
  const auto snapshot = store.snapshot();
  store.lose_power();
  CHECK(records_of(store).empty());
  CHECK(records_of(*snapshot) == list{"a=1"});
}

TEST_CASE("planned reads fail, in the store, its snapshots and its scans") {
  memory_store store;
  for (const auto* key : {"a", "b", "c"})
    put(store, key, "1");
  store.fail_reads(errc::io_error, 1, 1);
  CHECK(get(store, "a") == "1");
  CHECK(get(store, "a") == "<io_error>");
  CHECK(get(store, "a") == "1");
  const auto snapshot = store.snapshot();
  store.fail_reads(errc::io_error);
  CHECK(get(*snapshot, "a") == "<io_error>");
  store.fail_reads(errc::io_error, 1, 2);
  CHECK(records_of(store) == list{"a=1", "b=1", "<io_error>"});
  CHECK(records_of(*snapshot) == list{"a=1", "b=1", "c=1"});
}

TEST_CASE("a damaged record is corrupt until it is written again") {
  memory_store store;
  put(store, "a", "1");
  put(store, "b", "");
  CHECK_FALSE(store.damage("c"));
  CHECK(store.damage("a"));
  CHECK(store.damage("b"));
  CHECK(get(store, "a") == "<corrupt>");
  CHECK(get(store, "b") == "<corrupt>");
  CHECK(records_of(store) == list{"<corrupt>"});
  put(store, "a", "2");
  CHECK(records_of(store) == list{"a=2", "<corrupt>"});
}

} // namespace memory_store_test
