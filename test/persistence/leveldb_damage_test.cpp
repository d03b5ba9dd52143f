/// Damaged files: a refusal that names the file, or `errc::corrupt`; never a
/// wrong answer, never silence, and nothing is written over.

#include "persistence/engine/log_format.hpp"
#include "persistence/leveldb_store.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <random>

namespace leveldb_damage_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace fs = std::filesystem;

namespace {

constexpr int count = 600;

/// A closed store with tables, a manifest of some length and a log. Made once:
/// what is harmed are copies.
std::string sound_store() {
  static const temporary_directory place;
  static const bool made = [] {
    const auto store = open_store(place.path("s"), small_tables());
    for (int number = 0; number < count; ++number)
      put(*store, key_of(number), value_of(number));
    return true;
  }();
  REQUIRE(made);
  return place.path("s");
}

class damaged_store {
public:
  damaged_store() : path(place.path("s")) { fs::copy(sound_store(), path); }

  [[nodiscard]] std::string file(const std::string& part,
                                 std::size_t at = 0) const {
    const auto names = files(path, part);
    REQUIRE(names.size() > at);
    return path + "/" + names[at];
  }

  /// Refused as damaged with that file named, and left as it is.
  void check_refused(const std::string& broken) const {
    const auto before = contents(path);
    const auto why = refused(path, small_tables());
    CHECK(why.code == errc::corrupt);
    const auto name = fs::path(broken).filename().string();
    CHECK_MESSAGE(why.message.find(name) != std::string::npos, why.message);
    CHECK(why.message.find("nothing was changed") != std::string::npos);
    CHECK(contents(path) == before);
  }

  /// Opened, it answers every key rightly or not at all.
  [[nodiscard]] int wrong_answers(int* corrupt) const {
    const auto store = open_store(path, small_tables());
    int wrong = 0;
    *corrupt = 0;
    for (int number = 0; number < count; ++number) {
      const auto answer = get(*store, key_of(number));
      *corrupt += answer == "<corrupt>" ? 1 : 0;
      wrong += answer != "<corrupt>" && answer != value_of(number) ? 1 : 0;
    }
    return wrong;
  }

  temporary_directory place;
  std::string path;
};

enum class ending { closed, killed, power_lost };

void pretend(const damaged_store& store, ending how) {
  if (how == ending::killed)
    forget_closing(store.path);
  if (how == ending::power_lost)
    pretend_power_loss(store.path);
}

constexpr std::array all_endings{ending::closed, ending::killed,
                                 ending::power_lost};

} // namespace

TEST_CASE("a table, a log, a manifest or CURRENT that is gone is refused, "
          "however the store was left") {
  for (const auto how : all_endings)
    for (const auto* part : {".ldb", ".log", "MANIFEST-", "CURRENT"}) {
      damaged_store store;
      pretend(store, how);
      const auto file = store.file(part);
      fs::remove(file);
      store.check_refused(file);
    }
}

TEST_CASE("a table that lost its end is refused, however the store was left") {
  for (const auto how : all_endings) {
    damaged_store store;
    pretend(store, how);
    const auto file = store.file(".ldb");
    cut_off(file, 1);
    store.check_refused(file);
    cut_off(file, fs::file_size(file));
    store.check_refused(file);
  }
}

TEST_CASE("a log that lost its end after the store was closed is refused") {
  for (const std::size_t left : {0U, 1U, 100U}) {
    damaged_store store;
    const auto file = store.file(".log");
    cut_off(file, fs::file_size(file) - left);
    store.check_refused(file);
  }
}

TEST_CASE("a log that ends within a batch after a kill loses that batch alone, "
          "and the report says so") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    const auto store = open_store(path);
    put(*store, "a", "1");
    put(*store, "b", "2");
  }
  forget_closing(path);
  cut_off(path + "/" + files(path, ".log")[0], 1);
  const auto store = open_store(path);
  CHECK_FALSE(store->report().clean);
  CHECK_FALSE(store->report().power_lost);
  CHECK(store->report().torn_bytes > 0);
  CHECK(records_of(*store) == std::vector<std::string>{"a=1"});
}

