#include "persistence/engine/manifest.hpp"

#include "persistence/engine/log_format.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

namespace manifest_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

TEST_CASE("LevelDB's manifest says which tables there are, how large, and "
          "where the log begins") {
  temporary_directory place;
  const auto path = place.path("s");
  {
    store_options options;
    options.write_buffer_bytes = 1;
    options.compression = false;
    const auto store = open_store(path, options);
    for (int at = 0; at < 300; ++at)
      put(*store, std::to_string(at), std::string(5000, 'v'));
    store->compact("", "");
  }
  const auto names = files(path, "MANIFEST-");
  REQUIRE(names.size() == 1);
  manifest live;
  const auto bytes = slurp(path + "/" + names[0]);
  log_walk edits(bytes);
  while (const auto edit = edits.next())
    REQUIRE(apply_edit(*edit, live) == errc::none);
  const auto tables = files(path, ".ldb");
  CHECK(tables.size() > 0);
  CHECK(live.tables.size() == tables.size());
  for (const auto& table : tables)
    CHECK(live.tables.at(std::stoull(table))
          == std::filesystem::file_size(path + "/" + table));
  const auto logs = files(path, ".log");
  REQUIRE(logs.size() == 1);
  CHECK(live.log_number == std::stoull(logs[0]));
}

TEST_CASE("edits of a manifest follow their byte table") {
  manifest live;
  CHECK(apply_edit("\x02\x81\x01\x09\x05", live) == errc::none);
  CHECK(live.log_number == 129);
  CHECK(live.previous_log == 5);
  const std::string table("\x07\x00\x08\x90\x4e\x02kk\x01z", 10);
  CHECK(apply_edit(table, live) == errc::none);
  CHECK(live.tables == decltype(live.tables){{8, 10'000}});
  CHECK(apply_edit(std::string("\x06\x00\x08", 3), live) == errc::none);
  CHECK(live.tables.empty());
}

TEST_CASE("what is no edit is refused: unknown fields, cut ends, sizes beyond "
          "the end, numbers without end") {
  manifest live;
  CHECK(apply_edit("\x08", live) == errc::corrupt);
  CHECK(apply_edit("\x63", live) == errc::corrupt);
  CHECK(apply_edit("\x01\xff\xff\xff\x7fname", live) == errc::corrupt);
  CHECK(apply_edit("\x02" + std::string(11, '\xff'), live) == errc::corrupt);
  const std::string table("\x07\x00\x08\x90\x4e\x02kk\x01z", 10);
  for (std::size_t size = 1; size < table.size(); ++size)
    CHECK(apply_edit(table.substr(0, size), live) == errc::corrupt);
  std::mt19937 random(2);
  for (int round = 0; round < 1000; ++round) {
    std::string noise(random() % 60, '\0');
    for (auto& byte : noise)
      byte = static_cast<char>(random());
    static_cast<void>(apply_edit(noise, live));
  }
}

} // namespace manifest_test
