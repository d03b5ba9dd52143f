#include "plugins/files/watched_files.hpp"

#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace watched_files_test {

using namespace hetzel;
using namespace hetzel::plugins;

TEST_CASE("files are looked at once, and again when one of them changed") {
  const test::temporary_directory folder;
  REQUIRE(replace_text_file(folder.path("a"), "one"));
  watched_files watch{{folder.path("a"), folder.path("b")}};
  CHECK(watch.have_changed());
  CHECK_FALSE(watch.have_changed());
  REQUIRE(replace_text_file(folder.path("a"), "two"));
  CHECK(watch.have_changed());
  CHECK_FALSE(watch.have_changed());
  REQUIRE(replace_text_file(folder.path("b"), "new"));
  CHECK(watch.have_changed());
  std::filesystem::remove(folder.path("b"));
  CHECK(watch.have_changed());
  CHECK_FALSE(watch.have_changed());
}

} // namespace watched_files_test
