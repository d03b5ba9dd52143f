#pragma once

#include "plugins/api/verdict.hpp"
#include "protocol/packet.hpp"

#include <span>
#include <vector>

/// What becomes of a SUBSCRIBE or UNSUBSCRIBE that providers judged.

namespace hetzel::messaging {

/// At least as many entries as the client sent, so that SUBACK has a code for
/// each; what providers put in behind gets no code. Views are those of the
/// packet and of the verdict.
struct ruled_subscribe {
  std::vector<mqtt::subscribe_entry> entries;
  std::vector<mqtt::reason_code> codes;
};

/// `codes` are the session's: those with an error were not judged and stay as
/// they are. Nobody said anything: refused.
[[nodiscard]] ruled_subscribe
rule(std::span<const mqtt::subscribe_entry> entries,
     std::span<const mqtt::reason_code> codes,
     const plugins::subscribe_verdict& said);

/// The filters to remove; nobody said anything, or an error: the client's.
[[nodiscard]] std::vector<mqtt::bytes_view>
rule(std::span<const mqtt::bytes_view> topic_filters,
     const plugins::unsubscribe_verdict& said);

} // namespace hetzel::messaging
