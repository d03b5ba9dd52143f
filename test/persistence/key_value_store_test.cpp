/// What every store must do, whatever it is made of.

#include "persistence/key_value_store.hpp"

#include "persistence/memory_store.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

namespace key_value_store_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

struct in_memory {
  key_value_store& operator*() { return store; }

  memory_store store;
};

/// With so small a buffer that tables and levels come into play.
struct on_disk {
  on_disk() { open(); }

  void open() {
    store.reset();
    store_options options;
    options.write_buffer_bytes = 1;
    store = open_store(place.path("store"), options);
  }

  key_value_store& operator*() { return *store; }

  temporary_directory place;
  std::unique_ptr<leveldb_store> store;
};

using list = std::vector<std::string>;

std::string number(int value) {
  auto text = std::to_string(value);
  return std::string(5 - text.size(), '0') + text;
}

} // namespace

TEST_CASE_TEMPLATE("a store gives back what was put, and nothing for what was "
                   "not",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  CHECK(get(store, "a") == "<none>");
  put(store, "a", "1");
  put(store, "empty", "");
  CHECK(get(store, "a") == "1");
  CHECK(get(store, "empty").empty());
  CHECK(get(store, "") == "<none>");
  put(store, "", "of the empty key");
  CHECK(get(store, "") == "of the empty key");
  put(store, "a", "2", durability::synced);
  CHECK(get(store, "a") == "2");
}

TEST_CASE_TEMPLATE("the last operation of a key in a batch prevails",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  write_batch batch;
  batch.put("a", "1");
  batch.put("a", "2");
  batch.put("b", "1");
  batch.erase("b");
  batch.erase("c");
  batch.put("c", "3");
  batch.erase("never there");
  CHECK(store.write(batch, durability::written) == errc::none);
  CHECK(records_of(store) == list{"a=2", "c=3"});
}

TEST_CASE_TEMPLATE("an empty batch is taken at both levels", store_kind,
                   in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  put(store, "a", "1");
  CHECK(store.write({}, durability::written) == errc::none);
  CHECK(store.write({}, durability::synced) == errc::none);
  CHECK(records_of(store) == list{"a=1"});
}

TEST_CASE_TEMPLATE("a scan is in the order of unsigned bytes, a prefix first",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  for (const auto* key : {"b", "\xff", "a", "\x80", "ab", "\x7f", "a\x01"})
    put(store, key, ".");
  put(store, std::string("a\0", 2), ".");
  CHECK(records_of(store)
        == list{"a=.", std::string("a\0=.", 4), "a\x01=.", "ab=.", "b=.",
                "\x7f=.", "\x80=.", "\xff=."});
}

TEST_CASE_TEMPLATE("a scan begins with `from` and ends before `to`",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  for (const auto* key : {"a", "b", "c", "d"})
    put(store, key, key);
  CHECK(records_of(store, "b", "d") == list{"b=b", "c=c"});
  CHECK(records_of(store, "aa", "cc") == list{"b=b", "c=c"});
  CHECK(records_of(store, "c") == list{"c=c", "d=d"});
  CHECK(records_of(store, "", "b") == list{"a=a"});
  CHECK(records_of(store, "b", "b").empty());
  CHECK(records_of(store, "d", "a").empty());
  CHECK(records_of(store, "e").empty());
}

TEST_CASE_TEMPLATE("a scan from the back has the records of a scan the other "
                   "way round",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  CHECK(records_back(store).empty());
  for (const auto* key : {"a", "b", "c", "d"})
    put(store, key, key);
  CHECK(records_back(store) == list{"d=d", "c=c", "b=b", "a=a"});
  CHECK(records_back(store, "b", "d") == list{"c=c", "b=b"});
  CHECK(records_back(store, "aa", "cc") == list{"c=c", "b=b"});
  CHECK(records_back(store, "c") == list{"d=d", "c=c"});
  CHECK(records_back(store, "", "b") == list{"a=a"});
  CHECK(records_back(store, "b", "b").empty());
  CHECK(records_back(store, "d", "a").empty());
  CHECK(records_back(store, "e").empty());
  CHECK(records_back(store, "", "a").empty());
}

TEST_CASE_TEMPLATE("a snapshot is walked from the back as it was",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  put(store, "a", "1");
  put(store, "b", "1");
  const auto before = store.snapshot();
  const auto cursor = store.scan_back("", "");
  put(store, "b", "2");
  put(store, "c", "2");
  CHECK(records_back(*before) == list{"b=1", "a=1"});
  CHECK(records_back(store) == list{"c=2", "b=2", "a=1"});
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == "1");
}

