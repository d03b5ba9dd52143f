#include "plugins/bans/flap_watch.hpp"

namespace hetzel::plugins {

bool flap_watch::on_disconnect(const std::string& client_id,
                               mqtt::time_point now) {
  if (options_.disconnects_max == 0)
    return false;
  auto found = clients_.find(client_id);
  if (found == clients_.end()) {
    if (!make_room(now))
      return false;
    found = clients_.emplace(client_id, counted{now}).first;
  }
  auto& client = found->second;
  if (now - client.since > options_.window)
    client = {now};
  if (++client.disconnects <= options_.disconnects_max)
    return false;
  clients_.erase(found);
  return true;
}

/// At most one walk over all of them per window, however many come.
bool flap_watch::make_room(mqtt::time_point now) {
  if (clients_.size() < clients_max)
    return true;
  if (full_until_ && now < *full_until_)
    return false;
  std::erase_if(clients_, [&](const auto& one) {
    return now - one.second.since > options_.window;
  });
  full_until_ = now + options_.window;
  return clients_.size() < clients_max;
}

} // namespace hetzel::plugins