TEST_CASE("a manifest that lost any part of its end is refused while it "
          "matters, and never loses a record") {
  for (const auto how : all_endings) {
    damaged_store whole;
    const auto size = fs::file_size(whole.file("MANIFEST-"));
    std::mt19937 random(4);
    for (int round = 0; round < 12; ++round) {
      damaged_store store;
      pretend(store, how);
      const auto cut = round < 3 ? static_cast<std::size_t>(round) + 1
                                 : random() % size + 1;
      const auto file = store.file("MANIFEST-");
      cut_off(file, std::min<std::size_t>(cut, fs::file_size(file)));
      const auto before = contents(store.path);
      if (auto opened = leveldb_store::open(store.path, small_tables())) {
        CHECK(records_of(**opened).size() == count);
      } else {
        CHECK(opened.error().code == errc::corrupt);
        CHECK(contents(store.path) == before);
      }
    }
  }
}

TEST_CASE("a manifest of which only the first record is left is refused") {
  damaged_store store;
  forget_closing(store.path);
  const auto file = store.file("MANIFEST-");
  const auto bytes = slurp(file);
  log_walk edits(bytes);
  std::string first;
  append_log_record(first, edits.next().value());
  spill(file, first);
  store.check_refused(file);
}

TEST_CASE("a store that LevelDB refuses after the audit is left as it was") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  // Sound as a log, but no batch.
  const auto log = path + "/" + files(path, ".log")[0];
  std::string forged;
  append_log_record(forged, std::string(slurp(log).size() - 7, 'x'));
  spill(log, forged);
  const auto before = contents(path);
  CHECK(refused(path).code == errc::corrupt);
  CHECK(refused(path).code == errc::corrupt);
  CHECK(contents(path) == before);
}

TEST_CASE("a flipped bit in the manifest is refused") {
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    damaged_store store;
    const auto file = store.file("MANIFEST-");
    flip_bit(file, random() % fs::file_size(file));
    store.check_refused(file);
  }
}

TEST_CASE("a flipped bit anywhere in a log is refused after a kill and after a "
          "close") {
  std::mt19937 random(6);
  for (const auto how : {ending::closed, ending::killed})
    for (int round = 0; round < 10; ++round) {
      damaged_store store;
      pretend(store, how);
      const auto file = store.file(".log");
      const auto size = fs::file_size(file);
      REQUIRE(size > 1000);
      // Of the last record the size may be hit, which is what an end within
      // a write looks like too: that one is in the report.
      flip_bit(file, random() % (size - 500));
      store.check_refused(file);
    }
}

TEST_CASE("a flipped bit in the checksum or the payload of the last record of "
          "a log is refused unless power was lost, and then set aside") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    const auto store = open_store(path);
    put(*store, "a", "1");
    put(*store, "b", "the last value");
  }
  const auto log = path + "/" + files(path, ".log")[0];
  flip_bit(log, find_in(log, "the last value"));
  CHECK(refused(path).code == errc::corrupt);
  forget_closing(path);
  CHECK(refused(path).code == errc::corrupt);
  pretend_power_loss(path);
  {
    const auto store = open_store(path);
    CHECK(store->report().power_lost);
    CHECK(store->report().torn_bytes > 14);
    CHECK(records_of(*store) == std::vector<std::string>{"a=1"});
    put(*store, "c", "3");
  }
  const auto aside = files(path, "hetzel.torn-");
  REQUIRE(aside.size() == 1);
  CHECK(slurp(path + "/" + aside[0]).find("he last value")
        != std::string::npos);
  CHECK(open_store(path)->report().clean);
}

