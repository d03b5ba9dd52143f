#pragma once

#include "protocol/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// The subscriptions of one subscriber: the record that the index is a view
/// of. Sorted by filter; a client has few of them as a rule, so that a vector
/// costs least.
class subscription_list {
public:
  struct entry {
    /// As the client wrote it, `$share/{group}/` included.
    std::string topic_filter;
    mqtt::subscription_options options;
    std::uint32_t subscription_id = 0;
  };

  /// Null when there is none.
  [[nodiscard]] const entry* find(mqtt::bytes_view topic_filter) const;

  /// Adds or replaces; true when it is new.
  bool set(entry added);

  /// False when there was none.
  bool erase(mqtt::bytes_view topic_filter);

  void clear() noexcept { entries_.clear(); }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] auto end() const noexcept { return entries_.end(); }

private:
  std::vector<entry> entries_;
};

} // namespace hetzel::messaging
