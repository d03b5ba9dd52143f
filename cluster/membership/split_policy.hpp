#pragma once

#include "cluster/membership/member_map.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace hetzel::cluster {

/// When something is allowed although this node is not ready.
enum class split_rule : std::uint8_t {
  /// Not at all (VerneMQ: off).
  never,
  /// Where more than half of the voting members can be reached; with an even
  /// split, on the side with the lowest store.
  majority,
  /// Everywhere (VerneMQ: on).
  always,
};

/// What a client may want in a split cluster.
enum class client_operation : std::uint8_t {
  /// CONNECT.
  register_client,
  publish,
  subscribe,
  unsubscribe,
};

struct split_rules {
  /// Two live sessions of one client are the only conflict that clients see,
  split_rule register_client = split_rule::majority;
  split_rule publish = split_rule::always;
  /// and these merge cleanly.
  split_rule subscribe = split_rule::always;
  split_rule unsubscribe = split_rule::always;

  [[nodiscard]] split_rule of(client_operation what) const noexcept;
};

/// "never", "majority" or "always"; also "off" and "on", as VerneMQ says it.
[[nodiscard]] std::optional<split_rule>
parse_split_rule(std::string_view text) noexcept;
[[nodiscard]] std::string_view name_of(split_rule rule) noexcept;

/// Whether those in `view` are the majority: more than half of the voting
/// members (joining ones do not vote), or half of them with the lowest store
/// among them. Of two sides that share nobody at most one is.
[[nodiscard]] bool is_majority(const member_map& members,
                               const std::set<store_id>& view);

/// What decides besides the rules.
struct split_situation {
  /// `readiness::is_ready`.
  bool is_ready = false;
  /// `is_majority` of this node's view.
  bool has_majority = false;
  /// A node that is not up registers no client, whatever the rules say.
  member_state own = member_state::joining;
};

[[nodiscard]] bool is_allowed(client_operation what, const split_rules& rules,
                              const split_situation& situation) noexcept;

} // namespace hetzel::cluster
