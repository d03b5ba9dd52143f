#include "persistence/engine/store_directory.hpp"

#include "persistence/engine/audit.hpp"
#include "persistence/engine/log_format.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace store_directory_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace fs = std::filesystem;

TEST_CASE("a refusal is one line: the path, what is wrong, what to do") {
  const auto why = refusal(errc::disk_full, "/a/b", "two\nlines");
  CHECK(why.code == errc::disk_full);
  CHECK(why.message
        == "/a/b: there is no room left on the disk (two lines); make room on "
           "the disk and start again");
}

TEST_CASE("a directory is fresh until it is marked, however often a start "
          "ends in between") {
  temporary_directory place;
  for (int round = 0; round < 2; ++round) {
    const auto home = store_directory::open(place.path("s"), true);
    REQUIRE(home.has_value());
    CHECK((*home)->is_fresh());
  }
  {
    const auto home = store_directory::open(place.path("s"), true);
    REQUIRE(home.has_value());
    REQUIRE((*home)->mark_open() == errc::none);
    CHECK_FALSE((*home)->is_fresh());
  }
  // From now on a database that is missing is a loss, not a beginning.
  CHECK(refused(place.path("s")).code == errc::corrupt);
}

TEST_CASE("trying whether there is room leaves nothing behind") {
  temporary_directory place;
  const auto home = store_directory::open(place.path("s"), true);
  REQUIRE(home.has_value());
  const auto before = (*home)->size_bytes();
  CHECK((*home)->try_room() == errc::none);
  CHECK((*home)->size_bytes() == before);
  CHECK(files(place.path("s"), "hetzel.room").empty());
}

TEST_CASE("an audit changes nothing, says what a power loss left, and refuses "
          "the same after a kill") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "a", "1");
  const auto log = files(path, ".log").at(0);
  const auto size = fs::file_size(path + "/" + log);
  spill(path + "/" + log, slurp(path + "/" + log) + std::string(100, '\0'));
  const auto before = contents(path);
  const layout said{layout_version, store_state::open, "", {}};
  const auto lost = audit_directory(path, said, last_end::power_lost);
  CHECK(lost.finding.code == errc::none);
  CHECK(lost.torn_bytes == 100);
  REQUIRE(lost.to_cut.size() == 1);
  CHECK(lost.to_cut[0].file == log);
  CHECK(lost.to_cut[0].sound_bytes == size);
  const auto killed = audit_directory(path, said, last_end::killed);
  CHECK(killed.finding.code == errc::corrupt);
  CHECK(killed.finding.message.find(log) != std::string::npos);
  CHECK(contents(path) == before);
}

} // namespace store_directory_test
