/// What a store says to those who may not have it.

#include "persistence/engine/layout.hpp"
#include "persistence/leveldb_store.hpp"
#include "test/support/child_role.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace leveldb_open_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace fs = std::filesystem;

namespace {

constexpr auto holder = "child: holds a store open";
constexpr auto stranger = "child: tries a store as nobody";
constexpr uid_t nobody = 65534;

bool says(const open_error& why, const std::string& what) {
  return why.message.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("child: holds a store open" * doctest::skip()) {
  const auto store = open_store(child_word("PATH"));
  child_says("open");
  child_waits();
}

TEST_CASE("child: tries a store as nobody" * doctest::skip()) {
  REQUIRE(::setuid(nobody) == 0);
  const auto opened = leveldb_store::open(child_word("PATH"));
  child_says(opened ? "open" : opened.error().message);
}

TEST_CASE("a store is made where there is nothing, with the directories above "
          "it, and is there the next time") {
  temporary_directory place;
  const auto path = place.path("a/b/c");
  {
    const auto store = open_store(path);
    CHECK(store->report().created);
    put(*store, "key", "value");
  }
  const auto store = open_store(path);
  CHECK_FALSE(store->report().created);
  CHECK(store->report().clean);
  CHECK_FALSE(store->report().power_lost);
  CHECK(store->report().torn_bytes == 0);
  CHECK(get(*store, "key") == "value");
}

TEST_CASE("a store that is not to be made is not, and nothing is left behind") {
  temporary_directory place;
  store_options options;
  options.create_if_missing = false;
  CHECK(refused(place.path("none"), options).code == errc::not_found);
  CHECK_FALSE(fs::exists(place.path("none")));
  fs::create_directory(place.path("empty"));
  CHECK(refused(place.path("empty"), options).code == errc::not_found);
  CHECK(fs::is_empty(place.path("empty")));
}

TEST_CASE("a path that is a file, or leads through one, is refused") {
  temporary_directory place;
  spill(place.path("file"), "text");
  CHECK(refused(place.path("file")).code == errc::not_a_directory);
  CHECK(refused(place.path("file/below")).code == errc::not_a_directory);
  CHECK(slurp(place.path("file")) == "text");
}

TEST_CASE("a directory with other files is refused and left alone") {
  temporary_directory place;
  spill(place.path("letter.txt"), "dear");
  const auto before = contents(place.path());
  const auto why = refused(place.path());
  CHECK(why.code == errc::not_a_store);
  CHECK(says(why, "letter.txt"));
  CHECK(contents(place.path()) == before);
  CHECK(files(place.path(), "hetzel").empty());
}

TEST_CASE("somebody else's LevelDB is refused and left alone") {
  temporary_directory place;
  put(*open_store(place.path("s")), "key", "value");
  fs::remove(place.path("s") + "/" + layout_file);
  const auto before = contents(place.path("s"));
  CHECK(refused(place.path("s")).code == errc::not_a_store);
  CHECK(contents(place.path("s")) == before);
}

TEST_CASE("a store of a later layout is refused with the path, the version "
          "found and what to do, and left alone") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  spill(path + "/" + layout_file, "hetzel store\nlayout 3\nmore to come\n");
  const auto before = contents(path);
  const auto why = refused(path);
  CHECK(why.code == errc::newer_layout);
  CHECK(says(why, path));
  CHECK(says(why, "layout 3"));
  CHECK(says(why, "install the version that wrote it"));
  CHECK(contents(path) == before);
}

TEST_CASE("a second store on the same directory in one process is refused, "
          "and the first one works on") {
  temporary_directory place;
  const auto first = open_store(place.path("s"));
  const auto why = refused(place.path("s"));
  CHECK(why.code == errc::in_use);
  CHECK(says(why, "process " + std::to_string(::getpid())));
  put(*first, "key", "value");
  CHECK(refused(place.path("s")).code == errc::in_use);
}

TEST_CASE("a second process on the same directory is told which one has it") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  child_role child(holder, {{"PATH", path}});
  REQUIRE(child.next_line() == "open");
  const auto why = refused(path);
  CHECK(why.code == errc::in_use);
  CHECK(says(why, "process " + std::to_string(child.id())));
  child.kill();
  CHECK(get(*open_store(path), "key") == "value");
}

TEST_CASE("a store is free once its last snapshot has gone, not before") {
  temporary_directory place;
  auto store = open_store(place.path("s"));
  auto snapshot = store->snapshot();
  store.reset();
  CHECK(refused(place.path("s")).code == errc::in_use);
  snapshot.reset();
  CHECK(open_store(place.path("s"))->report().clean);
}

