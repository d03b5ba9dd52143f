#pragma once

#include "actors/messaging/subscriber_key.hpp"
#include "actors/messaging/subscription_change.hpp"
#include "actors/messaging/subscription_list.hpp"
#include "actors/messaging/will.hpp"
#include "cluster/metadata/metadata_group.hpp"
#include "cluster/metadata/metadata_key.hpp"
#include "cluster/metadata/session_record.hpp"
#include "cluster/metadata/will_record.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// What Sessions and retained messages are in the metadata store. The store's
/// times are the wall clock's, ours are not: `now` is the same moment in both.

namespace hetzel::messaging {

struct both_clocks {
  mqtt::time_point steady;
  cluster::unix_time wall;
};

/// The wall clock is read, the other is given.
[[nodiscard]] both_clocks at_wall_clock(mqtt::time_point steady);

[[nodiscard]] cluster::unix_time to_wall(mqtt::time_point time,
                                         const both_clocks& now);

// -- Sessions -----------------------------------------------------------------

[[nodiscard]] cluster::metadata_key session_key(const subscriber_key& of);

[[nodiscard]] cluster::metadata_write_ptr
store_session(const subscriber_key& of, const cluster::session_record& record);

[[nodiscard]] cluster::will_record record_of(const will& of);
[[nodiscard]] std::unique_ptr<will> will_of(const cluster::will_record& from);

/// With all its subscriptions.
[[nodiscard]] cluster::metadata_write_ptr
delete_session(const subscriber_key& of,
               const subscription_list& subscriptions);

/// `epoch` is the Session's.
[[nodiscard]] cluster::metadata_write_ptr
store_subscriptions(const subscriber_key& of,
                    const subscription_changes& changes, std::uint64_t epoch);

/// Both; of each key the last change only.
[[nodiscard]] cluster::metadata_write_ptr
joined(const cluster::metadata_write& earlier,
       const cluster::metadata_write& later);

// -- retained messages --------------------------------------------------------

[[nodiscard]] cluster::metadata_key retained_key(const mqtt::message& of);

/// A put, or for a message without payload a delete.
[[nodiscard]] cluster::metadata_change
store_retained(const mqtt::message& message, const both_clocks& now);

/// The message of a record; without payload when there is no value. Null when
/// the value cannot be read.
[[nodiscard]] mqtt::message_ptr
retained_message(const cluster::metadata_key& key,
                 std::optional<std::string_view> value,
                 const both_clocks& now);

} // namespace hetzel::messaging
