#include "plugins/bans/ban_index.hpp"

namespace hetzel::plugins {

namespace {

bool is_over(const ban& one, ban::time_point now) noexcept {
  return one.until && *one.until <= now;
}

} // namespace

ban_index::ban_index(const std::vector<ban>& bans) : bans_(bans) {
  for (std::size_t i = 0; i < bans_.size(); ++i) {
    const auto& one = bans_[i];
    switch (one.what) {
      case ban::target::client_id:
        client_ids_.emplace(one.whom, i);
        break;
      case ban::target::user_name:
        user_names_.emplace(one.whom, i);
        break;
      case ban::target::network:
        if (const auto network = ip_network::parse(one.whom))
          networks_[network->prefix].emplace(network->address, i);
        break;
    }
  }
}

const ban* ban_index::find(const ip_address& address,
                           ban::time_point now) const noexcept {
  for (const auto& [prefix, among] : networks_) {
    const auto found = among.find(ip_network::around(address, prefix).address);
    if (found != among.end() && !is_over(bans_[found->second], now))
      return &bans_[found->second];
  }
  return nullptr;
}

const ban* ban_index::find(mqtt::bytes_view client_id,
                           std::optional<mqtt::bytes_view> user_name,
                           ban::time_point now) const noexcept {
  if (const auto* found = in_force(client_ids_, client_id, now))
    return found;
  return user_name ? in_force(user_names_, *user_name, now) : nullptr;
}

const ban* ban_index::in_force(const by_name& among, mqtt::bytes_view name,
                               ban::time_point now) const noexcept {
  const auto found = among.find(name);
  return found == among.end() || is_over(bans_[found->second], now)
           ? nullptr
           : &bans_[found->second];
}

} // namespace hetzel::plugins
