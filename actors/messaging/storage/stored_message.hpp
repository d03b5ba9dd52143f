#pragma once

#include "actors/messaging/stored_records.hpp"
#include "persistence/messages/message_reader.hpp"
#include "protocol/delivery.hpp"

#include <optional>
#include <string>

/// What the message store's records of a delivery hold. Integers are those of
/// `cluster/wire`.
///
/// The header, what belongs to one subscriber:
///
///   | u8     | version: 1                                                |
///   | u8     | bits 0-1: QoS; bit 2: RETAIN                              |
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
/// The deadline is the entry's. The share group of a delivery is a number of
/// this process and not kept.

namespace hetzel::messaging {

/// Each appends to `out`.
void encode_header(std::string& out, const mqtt::delivery& item);
void encode_body(std::string& out, const mqtt::message& message);

/// When a message expires by the wall clock; `persistence::no_deadline`: never.
[[nodiscard]] persistence::deadline deadline_of(const mqtt::message& message,
                                                const both_clocks& now);

/// nullopt when it is not understood.
[[nodiscard]] std::optional<mqtt::delivery>
decode_stored(const persistence::entry_stub& stub,
              const persistence::entry_record& record, const both_clocks& now);

} // namespace hetzel::messaging
