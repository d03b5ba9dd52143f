#include "persistence/reader.hpp"

#include "persistence/memory_store.hpp"
#include "persistence/overlay.hpp"
#include "test/support/store_files.hpp"

#include <doctest/doctest.h>

#include <string>

namespace reader_test {

using namespace hetzel::persistence;

TEST_CASE("the key behind a prefix is the smallest that is behind all of its "
          "keys") {
  CHECK(behind_prefix("a") == "b");
  CHECK(behind_prefix("a\x7f") == "a\x80");
  CHECK(behind_prefix("a\xff") == "b");
  CHECK(behind_prefix("a\xfe\xff\xff") == "a\xff");
  CHECK(behind_prefix(std::string("\x01\0", 2)) == "\x01\x01");
}

TEST_CASE("there is no key behind the last ones, and none behind all") {
  CHECK(behind_prefix("\xff\xff").empty());
  CHECK(behind_prefix("").empty());
}

TEST_CASE("a walk from the back that does not know all records has none") {
  memory_store store;
  hetzel::test::put(store, "a", "1");
  hetzel::test::put(store, "b", "1");
  // What an overlay does is what a reader of no other means does.
  const overlay top(store);
  store.fail_reads(errc::io_error, 1, 1);
  const auto at = top.scan_back("", "");
  CHECK_FALSE(at->valid());
  CHECK(at->status() == errc::io_error);
}

} // namespace reader_test
