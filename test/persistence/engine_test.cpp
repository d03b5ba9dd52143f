#include "persistence/engine/engine.hpp"

#include "persistence/engine/engine_reader.hpp"
#include "persistence/engine/file.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>

namespace engine_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

errc of_text(int number) {
  return errc_of(leveldb::Status::IOError("path", std::strerror(number)));
}

} // namespace

TEST_CASE("what the system said is found again in what LevelDB makes of it") {
  CHECK(errc_of(leveldb::Status::OK()) == errc::none);
  CHECK(errc_of(leveldb::Status::Corruption("x")) == errc::corrupt);
  CHECK(of_text(ENOSPC) == errc::disk_full);
  CHECK(of_text(EDQUOT) == errc::disk_full);
  CHECK(of_text(EFBIG) == errc::disk_full);
  CHECK(of_text(EACCES) == errc::permission_denied);
  CHECK(of_text(EROFS) == errc::permission_denied);
  CHECK(of_text(EMFILE) == errc::too_many_files);
  CHECK(of_text(EIO) == errc::io_error);
}

TEST_CASE("a reader of a store that could not be opened again says why to "
          "every question") {
  const auto reader = failed_reader(errc::disk_full);
  CHECK(get(*reader, "key") == "<disk_full>");
  CHECK(records_of(*reader) == std::vector<std::string>{"<disk_full>"});
}

TEST_CASE("LevelDB's own lock, held by somebody who does not know ours, is in "
          "use too") {
  temporary_directory place;
  const auto path = place.path("s");
  put(*open_store(path), "key", "value");
  leveldb::DB* opened = nullptr;
  REQUIRE(leveldb::DB::Open({}, path, &opened).ok());
  const std::unique_ptr<leveldb::DB> other(opened);
  // What a closed store said of its files is no longer so.
  forget_closing(path);
  CHECK(refused(path).code == errc::in_use);
}

} // namespace engine_test
