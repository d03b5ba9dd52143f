#pragma once

#include "cluster/metadata/store_identity.hpp"
#include "persistence/memory_store.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace hetzel::test {

/// What a node has of its metadata and its messages between two lives, and a
/// way to make writes of the metadata wait. Thread-safe.
class metadata_disk : public std::enable_shared_from_this<metadata_disk> {
public:
  [[nodiscard]] static std::shared_ptr<metadata_disk> make();

  /// A store of these records; it may go, they stay.
  [[nodiscard]] std::unique_ptr<persistence::key_value_store> open();

  [[nodiscard]] std::unique_ptr<persistence::key_value_store> open_messages();

  /// The identity of a store with so many groups.
  [[nodiscard]] cluster::store_identity identify(std::uint8_t groups = 4);

  /// Writes wait from now on.
  void hold();
  void release();
  /// Until a write waits.
  void await_write();

  persistence::memory_store records;
  persistence::memory_store messages;

private:
  class store;

  void pass();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  int waiting_ = 0;
};

} // namespace hetzel::test
