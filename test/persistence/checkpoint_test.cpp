#include "persistence/checkpoint.hpp"

#include "persistence/memory_store.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

namespace checkpoint_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace fs = std::filesystem;

TEST_CASE("a copy has every record of its moment and is closed in order") {
  const temporary_directory place;
  auto store = open_store(place.path("store"), small_tables());
  for (int at = 0; at < 900; ++at)
    put(*store, key_of(at), value_of(at));
  const auto report = checkpoint(*store, place.path("copy"));
  REQUIRE(report.has_value());
  CHECK(report->records == 900);
  CHECK(report->record_bytes > 360'000);
  put(*store, "later", "record");
  auto wanted = records_of(*store);
  std::erase(wanted, "later=record");
  const auto copy = open_store(place.path("copy"));
  CHECK(copy->report().clean);
  CHECK(records_of(*copy) == wanted);
  CHECK_FALSE(fs::exists(place.path("copy.copying")));
}

TEST_CASE("a copy of a store that is written to meanwhile has whole batches") {
  const temporary_directory place;
  auto store = open_store(place.path("store"), small_tables());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int round = 0; !stop; ++round) {
      write_batch batch;
      for (const auto* key : {"a", "m", "z"})
        batch.put(key, std::to_string(round));
      if (store->write(batch, durability::written) != errc::none)
        return;
    }
  });
  for (const auto* name : {"1", "2", "3"})
    CHECK(checkpoint(*store, place.path(name)).has_value());
  stop = true;
  writer.join();
  for (const auto* name : {"1", "2", "3"}) {
    const auto copy = open_store(place.path(name));
    CHECK(get(*copy, "a") == get(*copy, "m"));
    CHECK(get(*copy, "a") == get(*copy, "z"));
  }
}

TEST_CASE("a copy is not made over something else") {
  const temporary_directory place;
  memory_store store;
  fs::create_directory(place.path("there"));
  const auto refused = checkpoint(store, place.path("there"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::not_a_store);
  CHECK(refused.error().message.starts_with(place.path("there")));
  CHECK(fs::is_empty(place.path("there")));
}

TEST_CASE("there is no copy of a store with a damaged record, and none of one "
          "that cannot be read") {
  const temporary_directory place;
  memory_store store;
  for (int at = 0; at < 9; ++at)
    put(store, key_of(at), "value");
  store.fail_reads(errc::io_error, 1, 5);
  CHECK(checkpoint(store, place.path("copy")).error().code == errc::io_error);
  REQUIRE(store.damage(key_of(5)));
  CHECK(checkpoint(store, place.path("copy")).error().code == errc::corrupt);
  CHECK(fs::is_empty(place.path()));
}

TEST_CASE("what a crash left of a copy is replaced by the next one") {
  const temporary_directory place;
  memory_store store;
  put(store, "a", "1");
  const auto rest = place.path("copy.copying");
  {
    const auto half = open_store(rest);
    put(*half, "old", "record");
  }
  REQUIRE(checkpoint(store, place.path("copy")).has_value());
  CHECK(records_of(*open_store(place.path("copy")))
        == std::vector<std::string>{"a=1"});
  CHECK_FALSE(fs::exists(rest));
}

TEST_CASE("a copy can be made into the directory one is in") {
  const temporary_directory place;
  memory_store store;
  put(store, "a", "1");
  const auto before = fs::current_path();
  fs::current_path(place.path());
  const auto made = checkpoint(store, "copy").has_value();
  fs::current_path(before);
  CHECK(made);
  CHECK(fs::exists(place.path("copy")));
}

TEST_CASE("a copy in steps is that of its beginning, and shows up with the "
          "last") {
  const temporary_directory place;
  memory_store store;
  for (int at = 0; at < 40; ++at)
    put(store, key_of(at), std::string(100'000, 'x'));
  const auto wanted = records_of(store);
  auto copy = checkpoint_copy::begin(store.snapshot(), place.path("copy"));
  REQUIRE(copy);
  int steps = 0;
  for (;; ++steps) {
    CHECK_FALSE(fs::exists(place.path("copy")));
    put(store, key_of(100 + steps), "later");
    const auto done = (*copy)->step();
    REQUIRE(done);
    if (*done)
      break;
  }
  CHECK(steps == 3);
  CHECK((*copy)->report().records == 40);
  CHECK(records_of(*open_store(place.path("copy"))) == wanted);
}

TEST_CASE("a copy that nobody completes leaves nothing") {
  const temporary_directory place;
  memory_store store;
  for (int at = 0; at < 40; ++at)
    put(store, key_of(at), std::string(100'000, 'x'));
  {
    auto copy = checkpoint_copy::begin(store.snapshot(), place.path("copy"));
    REQUIRE(copy);
    REQUIRE((*copy)->step());
    CHECK(fs::exists(place.path("copy.copying")));
  }
  CHECK(fs::is_empty(place.path()));
}

} // namespace checkpoint_test
