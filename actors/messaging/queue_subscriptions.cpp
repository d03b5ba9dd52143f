#include "actors/messaging/queue.hpp"
#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/queue_notices.hpp"
#include "actors/messaging/site.hpp"
#include "protocol/topic.hpp"

#include <algorithm>
#include <utility>
#include <vector>

/// The subscriptions' half of `queue`: the record is changed at once, the
/// answer waits until the index, which is a view of it, has changed too.

namespace hetzel::messaging {

namespace {

using mqtt::reason_code;

reason_code granted(mqtt::qos quality) noexcept {
  return static_cast<reason_code>(quality);
}

mqtt::parsed_filter parse(mqtt::bytes_view topic_filter) {
  // The session has applied the configured limits.
  const auto parsed = mqtt::parse_topic_filter(topic_filter, {0, 65'535});
  return parsed ? *parsed : mqtt::parsed_filter{{}, topic_filter};
}

mqtt::subscription_ids ids_of(std::uint32_t subscription_id) {
  if (subscription_id == 0)
    return nullptr;
  return std::make_shared<const std::vector<std::uint32_t>>(1,
                                                            subscription_id);
}

bool contains(std::span<const std::string> filters,
              std::string_view topic_filter) {
  return std::find(filters.begin(), filters.end(), topic_filter)
         != filters.end();
}

} // namespace

void queue::subscribe(const mqtt::subscribe& packet,
                      std::span<const reason_code> codes) {
  auto answer = std::make_unique<subscribe_answer>();
  answer->ticket = ++last_ticket_;
  answer->id = packet.id;
  answer->is_unsubscribe = false;
  answer->subscription_id = packet.subscription_id;
  subscription_changes changes{std::string{key().mountpoint()}, {}};
  for (std::size_t i = 0; i < packet.entries.size(); ++i) {
    const auto& entry = packet.entries[i];
    const auto* const former = subscriptions_.find(entry.topic_filter);
    const bool is_new = !former;
    if (former && !contains(answer->filters, entry.topic_filter))
      answer->former.push_back(*former);
    answer->codes.push_back(mqtt::is_error(codes[i])
                              ? codes[i]
                              : add(entry, packet.subscription_id, changes));
    answer->filters.emplace_back(entry.topic_filter);
    answer->options.push_back(entry.options);
    answer->is_new.push_back(is_new);
  }
  answer_ = std::move(answer);
  actor_.apply(std::move(changes), last_ticket_);
}

reason_code queue::add(const mqtt::subscribe_entry& entry,
                       std::uint32_t subscription_id,
                       subscription_changes& changes) {
  const auto& limit
    = local_.config->messaging.subscriptions_per_client_max;
  if (limit && subscriptions_.size() >= *limit
      && !subscriptions_.find(entry.topic_filter)) {
    local_.metrics.add(metric::subscribe_error);
    return reason_code::quota_exceeded;
  }
  subscription_list::entry added{std::string{entry.topic_filter},
                                 entry.options, subscription_id};
  changes.changes.push_back(insertion(id_, added));
  subscriptions_.set(std::move(added));
  return granted(entry.options.quality);
}

void queue::unsubscribe(const mqtt::unsubscribe& packet) {
  auto answer = std::make_unique<subscribe_answer>();
  answer->ticket = ++last_ticket_;
  answer->id = packet.id;
  answer->is_unsubscribe = true;
  subscription_changes changes{std::string{key().mountpoint()}, {}};
  for (const auto& topic_filter : packet.topic_filters) {
    const auto* const entry = subscriptions_.find(topic_filter);
    if (!entry) {
      answer->codes.push_back(reason_code::no_subscription_existed);
      continue;
    }
    answer->former.push_back(*entry);
    subscriptions_.erase(topic_filter);
    answer->codes.push_back(reason_code::success);
    changes.changes.push_back(erasure(id_, std::string{topic_filter}));
  }
  answer_ = std::move(answer);
  actor_.apply(std::move(changes), last_ticket_);
}

void queue::replace(const std::string& topic_filter,
                    std::vector<subscription_list::entry> wanted) {
  subscription_changes changes{std::string{key().mountpoint()}, {}};
  subscriptions_.erase(topic_filter);
  changes.changes.push_back(erasure(id_, topic_filter));
  for (auto& one : wanted) {
    changes.changes.push_back(insertion(id_, one));
    subscriptions_.set(std::move(one));
  }
  actor_.apply(std::move(changes), ++last_ticket_);
}

subscription_changes
queue::as_recorded(const subscription_changes& earlier) const {
  subscription_changes now{earlier.mountpoint, {}};
  for (const auto& change : earlier.changes) {
    const auto* entry = subscriptions_.find(change.topic_filter);
    now.changes.push_back(entry ? insertion(id_, *entry)
                                : erasure(id_, change.topic_filter));
  }
  return now;
}

void queue::on_applied(std::uint32_t ticket,
                       std::span<const std::string> failed_filters) {
  std::unique_ptr<subscribe_answer> answer;
  if (answer_ && answer_->ticket == ticket)
    answer = std::move(answer_);
  for (const auto& topic_filter : failed_filters)
    undo(topic_filter, answer ? *answer : subscribe_answer{});
  // A session that was taken over meanwhile gets no answer.
  if (!session_ || !answer || answer->is_abandoned)
    return;
  if (answer->is_unsubscribe)
    answer_unsubscribe(*answer, !failed_filters.empty());
  else
    answer_subscribe(*answer, failed_filters);
}

/// The index, and as a rule the metadata, have what the filter had before.
void queue::undo(std::string_view failed_filter, const subscribe_answer& of) {
  const auto former = std::find_if(
    of.former.begin(), of.former.end(),
    [&](const auto& entry) { return entry.topic_filter == failed_filter; });
  if (former != of.former.end())
    subscriptions_.set(*former);
  else
    subscriptions_.erase(failed_filter);
}

void queue::answer_subscribe(subscribe_answer& answer,
                             std::span<const std::string> failed_filters) {
  for (std::size_t i = 0; i < answer.codes.size(); ++i) {
    if (mqtt::is_error(answer.codes[i]))
      continue;
    if (contains(failed_filters, answer.filters[i])) {
      local_.metrics.add(metric::subscribe_error);
      answer.codes[i] = reason_code::unspecified_error;
      continue;
    }
    feed_retained({answer.filters[i], answer.options[i]}, answer.is_new[i],
                  answer.subscription_id);
  }
  session_->complete_subscribe(answer.id, answer.codes);
  if (session_)
    fetch_retained();
}

/// UNSUBACK of 3.x cannot say no: the connection ends, and the client may try
/// again.
void queue::answer_unsubscribe(const subscribe_answer& answer,
                               bool has_failed) {
  if (has_failed)
    session_->end(reason_code::unspecified_error);
  else
    session_->complete_unsubscribe(answer.id, answer.codes);
}

void queue::feed_retained(const mqtt::subscribe_entry& entry, bool is_new,
                          std::uint32_t subscription_id) {
  const auto handling = entry.options.handling;
  if (handling == mqtt::retain_handling::do_not_send
      || (handling == mqtt::retain_handling::send_if_new && !is_new))
    return;
  const auto filter = parse(entry.topic_filter);
  if (!filter.share_group.empty())
    return; // shared subscriptions get no retained messages (MQTT 5, 4.8.2)
  const auto [first, last] = local_.node.retained_shards_of(
    key().mountpoint(), filter.topic_filter);
  retained_.add({std::string{entry.topic_filter}, entry.options.quality,
                 ids_of(subscription_id)},
                first, last);
}

void queue::forget_subscriptions() {
  if (subscriptions_.size() == 0)
    return;
  subscription_changes changes{std::string{key().mountpoint()}, {}};
  for (const auto& entry : subscriptions_)
    changes.changes.push_back(erasure(id_, entry.topic_filter));
  subscriptions_.clear();
  tell_unsubscribed_all(local_, key());
  actor_.forget(std::move(changes));
}

} // namespace hetzel::messaging