TEST_CASE("zeros that a power loss leaves at the end of a log cost nothing "
          "that was whole") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "a", "1");
  const auto log = path + "/" + files(path, ".log")[0];
  spill(log, slurp(log) + std::string(70'000, '\0'));
  CHECK(refused(path).code == errc::corrupt);
  pretend_power_loss(path);
  const auto store = open_store(path);
  CHECK(store->report().torn_bytes == 70'000);
  CHECK(records_of(*store) == std::vector<std::string>{"a=1"});
}

TEST_CASE("a flipped bit in the records of a table is never a wrong answer and "
          "never an absent one") {
  std::mt19937 random(8);
  int found = 0;
  for (int round = 0; round < 20; ++round) {
    damaged_store store;
    const auto file = store.file(".ldb", random() % 3);
    const auto at = find_in(file, "key-");
    flip_bit(file, at + random() % 8000);
    int corrupt = 0;
    CHECK(store.wrong_answers(&corrupt) == 0);
    found += corrupt;
  }
  CHECK(found > 0);
}

TEST_CASE("a scan over a damaged block ends there with the reason, and shows "
          "nothing from behind it") {
  damaged_store store;
  const auto file = store.file(".ldb");
  flip_bit(file, find_in(file, "value-"));
  const auto opened = open_store(store.path, small_tables());
  const auto seen = records_of(*opened);
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.back() == "<corrupt>");
  for (std::size_t at = 0; at + 1 < seen.size(); ++at) {
    const auto number = static_cast<int>(at);
    REQUIRE(seen[at] == key_of(number) + "=" + value_of(number));
  }
  CHECK(records_of(*opened->snapshot()) == seen);
  const auto back = records_back(*opened);
  REQUIRE(back.size() > 1);
  CHECK(back.back() == "<corrupt>");
  for (std::size_t at = 0; at + 1 < back.size(); ++at) {
    const auto number = count - 1 - static_cast<int>(at);
    REQUIRE(back[at] == key_of(number) + "=" + value_of(number));
  }
  CHECK(opened->statistics().corrupt_reads > 0);
}

TEST_CASE("an older version of a record does not come back where the newer "
          "one is damaged") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    const auto store = open_store(path, small_tables());
    put(*store, "key", "old");
    store->compact("", "");
    put(*store, "key", "new-value");
  }
  // At this start the log becomes a table above the one with the old value.
  open_store(path, small_tables()).reset();
  const auto tables = files(path, ".ldb");
  REQUIRE(tables.size() == 2);
  const auto newer = path + "/" + tables[1];
  flip_bit(newer, find_in(newer, "new-value"));
  const auto store = open_store(path, small_tables());
  CHECK(get(*store, "key") == "<corrupt>");
  CHECK(records_of(*store) == std::vector<std::string>{"<corrupt>"});
  CHECK(records_back(*store) == std::vector<std::string>{"<corrupt>"});
}

TEST_CASE("a value that changed under sound checksums of LevelDB is found by "
          "the record's own") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  const auto log = path + "/" + files(path, ".log")[0];
  // As a fault in memory would do: the log is written anew around it.
  auto bytes = slurp(log);
  log_walk walk(bytes);
  auto record = walk.next().value();
  record[record.find("value")] = 'V';
  std::string forged;
  append_log_record(forged, record);
  spill(log, forged);
  const auto store = open_store(path);
  CHECK(get(*store, "key") == "<corrupt>");
  CHECK(records_of(*store) == std::vector<std::string>{"<corrupt>"});
  put(*store, "key", "again");
  CHECK(get(*store, "key") == "again");
}

TEST_CASE("a store whose compaction meets damage takes no more writes and says "
          "why") {
  damaged_store store;
  for (const auto& table : files(store.path, ".ldb")) {
    const auto file = store.path + "/" + table;
    flip_bit(file, find_in(file, "value-"));
  }
  const auto opened = open_store(store.path, small_tables());
  const auto write_again = [&](int number) {
    write_batch batch;
    batch.put(key_of(number), value_of(number));
    return opened->write(batch, durability::written);
  };
  // Newer versions of all records, to be merged with the damaged ones.
  for (int number = 0; number < count; ++number)
    REQUIRE(write_again(number) == errc::none);
  opened->compact("", "");
  CHECK(write_again(0) == errc::corrupt);
  CHECK(write_again(0) == errc::corrupt);
  CHECK(opened->statistics().failed_writes == 2);
  CHECK(opened->statistics().recoveries == 0);
}

TEST_CASE("an altered description of a store is refused") {
  damaged_store store;
  flip_bit(store.file("hetzel.store"), 30);
  store.check_refused("hetzel.store");
  spill(store.file("hetzel.store"), "");
  store.check_refused("hetzel.store");
}

} // namespace leveldb_damage_test
