#include "test/support/messaging_subscriber.hpp"

#include "protocol/topic.hpp"

#include <sstream>
#include <utility>

namespace hetzel::test {

messaging_subscriber::messaging_subscriber(messaging_site& around,
                                           std::string_view client_id)
  : around_(around), id_(around.local().queues.reserve({"", client_id})) {
  around.exchange.sessions.fetch_add(1);
  queue.emplace(around.local(), id_, *this);
}

// -- the client --------------------------------------------------------------

bool messaging_subscriber::connect(
  std::optional<std::chrono::seconds> session_expiry) {
  mqtt::connect_request request;
  request.session_expiry = session_expiry;
  return connect(request);
}

bool messaging_subscriber::connect(const mqtt::connect_request& request) {
  const bool session_present = queue->attach(*this, request);
  queue->drain();
  return session_present;
}

void messaging_subscriber::drop() {
  end_with({mqtt::reason_code::unspecified_error, false, std::nullopt});
}

void messaging_subscriber::end_with(const mqtt::session_end& end) {
  queue->detach(end);
}

std::string messaging_subscriber::received() {
  std::string text;
  for (const auto& item : std::exchange(deliveries, {})) {
    text += text.empty() ? "" : " ";
    text += item.message->payload();
  }
  return text;
}

// -- messages for it ---------------------------------------------------------

void messaging_subscriber::offer(std::string_view payload, mqtt::qos quality) {
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.payload = payload;
  fields.quality = quality;
  offer(fields);
}

void messaging_subscriber::offer_all(std::string_view payloads,
                                     mqtt::qos quality) {
  std::istringstream words{std::string{payloads}};
  for (std::string word; words >> word;)
    offer(word, quality);
}

void messaging_subscriber::offer(const mqtt::message_fields& fields) {
  queue->deliver({mqtt::message::make(fields), nullptr, 0, fields.quality,
                  fields.retain});
}

void messaging_subscriber::subscribe(std::string_view topic_filter,
                                     mqtt::subscription_options options) {
  auto& table = around_.exchange.subscriptions;
  const auto filter = mqtt::parse_topic_filter(topic_filter, {0, 65'535});
  table.write(table.shard_of("", *filter), [&](auto& index) {
    index.insert("", *filter, {id_, options, 0});
  });
}

// -- queue_actor_port --------------------------------------------------------

void messaging_subscriber::apply(messaging::subscription_changes changes,
                                 std::uint32_t ticket) {
  applied.push_back(std::move(changes));
  tickets.push_back(ticket);
}

void messaging_subscriber::index(messaging::subscription_changes changes) {
  indexed.push_back(std::move(changes));
}

void messaging_subscriber::record(cluster::metadata_write_ptr write) {
  records.push_back(std::move(write));
}

void messaging_subscriber::forget(messaging::subscription_changes changes) {
  forgotten.push_back(std::move(changes));
}

void messaging_subscriber::fetch(messaging::retained_request request) {
  fetched.push_back(std::move(request));
}

void messaging_subscriber::cancel(messaging::retained_request) {}

// -- session_port ------------------------------------------------------------

bool messaging_subscriber::can_take(const mqtt::delivery&) const {
  return room > 0;
}

void messaging_subscriber::deliver(mqtt::delivery&& item) {
  --room;
  deliveries.push_back(std::move(item));
}

void messaging_subscriber::complete_subscribe(
  mqtt::packet_id, std::span<const mqtt::reason_code> answer) {
  codes.assign(answer.begin(), answer.end());
  ++answers;
}

void messaging_subscriber::complete_unsubscribe(
  mqtt::packet_id, std::span<const mqtt::reason_code> answer) {
  codes.assign(answer.begin(), answer.end());
  ++answers;
}

void messaging_subscriber::end(mqtt::reason_code code) {
  ended = code;
  queue->detach({code, false, std::nullopt});
}

} // namespace hetzel::test
