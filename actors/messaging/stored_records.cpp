#include "actors/messaging/stored_records.hpp"

#include "cluster/metadata/retained_record.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <utility>

namespace hetzel::messaging {

namespace {

using cluster::metadata_change;
using cluster::metadata_key;
using cluster::record_kind;

metadata_key subscription_key(const subscriber_key& of,
                              std::string_view topic_filter) {
  return {record_kind::subscription, of.mountpoint(), of.client_id(),
          topic_filter};
}

cluster::metadata_write_ptr one(metadata_change change) {
  auto write = std::make_shared<cluster::metadata_write>();
  write->changes.push_back(std::move(change));
  return write;
}

} // namespace

both_clocks at_wall_clock(mqtt::time_point steady) {
  using namespace std::chrono;
  return {steady, floor<milliseconds>(system_clock::now())};
}

cluster::unix_time to_wall(mqtt::time_point time, const both_clocks& now) {
  return now.wall
         + std::chrono::floor<std::chrono::milliseconds>(time - now.steady);
}

metadata_key session_key(const subscriber_key& of) {
  return {record_kind::session, of.mountpoint(), of.client_id(), {}};
}

cluster::metadata_write_ptr
store_session(const subscriber_key& of,
              const cluster::session_record& record) {
  return one({encode(session_key(of)), encode(record)});
}

cluster::will_record record_of(const will& of) {
  cluster::will_record record;
  record.topic_name = of.topic_name;
  record.properties = of.properties;
  record.payload = of.payload;
  record.quality = of.quality;
  record.retain = of.retain;
  record.delay = of.delay;
  record.expiry_interval = of.expiry_interval;
  return record;
}

std::unique_ptr<will> will_of(const cluster::will_record& from) {
  auto made = std::make_unique<will>();
  made->topic_name = from.topic_name;
  made->payload = from.payload;
  made->properties = from.properties;
  made->quality = from.quality;
  made->retain = from.retain;
  made->expiry_interval = from.expiry_interval;
  made->delay = from.delay;
  return made;
}

cluster::metadata_write_ptr
delete_session(const subscriber_key& of,
               const subscription_list& subscriptions) {
  auto write = std::make_shared<cluster::metadata_write>();
  for (const auto& entry : subscriptions)
    write->changes.push_back(
      {encode(subscription_key(of, entry.topic_filter)), std::nullopt});
  write->changes.push_back({encode(session_key(of)), std::nullopt});
  return write;
}

cluster::metadata_write_ptr
store_subscriptions(const subscriber_key& of,
                    const subscription_changes& changes, std::uint64_t epoch) {
  auto write = std::make_shared<cluster::metadata_write>();
  for (const auto& change : changes.changes) {
    auto key = encode(subscription_key(of, change.topic_filter));
    std::optional<std::string> value;
    if (change.what == subscription_change::kind::insert)
      value = encode(cluster::subscription_record{
        change.subscriber.options, change.subscriber.subscription_id, epoch});
    write->changes.push_back({std::move(key), std::move(value)});
  }
  return write;
}

cluster::metadata_write_ptr joined(const cluster::metadata_write& earlier,
                                   const cluster::metadata_write& later) {
  boost::unordered_flat_set<std::string_view> keys;
  for (const auto& change : later.changes)
    keys.insert(change.key);
  auto write = std::make_shared<cluster::metadata_write>();
  for (const auto& change : earlier.changes)
    if (!keys.contains(change.key))
      write->changes.push_back(change);
  write->changes.insert(write->changes.end(), later.changes.begin(),
                        later.changes.end());
  return write;
}

metadata_key retained_key(const mqtt::message& of) {
  return {record_kind::retained, of.mountpoint(), of.topic_name(), {}};
}

metadata_change store_retained(const mqtt::message& message,
                               const both_clocks& now) {
  metadata_change change{encode(retained_key(message)), std::nullopt};
  if (message.payload().empty())
    return change;
  cluster::retained_record record{message.quality(), std::nullopt,
                                  message.properties().bytes(),
                                  message.payload()};
  if (const auto end = message.expires_at())
    record.expires_at = to_wall(*end, now);
  change.value = encode(record);
  return change;
}

mqtt::message_ptr retained_message(const metadata_key& key,
                                   std::optional<std::string_view> value,
                                   const both_clocks& now) {
  mqtt::message_fields fields;
  fields.mountpoint = key.mountpoint;
  fields.topic_name = key.subject;
  fields.retain = true;
  if (value) {
    const auto record = cluster::decode_retained_record(*value);
    if (!record)
      return {};
    fields.payload = record->payload;
    fields.properties = record->properties;
    fields.quality = record->quality;
    if (record->expires_at)
      fields.expires_at = now.steady + (*record->expires_at - now.wall);
  }
  return mqtt::message::make(fields);
}

} // namespace hetzel::messaging
