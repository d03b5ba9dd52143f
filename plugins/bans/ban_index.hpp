#pragma once

#include "plugins/bans/ban.hpp"
#include "plugins/bans/ip_network.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hetzel::plugins {

/// Bans compiled for looking up. Immutable; what expires is left out from that
/// moment on without a new index.
class ban_index {
public:
  ban_index() = default;
  explicit ban_index(const std::vector<ban>& bans);

  [[nodiscard]] bool empty() const noexcept { return bans_.empty(); }

  /// Before CONNECT: the ban of a network that `address` is in; null: none.
  [[nodiscard]] const ban* find(const ip_address& address,
                                ban::time_point now) const noexcept;

  /// At CONNECT. The pointer lives as long as the index.
  [[nodiscard]] const ban* find(mqtt::bytes_view client_id,
                                std::optional<mqtt::bytes_view> user_name,
                                ban::time_point now) const noexcept;

private:
  struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };
  using by_name = std::unordered_map<std::string, std::size_t, name_hash,
                                     std::equal_to<>>;

  [[nodiscard]] const ban* in_force(const by_name& among,
                                    mqtt::bytes_view name,
                                    ban::time_point now) const noexcept;

  std::vector<ban> bans_;
  by_name client_ids_;
  by_name user_names_;
  /// By prefix, so that an address costs one look-up per prefix in use.
  std::map<unsigned, std::map<ip_address, std::size_t>> networks_;
};

} // namespace hetzel::plugins
