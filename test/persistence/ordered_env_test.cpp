#include "persistence/engine/ordered_env.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace ordered_env_test {

using namespace hetzel::persistence;
using leveldb::Slice;
using leveldb::Status;

namespace {

/// Files that note what is done to them and fail on demand.
class noting_env final : public leveldb::EnvWrapper {
public:
  noting_env() : EnvWrapper(leveldb::Env::Default()) {}

  Status NewWritableFile(const std::string& path,
                         leveldb::WritableFile** out) override {
    *out = new file(*this, path);
    return Status::OK();
  }

  Status RemoveFile(const std::string& path) override {
    notes.push_back("remove " + path);
    return Status::OK();
  }

  std::vector<std::string> notes;
  /// The call that fails, once; the next one would work again.
  std::string fails;

private:
  class file final : public leveldb::WritableFile {
  public:
    file(noting_env& env, std::string path)
      : env_(env), path_(std::move(path)) {}
    ~file() override { env_.notes.push_back("gone " + path_); }

    Status Append(const Slice&) override { return note("append"); }
    Status Flush() override { return note("flush"); }
    Status Sync() override { return note("sync"); }
    Status Close() override { return note("close"); }

  private:
    Status note(const std::string& call) {
      env_.notes.push_back(call + " " + path_);
      if (env_.fails != call)
        return Status::OK();
      env_.fails.clear();
      return Status::IOError(path_, "No space left on device");
    }

    noting_env& env_;
    std::string path_;
  };
};

struct files {
  std::unique_ptr<leveldb::WritableFile> open(const std::string& path) {
    leveldb::WritableFile* made = nullptr;
    REQUIRE(env.NewWritableFile(path, &made).ok());
    return std::unique_ptr<leveldb::WritableFile>(made);
  }

  noting_env below;
  ordered_env env{&below};
};

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a file that failed once takes nothing more, for LevelDB would write "
          "behind half a record") {
  for (const auto* call : {"append", "flush", "sync"}) {
    files disk;
    disk.below.fails = call;
    const auto log = disk.open("1.log");
    const bool failed = !log->Append("half").ok() || !log->Flush().ok()
                        || !log->Sync().ok();
    REQUIRE(failed);
    const auto before = disk.below.notes;
    CHECK(log->Append("whole").IsIOError());
    CHECK(log->Flush().IsIOError());
    CHECK(log->Sync().IsIOError());
    CHECK(disk.below.notes == before);
  }
}

TEST_CASE("one file's failure is no other's") {
  files disk;
  disk.below.fails = "append";
  CHECK_FALSE(disk.open("1.log")->Append("x").ok());
  CHECK(disk.open("2.log")->Append("x").ok());
}

TEST_CASE("syncing a log syncs the logs that were closed unsynced before it, "
          "in order, once") {
  files disk;
  REQUIRE(disk.open("1.log")->Append("x").ok());
  REQUIRE(disk.open("2.log")->Append("x").ok());
  const auto third = disk.open("3.log");
  REQUIRE(third->Append("x").ok());
  disk.below.notes.clear();
  REQUIRE(third->Sync().ok());
  CHECK(disk.below.notes
        == list{"sync 1.log", "gone 1.log", "sync 2.log", "gone 2.log",
                "sync 3.log"});
  disk.below.notes.clear();
  REQUIRE(third->Sync().ok());
  CHECK(disk.below.notes == list{"sync 3.log"});
}

TEST_CASE("a sync fails when that of an earlier log does") {
  files disk;
  REQUIRE(disk.open("1.log")->Append("x").ok());
  const auto second = disk.open("2.log");
  REQUIRE(second->Append("x").ok());
  disk.below.fails = "sync";
  CHECK_FALSE(second->Sync().ok());
  CHECK_FALSE(second->Sync().ok());
}

TEST_CASE("logs that were synced, removed or never written, and files that are "
          "no logs, are not kept for a later sync") {
  files disk;
  {
    const auto synced = disk.open("1.log");
    REQUIRE(synced->Append("x").ok());
    REQUIRE(synced->Sync().ok());
    disk.open("2.log");
    REQUIRE(disk.open("3.ldb")->Append("x").ok());
    REQUIRE(disk.open("4.log")->Append("x").ok());
  }
  REQUIRE(disk.env.RemoveFile("4.log").ok());
  CHECK(disk.below.notes.back() == "remove 4.log");
  const auto last = disk.open("5.log");
  disk.below.notes.clear();
  REQUIRE(last->Sync().ok());
  CHECK(disk.below.notes == list{"sync 5.log"});
}

} // namespace ordered_env_test
