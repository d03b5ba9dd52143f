#pragma once

#include "protocol/basic_types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace hetzel::plugins {

struct flap_options {
  /// Connections that a client may end within the window; 0: no watch.
  std::uint32_t disconnects_max = 0;
  std::chrono::seconds window{60};
  /// How long a client that flaps is banned.
  std::chrono::seconds ban_time{300};
};

/// Finds clients that connect and disconnect all the time. The window of a
/// client begins with its first disconnect and the next one with the first
/// after its end. Bounded: when it watches `clients_max` it forgets those whose
/// window is over, and takes up nobody new as long as there is none.
class flap_watch {
public:
  static constexpr std::size_t clients_max = 100'000;

  explicit flap_watch(flap_options options) noexcept : options_(options) {}

  /// True when that client has ended too many connections; it is forgotten.
  [[nodiscard]] bool on_disconnect(const std::string& client_id,
                                   mqtt::time_point now);

  [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }

private:
  struct counted {
    mqtt::time_point since;
    std::uint32_t disconnects = 0;
  };

  [[nodiscard]] bool make_room(mqtt::time_point now);

  flap_options options_;
  std::unordered_map<std::string, counted> clients_;
  /// Before which there is no use in looking for what is over.
  std::optional<mqtt::time_point> full_until_;
};

} // namespace hetzel::plugins
