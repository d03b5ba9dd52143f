#include "plugins/files/text_file.hpp"

#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>

#include <sys/stat.h>

namespace text_file_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

namespace fs = std::filesystem;

mode_t mode_of(const std::string& path) {
  struct stat state{};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  return state.st_mode & 0777U;
}

std::ptrdiff_t files_in(const std::string& folder) {
  return std::distance(fs::directory_iterator{folder}, {});
}

} // namespace

TEST_CASE("what was written is read again, and only its owner may") {
  const test::temporary_directory folder;
  const auto path = folder.path("f");
  REQUIRE(replace_text_file(path, "one\n"));
  CHECK(*read_text_file(path) == "one\n");
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("a replaced file keeps its mode but for everybody's part") {
  const test::temporary_directory folder;
  const auto path = folder.path("f");
  REQUIRE(replace_text_file(path, "one\n"));
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  REQUIRE(replace_text_file(path, "two\n"));
  CHECK(mode_of(path) == 0640);
  CHECK(*read_text_file(path) == "two\n");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a symbolic link stays one and its target is replaced") {
  const test::temporary_directory folder;
  REQUIRE(replace_text_file(folder.path("real"), "one\n"));
  fs::create_symlink(folder.path("real"), folder.path("link"));
  REQUIRE(replace_text_file(folder.path("link"), "two\n"));
  CHECK(fs::is_symlink(folder.path("link")));
  CHECK(*read_text_file(folder.path("real")) == "two\n");
}

TEST_CASE("a file that is missing or a folder is an error that names it") {
  const test::temporary_directory folder;
  const auto missing = read_text_file(folder.path("no"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error()
        == folder.path("no") + ": cannot open: No such file or directory");
  CHECK_FALSE(read_text_file(folder.path()));
  CHECK_FALSE(replace_text_file(folder.path("no/such"), "x"));
}

TEST_CASE("a failed replacement leaves the old file and nothing else") {
  const test::temporary_directory folder;
  fs::create_directory(folder.path("d"));
  CHECK_FALSE(replace_text_file(folder.path("d"), "x"));
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("the stamp of a file changes when it is replaced") {
  const test::temporary_directory folder;
  const auto path = folder.path("f");
  CHECK_FALSE(stamp_of(path));
  REQUIRE(replace_text_file(path, "one\n"));
  const auto first = stamp_of(path);
  REQUIRE(first);
  CHECK(stamp_of(path) == first);
  REQUIRE(replace_text_file(path, "two\n"));
  CHECK(stamp_of(path) != first);
}

} // namespace text_file_test
