#include "test/load/silent_subscriber.hpp"

#include <utility>

namespace hetzel::test::load {

silent_subscriber::silent_subscriber(event_loop& loop, connect_queue& connects,
                                     client_settings client,
                                     std::string topic_filter,
                                     mqtt::qos quality)
  : connects_(connects),
    topic_filter_(std::move(topic_filter)),
    quality_(quality),
    client_(loop, std::move(client), *this) {
  client_.settings().may_be_closed = true;
}

void silent_subscriber::close() {
  client_.close();
}

void silent_subscriber::on_connected(client& one, const mqtt::connack&) {
  is_answered_ = true;
  connects_.on_answered();
  one.subscribe(topic_filter_, quality_);
}

void silent_subscriber::on_subscribed(client& one) {
  one.stop_reading();
  is_ready_ = true;
}

void silent_subscriber::on_failed(client& one, const std::string& reason) {
  if (is_ready_) {
    was_closed_ = true;
    return;
  }
  if (!std::exchange(is_answered_, true))
    connects_.on_answered();
  failure_ = one.settings().client_id + ": " + reason;
  has_failed_ = true;
}

} // namespace hetzel::test::load
