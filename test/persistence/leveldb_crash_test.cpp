/// SIGKILL at a random moment: every batch whose `write` returned is there, and
/// every batch is there whole or not at all.

#include "persistence/leveldb_store.hpp"
#include "test/support/child_role.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <random>

namespace leveldb_crash_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

constexpr auto writer = "child: writes batches until it is killed";
constexpr int keys_of_batch = 5;

store_options small() {
  store_options options;
  options.write_buffer_bytes = 1;
  return options;
}

std::string batch_key(int batch, int part) {
  return std::to_string(100'000 + batch) + "/" + std::to_string(part);
}

/// How many batches there are, all of them whole; fails the test otherwise.
int whole_batches(const reader& store) {
  int found = 0;
  int part = 0;
  const auto at = store.scan("", "");
  for (; at->valid(); at->next()) {
    REQUIRE(std::string(at->key()) == batch_key(found, part));
    part = (part + 1) % keys_of_batch;
    found += part == 0 ? 1 : 0;
  }
  REQUIRE(at->status() == errc::none);
  CHECK(part == 0);
  return found;
}

} // namespace

TEST_CASE("child: writes batches until it is killed" * doctest::skip()) {
  const auto store = open_store(child_word("PATH"), small());
  std::mt19937 random(std::random_device{}());
  for (int batch = std::stoi(child_word("FIRST"));; ++batch) {
    write_batch writes;
    for (int part = 0; part < keys_of_batch; ++part)
      writes.put(batch_key(batch, part),
                 std::string(random() % 20'000, static_cast<char>(random())));
    const auto level
      = random() % 8 == 0 ? durability::synced : durability::written;
    REQUIRE(store->write(writes, level) == errc::none);
    child_says(std::to_string(batch));
  }
}

TEST_CASE("kill -9 loses no batch that was acknowledged and tears none") {
  temporary_directory place;
  const auto path = place.path("s");
  std::mt19937 random(12);
  int there = 0;
  for (int round = 0; round < 8; ++round) {
    child_role child(writer,
                     {{"PATH", path}, {"FIRST", std::to_string(there)}});
    for (auto left = random() % 60 + 1; left-- > 0;)
      REQUIRE_FALSE(child.next_line().empty());
    child.kill();
    const auto rest = child.rest();
    const auto store = open_store(path, small());
    const auto found = whole_batches(*store);
    if (!rest.empty())
      CHECK(found > std::stoi(rest.back()));
    CHECK(found > there);
    CHECK_FALSE(store->report().clean);
    CHECK_FALSE(store->report().power_lost);
    there = found;
  }
}

} // namespace leveldb_crash_test
