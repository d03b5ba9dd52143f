#pragma once

#include "actors/messaging/stored_records.hpp"
#include "persistence/errc.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// Retained messages of one shard on their way into the metadata store. One
/// write per group is under way at a time; what comes meanwhile waits, and
/// later messages of a topic take the place of earlier ones: so the writes are
/// as large as the store is slow, and never more than there are topics.
class retained_writer {
public:
  /// Told once when the message, or one that took its place, is stored or
  /// cannot be.
  using answer = std::function<void(persistence::errc)>;

  explicit retained_writer(std::uint32_t groups) : groups_(groups) {}

  struct entry {
    mqtt::message_ptr message;
    /// What the index had for the topic when the store last agreed with it.
    mqtt::message_ptr stored;
    std::vector<answer> answers;
    /// What bounds the publishers, released with the entry. May be null.
    std::shared_ptr<const void> credit;
  };

  /// Returns the group. Precondition: `write.answers` has at most one.
  std::uint32_t add(entry write);

  /// Whether something newer than what the store says is on its way.
  [[nodiscard]] bool is_pending(const mqtt::message& topic) const;

  /// The next write of a group; null while one is under way, or nothing waits.
  [[nodiscard]] cluster::metadata_write_ptr take(std::uint32_t group,
                                                 const both_clocks& now);

  /// The write under way came to this end. Tells who waits; what the index is
  /// to have again after a failure is returned.
  [[nodiscard]] std::vector<entry> finish(std::uint32_t group,
                                          persistence::errc code);

  [[nodiscard]] std::uint32_t group_of(const mqtt::message& topic) const;

  /// Topics that wait or are under way.
  [[nodiscard]] std::size_t size() const noexcept;

private:
  using entries = boost::unordered_flat_map<std::string, entry>;

  struct group {
    entries waiting;
    entries under_way;
  };

  std::vector<group> groups_;
};

} // namespace hetzel::messaging