TEST_CASE("a directory that this user may not read is refused") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  REQUIRE(::chmod(place.path().c_str(), 0755) == 0);
  std::string message;
  if (::getuid() == 0) {
    // Nothing is closed to root, so a child gives its rights up.
    REQUIRE(::chmod(path.c_str(), 0700) == 0);
    child_role child(stranger, {{"PATH", path}});
    message = child.next_line();
  } else {
    REQUIRE(::chmod(path.c_str(), 0) == 0);
    message = refused(path).message;
    REQUIRE(::chmod(path.c_str(), 0700) == 0);
  }
  CHECK(message.starts_with(path + ": this user may not read and write"));
  CHECK(get(*open_store(path), "key") == "value");
}

TEST_CASE("a directory that this user may read but not write is refused") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  REQUIRE(::chmod(place.path().c_str(), 0755) == 0);
  const bool root = ::getuid() == 0;
  REQUIRE(::chmod(path.c_str(), 0555) == 0);
  REQUIRE(::chmod((path + "/" + lock_file).c_str(), 0444) == 0);
  std::string message;
  if (root)
    message = child_role(stranger, {{"PATH", path}}).next_line();
  else
    message = refused(path).message;
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  REQUIRE(::chmod((path + "/" + lock_file).c_str(), 0644) == 0);
  CHECK(message.starts_with(path + ": this user may not read and write"));
  CHECK(get(*open_store(path), "key") == "value");
}

TEST_CASE("a start that ended while the store was being made is made up for") {
  temporary_directory place;
  const auto path = place.path("s");
  fs::create_directory(path);
  const layout fresh{layout_version, store_state::fresh, "", {}};
  spill(path + "/" + layout_file, encode(fresh));
  spill(path + "/MANIFEST-000001", "half of");
  spill(path + "/hetzel.store.new", "half of");
  put(*open_store(path), "key", "value");
  CHECK(get(*open_store(path), "key") == "value");
}

TEST_CASE("statistics count what a store does") {
  temporary_directory place;
  const auto store = open_store(place.path("s"));
  write_batch batch;
  batch.put("a", "1");
  batch.put("b", "2");
  REQUIRE(store->write(batch, durability::synced) == errc::none);
  put(*store, "c", "3");
  CHECK(get(*store, "a") == "1");
  const auto cursor = store->scan("", "");
  const auto seen = store->statistics();
  CHECK(seen.batches == 2);
  CHECK(seen.operations == 3);
  CHECK(seen.batch_bytes > batch.size_bytes());
  CHECK(seen.syncs == 1);
  CHECK(seen.gets == 1);
  CHECK(seen.scans == 1);
  CHECK(seen.readers == 1);
  CHECK(seen.failed_writes == 0);
  CHECK(seen.corrupt_reads == 0);
  CHECK(seen.memory_bytes > 0);
  CHECK(seen.disk_bytes > 0);
  CHECK(seen.tables.size() == 7);
  CHECK(seen.engine.find("Compactions") != std::string::npos);
}

TEST_CASE("every combination of options opens the same store") {
  temporary_directory place;
  const auto path = place.path("s");
  for (const bool compression : {true, false})
    for (const bool bloom : {true, false}) {
      store_options options;
      options.compression = compression;
      if (!bloom)
        options.bloom_bits_per_key.reset();
      options.write_buffer_bytes = 1;
      options.block_cache_bytes = 0;
      options.max_open_files = 1;
      const auto store = open_store(path, options);
      put(*store, std::string(compression ? "c" : "-") + (bloom ? "b" : "-"),
          std::string(100'000, 'v'));
      store->compact("", "");
    }
  CHECK(records_of(*open_store(path)).size() == 4);
}

TEST_CASE("erasing everything gives the disk its room back") {
  temporary_directory place;
  store_options options;
  options.compression = false;
  const auto store = open_store(place.path("s"), options);
  write_batch batch;
  for (int at = 0; at < 20'000; ++at)
    batch.put(std::to_string(at), std::string(100, 'v'));
  REQUIRE(store->write(batch, durability::synced) == errc::none);
  store->compact("", "");
  CHECK(store->approximate_bytes("", "") > 2'000'000);
  batch.clear();
  for (int at = 0; at < 20'000; ++at)
    batch.erase(std::to_string(at));
  REQUIRE(store->write(batch, durability::synced) == errc::none);
  store->compact("", "");
  CHECK(store->approximate_bytes("", "") == 0);
  for (const auto count : store->statistics().tables)
    CHECK(count == 0);
}

} // namespace leveldb_open_test
