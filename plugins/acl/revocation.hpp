#pragma once

#include "plugins/api/broker.hpp"
#include "plugins/api/requests.hpp"
#include "plugins/guards/guard_counters.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::plugins {

/// Who has connected and whose Session has not ended, for rules that must be
/// held against what they have subscribed to already. From any thread.
class known_clients {
public:
  struct entry {
    subscriber_id id;
    std::optional<std::string> user_name;
  };

  void put(const client& who);
  void remove(const subscriber& whom);

  [[nodiscard]] std::vector<entry> all() const;

private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::optional<std::string>>
    clients_;
};

/// Asks the broker to authorise the subscriptions of all of them anew, a few
/// clients at a time. Returns at once; both must outlive what was begun.
void revoke_subscriptions(broker& node, std::vector<known_clients::entry> of,
                          guard_counters& counters);

} // namespace hetzel::plugins
