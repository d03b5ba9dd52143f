#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

/// Topic aliases live as long as a connection (MQTT 5, 3.3.2.3.4). Memory is
/// bounded by the maximum that was agreed on times the topic length limit.

namespace hetzel::mqtt {

/// Aliases that the client sets.
class inbound_aliases {
public:
  /// `maximum` is what CONNACK announced.
  explicit inbound_aliases(std::uint16_t maximum) noexcept
    : maximum_(maximum) {}

  /// Whether the client may use `alias` [MQTT-3.3.2-8] [MQTT-3.3.2-9].
  [[nodiscard]] bool is_allowed(std::uint16_t alias) const noexcept {
    return alias != 0 && alias <= maximum_;
  }

  /// From now on `alias` stands for `topic_name`. Precondition: allowed.
  void bind(std::uint16_t alias, bytes_view topic_name);

  /// The topic name; empty when the alias was never bound. Valid until the
  /// alias is bound again.
  [[nodiscard]] bytes_view resolve(std::uint16_t alias) const noexcept;

private:
  std::vector<std::string> topic_names_; // of alias 1, 2, …
  std::uint16_t maximum_;
};

/// Aliases that we set: the first topics of the connection get them, none is
/// replaced.
class outbound_aliases {
public:
  struct choice {
    /// Zero: no alias is left for this topic.
    std::uint16_t alias = 0;
    bool is_known = false;
  };

  /// `maximum` is the lower of the client's and our own.
  explicit outbound_aliases(std::uint16_t maximum) noexcept
    : maximum_(maximum) {}

  /// What to send with `topic_name`. Changes nothing, since the packet may
  /// turn out too large.
  [[nodiscard]] choice choose(bytes_view topic_name) const;

  /// The packet with the alias that `choose` named was written.
  void remember(bytes_view topic_name, choice sent);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(bytes_view text) const noexcept {
      return std::hash<bytes_view>{}(text);
    }
  };

  std::unordered_map<std::string, std::uint16_t, text_hash, std::equal_to<>>
    aliases_;
  std::uint16_t maximum_;
};

} // namespace hetzel::mqtt
