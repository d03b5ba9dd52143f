#include "persistence/overlay.hpp"

#include "persistence/memory_store.hpp"
#include "test/support/store_files.hpp"

#include <doctest/doctest.h>

#include <random>

namespace overlay_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

using list = std::vector<std::string>;

} // namespace

TEST_CASE("an overlay shows pending writes on top of the records below") {
  memory_store below;
  put(below, "a", "old");
  put(below, "b", "old");
  put(below, "d", "old");
  overlay top(below);
  CHECK(records_of(top) == list{"a=old", "b=old", "d=old"});
  top.put("b", "new");
  top.put("c", "new");
  top.erase("d");
  top.erase("never there");
  CHECK(get(top, "a") == "old");
  CHECK(get(top, "b") == "new");
  CHECK(get(top, "c") == "new");
  CHECK(get(top, "d") == "<none>");
  CHECK(records_of(top) == list{"a=old", "b=new", "c=new"});
  CHECK(records_of(below) == list{"a=old", "b=old", "d=old"});
}

TEST_CASE("the last pending operation of a key is the one that is seen") {
  memory_store below;
  overlay top(below);
  top.put("a", "1");
  top.put("a", "2");
  CHECK(get(top, "a") == "2");
  top.erase("a");
  CHECK(get(top, "a") == "<none>");
  CHECK(records_of(top).empty());
  top.put("a", "3");
  CHECK(records_of(top) == list{"a=3"});
}

TEST_CASE("a written batch of an overlay makes the store what the overlay "
          "was") {
  memory_store store;
  put(store, "a", "old");
  overlay top(store);
  top.put("b", "new");
  top.erase("a");
  const auto before = records_of(top);
  REQUIRE(store.write(top.batch(), durability::synced) == errc::none);
  CHECK(records_of(top) == before);
  top.clear();
  CHECK(top.batch().empty());
  CHECK(records_of(store) == before);
  CHECK(records_of(top) == before);
}

TEST_CASE("a cleared overlay shows what is below and nothing else") {
  memory_store below;
  put(below, "a", "old");
  overlay top(below);
  top.put("a", "new");
  top.clear();
  CHECK(records_of(top) == list{"a=old"});
}

TEST_CASE("a scan of an overlay keeps to its range") {
  memory_store below;
  put(below, "a", "old");
  put(below, "c", "old");
  overlay top(below);
  for (const auto* key : {"0", "b", "d"})
    top.put(key, "new");
  CHECK(records_of(top, "a", "d") == list{"a=old", "b=new", "c=old"});
  CHECK(records_of(top, "b", "c") == list{"b=new"});
  CHECK(records_of(top, "d", "a").empty());
  CHECK(records_of(top, "c") == list{"c=old", "d=new"});
}

TEST_CASE("an overlay takes a batch that was made elsewhere") {
  memory_store below;
  overlay top(below);
  top.put("a", "1");
  write_batch later;
  later.erase("a");
  later.put("b", "2");
  top.apply(later);
  CHECK(records_of(top) == list{"b=2"});
  CHECK(top.batch().count() == 3);
}

TEST_CASE("overlays stack") {
  memory_store store;
  put(store, "a", "0");
  put(store, "b", "0");
  overlay committing(store);
  committing.put("a", "1");
  committing.erase("b");
  overlay building(committing);
  building.put("b", "2");
  CHECK(records_of(building) == list{"a=1", "b=2"});
  CHECK(records_of(committing) == list{"a=1"});
}

TEST_CASE("an overlay hides no error of what is below") {
  memory_store below;
  put(below, "b", "old");
  put(below, "d", "old");
  overlay top(below);
  top.put("a", "new");
  top.put("e", "new");
  below.damage("d");
  CHECK(get(top, "d") == "<corrupt>");
  CHECK(records_of(top) == list{"a=new", "b=old", "<corrupt>"});
  below.fail_reads(errc::io_error);
  CHECK(get(top, "x") == "<io_error>");
  CHECK(get(top, "a") == "new");
}

TEST_CASE("an overlay over random batches is the store they are written to") {
  memory_store below;
  memory_store written;
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    overlay top(below);
    for (auto left = random() % 12; left-- > 0;) {
      const auto key = std::to_string(random() % 40);
      if (random() % 2 == 0)
        top.put(key, std::to_string(random()));
      else
        top.erase(key);
    }
    REQUIRE(written.write(top.batch(), durability::written) == errc::none);
    const auto from = std::to_string(random() % 40);
    REQUIRE(records_of(top) == records_of(written));
    REQUIRE(records_of(top, from) == records_of(written, from));
    REQUIRE(records_of(top, "", from) == records_of(written, "", from));
    REQUIRE(records_back(top, from) == records_back(written, from));
    REQUIRE(below.write(top.batch(), durability::written) == errc::none);
  }
}

} // namespace overlay_test
