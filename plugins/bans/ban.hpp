#pragma once

#include "plugins/files/text_lines.hpp"
#include "protocol/expected.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// Who may not connect.
struct ban {
  enum class target : unsigned char { client_id, user_name, network };
  using time_point = std::chrono::system_clock::time_point;

  target what{};
  /// A client id or user name, in every mountpoint; or an `ip_network` as text.
  std::string whom;
  /// Nullopt: until it is lifted.
  std::optional<time_point> until;
  /// For people; never told to the client.
  std::string reason;

  bool operator==(const ban&) const = default;
};

/// "client_id", "user_name", "network".
[[nodiscard]] mqtt::bytes_view to_string(ban::target what) noexcept;

[[nodiscard]] std::optional<ban::target>
find_ban_target(mqtt::bytes_view word) noexcept;

/// All bans of a node, one per target. Bounded.
class ban_list {
public:
  static constexpr std::size_t size_max = 100'000;
  static constexpr std::size_t text_max = 1'024;

  /// Replaces that of the same target. The error is a sentence for the
  /// operator: no such network, too long, or too many bans.
  [[nodiscard]] mqtt::expected<void, std::string> add(ban made);

  /// False: there was none.
  [[nodiscard]] bool remove(ban::target what, const std::string& whom);

  /// Forgets what is over; true when there was such.
  bool sweep(ban::time_point now);

  [[nodiscard]] std::vector<ban> all() const;
  [[nodiscard]] std::size_t size() const noexcept { return bans_.size(); }

  /// A line per ban, with tabs between: target, whom, seconds since 1970 or
  /// '-', reason. Bytes below ' ', '%' and DEL are written as %XX.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static mqtt::expected<ban_list, text_fault>
  parse(mqtt::bytes_view text);

private:
  using key = std::pair<ban::target, std::string>;

  std::map<key, ban> bans_;
};

} // namespace hetzel::plugins
