/// A full disk. The child runs in a name space of its own, where it may mount a
/// small file system; where the system forbids that, it limits the size of its
/// files instead, which a store cannot tell from a full disk.

#include "persistence/leveldb_store.hpp"
#include "test/support/child_role.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace leveldb_full_disk_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

store_options small() {
  store_options options;
  options.write_buffer_bytes = 256 << 10;
  options.compression = false;
  return options;
}

/// A disk that can be full and be given room again.
class small_disk {
public:
  explicit small_disk(const std::string& path) : path_(path) {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto user = std::to_string(::getuid());
    const auto group = std::to_string(::getgid());
    mounted_ = ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0
               && says("setgroups", "deny")
               && says("uid_map", "0 " + user + " 1")
               && says("gid_map", "0 " + group + " 1")
               && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr)
                    == 0
               && ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=3m") == 0;
  }

  [[nodiscard]] bool is_mounted() const { return mounted_; }
  [[nodiscard]] std::string kind() const {
    return mounted_ ? "a small disk" : "a limit of file size";
  }

  void make_room() {
    if (mounted_) {
      CHECK(::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, "size=40m")
            == 0);
      return;
    }
    limit(RLIM_INFINITY);
  }

  /// Only without a file system of its own.
  void limit(rlim_t bytes) {
    rlimit now{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &now) == 0);
    now.rlim_cur = bytes;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
  }

private:
  /// Who this process is within its name space.
  static bool says(const std::string& file, const std::string& text) {
    std::ofstream out("/proc/self/" + file);
    out << text;
    out.close();
    return out.good();
  }

  std::string path_;
  bool mounted_ = false;
};

std::string key_of(int number) {
  return "key-" + std::to_string(10'000 + number);
}

errc try_put(key_value_store& store, int number) {
  write_batch batch;
  batch.put(key_of(number), std::string(2000, 'v'));
  batch.put(key_of(number) + "'", std::string(100, 'w'));
  return store.write(batch, durability::written);
}

/// Fills the disk; the number of batches that were taken.
int fill(key_value_store& store, errc* why) {
  int taken = 0;
  while (taken < 20'000 && (*why = try_put(store, taken)) == errc::none)
    ++taken;
  return taken;
}

void check_whole(const reader& store, int taken) {
  for (int number = 0; number < taken; ++number) {
    REQUIRE(get(store, key_of(number)).size() == 2000);
    REQUIRE(get(store, key_of(number) + "'").size() == 100);
  }
}

void use_full_disk(const std::string& path, small_disk& disk) {
  int taken = 0;
  {
    const auto store = open_store(path, small());
    if (!disk.is_mounted())
      disk.limit(128 << 10);
    auto why = errc::none;
    taken = fill(*store, &why);
    CHECK(why == errc::disk_full);
    CHECK(taken > 10);
    // Still full: the same answer, and reads go on.
    CHECK(try_put(*store, taken) == errc::disk_full);
    check_whole(*store, taken);
    auto held = store->snapshot();
    disk.make_room();
    CHECK(try_put(*store, taken) == errc::disk_full);
    CHECK(get(*held, key_of(0)).size() == 2000);
    held.reset();
    CHECK(try_put(*store, taken) == errc::none);
    CHECK(store->statistics().recoveries == 1);
    ++taken;
    for (int more = 0; more < 500; ++more, ++taken)
      REQUIRE(try_put(*store, taken) == errc::none);
    check_whole(*store, taken);
  }
  const auto store = open_store(path, small());
  CHECK(store->report().clean);
  check_whole(*store, taken);
}

/// As much as there is room for, byte by byte at the end.
void take_all_room(const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  for (std::size_t piece = 1 << 16; piece > 0; piece /= 16)
    while (out.write(std::string(piece, 'b').data(),
                     static_cast<std::streamsize>(piece))
             .flush())
      continue;
  out.close();
}

void open_on_full_disk(const std::string& path, small_disk& disk) {
  put(*open_store(path, small()), "key", "value");
  if (disk.is_mounted())
    take_all_room(path + "/../ballast");
  else
    disk.limit(1);
  for (int round = 0; round < 3; ++round) {
    const auto why = refused(path, small());
    CHECK(why.code == errc::disk_full);
    CHECK(why.message.find("make room") != std::string::npos);
  }
  disk.make_room();
  CHECK(get(*open_store(path, small()), "key") == "value");
}

void run_child(const std::string& name) {
  temporary_directory place;
  child_role child(name, {{"PATH", place.path()}});
  MESSAGE("tested with " << child.next_line());
  int code = -1;
  static_cast<void>(child.rest(&code));
  CHECK(code == 0);
}

} // namespace

TEST_CASE("child: fills its disk" * doctest::skip()) {
  small_disk disk(child_word("PATH"));
  child_says(disk.kind());
  use_full_disk(child_word("PATH") + "/s", disk);
}

TEST_CASE("child: opens a store on a full disk" * doctest::skip()) {
  small_disk disk(child_word("PATH"));
  child_says(disk.kind());
  open_on_full_disk(child_word("PATH") + "/s", disk);
}

TEST_CASE("a full disk is said to be full, loses nothing that was taken, and "
          "takes writes again when there is room and no old snapshot") {
  run_child("child: fills its disk");
}

TEST_CASE("a store that finds no room to open is refused as often as it is "
          "tried, and opens whole when there is room") {
  run_child("child: opens a store on a full disk");
}

} // namespace leveldb_full_disk_test