TEST_CASE_TEMPLATE("the keys of a prefix are found, also of one that ends in "
                   "the last byte",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  for (const auto* key : {"a", "a\xff", "a\xff\x01", "b", "\xff\xff", "\xff"})
    put(store, key, ".");
  CHECK(records_of(store, "a\xff", behind_prefix("a\xff"))
        == list{"a\xff=.", "a\xff\x01=."});
  CHECK(records_of(store, "a", behind_prefix("a")).size() == 3);
  CHECK(records_of(store, "\xff", behind_prefix("\xff")).size() == 2);
  CHECK(records_of(store, "", behind_prefix("")).size() == 6);
}

TEST_CASE_TEMPLATE("a snapshot and a cursor see nothing of later writes",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  put(store, "a", "1");
  put(store, "b", "1");
  const auto before = store.snapshot();
  const auto cursor = store.scan("", "");
  put(store, "a", "2");
  put(store, "c", "2");
  write_batch batch;
  batch.erase("b");
  REQUIRE(store.write(batch, durability::written) == errc::none);
  CHECK(records_of(*before) == list{"a=1", "b=1"});
  CHECK(get(*before, "a") == "1");
  CHECK(get(*before, "c") == "<none>");
  CHECK(records_of(store) == list{"a=2", "c=2"});
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == "1");
  cursor->next();
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "b");
  cursor->next();
  CHECK_FALSE(cursor->valid());
  CHECK(cursor->status() == errc::none);
}

TEST_CASE_TEMPLATE("a snapshot and its cursor outlive the store", store_kind,
                   in_memory, on_disk) {
  auto home = std::make_unique<store_kind>();
  put(**home, "a", "1");
  auto snapshot = (**home).snapshot();
  const auto cursor = snapshot->scan("", "");
  home.reset();
  CHECK(get(*snapshot, "a") == "1");
  snapshot.reset();
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == "1");
}

TEST_CASE_TEMPLATE("a store agrees with a map over thousands of random "
                   "batches",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  std::mt19937 random(7);
  std::map<std::string, std::string> expected;
  for (int round = 0; round < 2000; ++round) {
    write_batch batch;
    for (auto left = random() % 8; left-- > 0;) {
      const auto key = "k" + number(static_cast<int>(random() % 500));
      if (random() % 3 == 0) {
        batch.erase(key);
        expected.erase(key);
      } else {
        const std::string value(random() % 200, static_cast<char>(random()));
        batch.put(key, value);
        expected[key] = value;
      }
    }
    REQUIRE(store.write(batch, durability::written) == errc::none);
  }
  list wanted;
  for (const auto& [key, value] : expected)
    wanted.push_back(key + "=" + value);
  CHECK(records_of(store) == wanted);
  std::ranges::reverse(wanted);
  CHECK(records_back(store) == wanted);
}

TEST_CASE_TEMPLATE("several threads write and read at once and see whole "
                   "batches only",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  constexpr int rounds = 300;
  std::atomic<int> torn = 0;
  std::atomic<bool> done = false;
  const auto write = [&](const std::string& name) {
    for (int round = 0; round < rounds; ++round) {
      write_batch batch;
      batch.put(name + "1", number(round));
      batch.put(name + "2", number(round));
      if (store.write(batch, durability::written) != errc::none)
        ++torn;
    }
  };
  std::thread reader([&] {
    while (!done) {
      const auto now = store.snapshot();
      for (const std::string name : {"x", "y"})
        if (get(*now, name + "1") != get(*now, name + "2"))
          ++torn;
    }
  });
  std::thread first(write, "x");
  std::thread second(write, "y");
  first.join();
  second.join();
  done = true;
  reader.join();
  CHECK(torn == 0);
  CHECK(get(store, "x2") == number(rounds - 1));
  CHECK(get(store, "y1") == number(rounds - 1));
}

TEST_CASE_TEMPLATE("a large value comes back whole", store_kind, in_memory,
                   on_disk) {
  store_kind home;
  auto& store = *home;
  std::string value(3 << 20, '\0');
  std::mt19937 random(3);
  for (auto& byte : value)
    byte = static_cast<char>(random());
  put(store, "large", value);
  CHECK(store.get("large").value() == value);
  const auto cursor = store.scan("", "");
  REQUIRE(cursor->valid());
  CHECK(cursor->value() == value);
}

TEST_CASE_TEMPLATE("the approximate size grows with a range and does not "
                   "count others",
                   store_kind, in_memory, on_disk) {
  store_kind home;
  auto& store = *home;
  std::mt19937 random(5);
  for (int round = 0; round < 400; ++round) {
    std::string value(2000, '\0');
    for (auto& byte : value)
      byte = static_cast<char>(random());
    put(store, "m" + number(round), value);
  }
  const auto all = store.approximate_bytes("", "");
  CHECK(all > 400'000);
  CHECK(all < 1'600'000);
  CHECK(store.approximate_bytes("m00100", "m00200") < all / 2);
  CHECK(store.approximate_bytes("m00000", "m00399") > all / 2);
  CHECK(store.approximate_bytes("n", "") == 0);
  CHECK(store.approximate_bytes("z", "a") == 0);
}

} // namespace key_value_store_test
