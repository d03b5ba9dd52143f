#include "actors/messaging/storage/message_disk.hpp"

#include "persistence/memory_store.hpp"

#include <doctest/doctest.h>

#include <future>
#include <mutex>
#include <set>
#include <string>

namespace storage_message_disk_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

using namespace std::chrono_literals;
using persistence::errc;

message_disk::stores shards(
  const std::vector<std::shared_ptr<persistence::memory_store>>& on);

/// Lets a store outlive the disk that owns it.
class lent_store final : public persistence::key_value_store {
public:
  explicit lent_store(std::shared_ptr<persistence::memory_store> from)
    : from_(std::move(from)) {}

  persistence::expected<std::optional<std::string>, persistence::errc>
  get(std::string_view key) const override {
    return from_->get(key);
  }
  std::unique_ptr<persistence::cursor>
  scan(std::string_view from, std::string_view to) const override {
    return from_->scan(from, to);
  }
  persistence::errc write(const persistence::write_batch& batch,
                          persistence::durability level) override {
    return from_->write(batch, level);
  }
  std::shared_ptr<const persistence::reader> snapshot() const override {
    return from_->snapshot();
  }
  std::uint64_t approximate_bytes(std::string_view from,
                                  std::string_view to) const override {
    return from_->approximate_bytes(from, to);
  }

private:
  std::shared_ptr<persistence::memory_store> from_;
};

message_disk::stores shards(
  const std::vector<std::shared_ptr<persistence::memory_store>>& on) {
  message_disk::stores made;
  for (const auto& one : on)
    made.push_back(std::make_unique<lent_store>(one));
  return made;
}

std::vector<std::shared_ptr<persistence::memory_store>> disks(int count) {
  std::vector<std::shared_ptr<persistence::memory_store>> made;
  for (int i = 0; i < count; ++i)
    made.push_back(std::make_shared<persistence::memory_store>());
  return made;
}

} // namespace

TEST_CASE("a subscriber's queue is always in the same shard, and all shards "
          "are used") {
  const auto disk = message_disk::open(shards(disks(4))).value();
  const auto again = message_disk::open(shards(disks(4))).value();
  std::set<std::size_t> used;
  for (int i = 0; i < 100; ++i) {
    const subscriber_key key{"m", "c" + std::to_string(i)};
    CHECK(disk->shard_of(key) == again->shard_of(key));
    used.insert(disk->shard_of(key));
  }
  CHECK(used.size() == 4);
}

TEST_CASE("numbers of queues and bodies are never given out twice, not even by "
          "the next life") {
  const auto on = disks(1);
  std::set<persistence::queue_id> queues;
  std::set<persistence::body_id> bodies;
  for (int life = 0; life < 3; ++life) {
    const auto disk = message_disk::open(shards(on)).value();
    for (int i = 0; i < 10; ++i) {
      CHECK(queues.insert(disk->allocate_queue(0)).second);
      CHECK(bodies.insert(disk->allocate_body(0)).second);
    }
  }
}

TEST_CASE("a node with another number of shards is refused with a sentence") {
  const auto on = disks(2);
  CHECK(message_disk::open(shards(on)));
  const auto one = message_disk::open(shards({on[0]}));
  REQUIRE(!one);
  CHECK(one.error().find("shard 0 of 1") != std::string::npos);
}

TEST_CASE("while the disk is held still nobody is in the midst of a commit") {
  auto disk = message_disk::open(shards(disks(3))).value();
  const auto is_free = [&](std::size_t shard) {
    return std::async(std::launch::async, [&] {
             const std::unique_lock alone{disk->guard(shard), std::try_to_lock};
             return alone.owns_lock();
           }).get();
  };
  {
    const auto still = disk->hold_still();
    for (std::size_t i = 0; i < 3; ++i)
      CHECK_FALSE(is_free(i));
  }
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(is_free(i));
}

TEST_CASE("a shard says since when it fails, for whatever reasons, and since "
          "when it works again") {
  const auto disk = message_disk::open(shards(disks(1))).value();
  const auto start = std::chrono::steady_clock::now() + 1h;
  disk->set_failure(0, errc::disk_full, start);
  disk->set_failure(0, errc::io_error, start + 5s);
  CHECK(disk->health(0, start + 9s).failure == errc::io_error);
  CHECK(disk->health(0, start + 9s).unchanged_for == 9s);
  disk->set_failure(0, errc::none, start + 10s);
  disk->set_failure(0, errc::none, start + 20s);
  CHECK(disk->health(0, start + 40s).failure == errc::none);
  CHECK(disk->health(0, start + 40s).unchanged_for == 30s);
}

} // namespace storage_message_disk_test
