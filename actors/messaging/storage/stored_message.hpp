#pragma once

#include "actors/messaging/stored_records.hpp"
#include "persistence/messages/message_reader.hpp"
#include "protocol/delivery.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the message store's records of a delivery hold. Integers are those of
/// `cluster/wire`.
///
/// The header, what belongs to one subscriber:
///
///   | u8     | version: 1, or 2 when a share group follows               |
///   | u8     | bits 0-1: QoS; bit 2: RETAIN                              |
///   | block  | version 2: the share group, as `$share/{group}/{filter}`  |
///   | varint | how many Subscription Identifiers follow, each a varint   |
///
/// The body, which subscribers share:
///
///   | u8    | version: 1                                                 |
///   | block | mountpoint                                                 |
///   | block | topic name                                                 |
///   | block | properties as PUBLISH codes them                           |
///   | rest  | payload                                                    |
///
/// The deadline is the entry's.

namespace hetzel::messaging {

/// Each appends to `out`. `share` is what the group of `item` is called
/// (`share_names`); empty: it has none.
void encode_header(std::string& out, const mqtt::delivery& item,
                   std::string_view share = {});
void encode_body(std::string& out, const mqtt::message& message);

/// When a message expires by the wall clock; `persistence::no_deadline`: never.
[[nodiscard]] persistence::deadline deadline_of(const mqtt::message& message,
                                                const both_clocks& now);

/// What `encode_header` was given as the group; empty: none.
[[nodiscard]] std::string_view share_of(std::string_view header);

/// nullopt when it is not understood. The number of its group is not known
/// here, so that it has none.
[[nodiscard]] std::optional<mqtt::delivery>
decode_stored(const persistence::entry_stub& stub,
              const persistence::entry_record& record, const both_clocks& now);

} // namespace hetzel::messaging
