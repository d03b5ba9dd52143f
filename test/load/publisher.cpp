#include "test/load/publisher.hpp"

#include "protocol/property.hpp"
#include "test/load/delivery_progress.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hetzel::test::load {

namespace {

// Made per flush; the rest stays due.
constexpr std::size_t unsent_bytes_max = 1024 * 1024;

// In range of any window, an id names one message.
mqtt::packet_id id_of(std::uint32_t sequence) noexcept {
  return static_cast<mqtt::packet_id>(sequence % 65'535 + 1);
}

} // namespace

publisher::publisher(event_loop& loop, connect_queue& connects,
                     client_settings client, publisher_settings settings)
  : connects_(connects),
    settings_(std::move(settings)),
    packet_(settings_.topic_name, settings_.payload_size, settings_.quality,
            settings_.retain, client.version),
    in_flight_max_(settings_.window),
    stamps_ns_(std::max(settings_.window, 1U)),
    client_(loop, std::move(client), *this) {}

void publisher::release(std::uint32_t count) {
  due_ = count;
  client_.loop().defer(*this);
}

void publisher::release_one() {
  ++due_;
  client_.loop().defer(*this);
}

void publisher::set_schedule(steady_time first, double interval_ns) {
  first_due_ns_ = nanoseconds_of(first);
  interval_ns_ = interval_ns;
}

void publisher::on_progress(event_loop& where) {
  auto& own = client_.loop();
  if (&where == &own)
    return own.defer(*this);
  has_progress_ = true;
  own.wake();
}

void publisher::take_progress() {
  if (has_progress_.exchange(false))
    client_.loop().defer(*this);
}

void publisher::on_connected(client& one, const mqtt::connack& answer) {
  is_answered_ = true;
  connects_.on_answered();
  if (one.settings().version == mqtt::protocol_version::v5)
    in_flight_max_
      = std::min(in_flight_max_,
                 answer.properties.integer(mqtt::property_id::receive_maximum)
                   .value_or(std::numeric_limits<std::uint16_t>::max()));
  is_ready_ = true;
}

void publisher::on_acknowledged(client& one, mqtt::packet_id id,
                                bool refused) {
  // [MQTT-4.6.0-2] orders PUBACK; nothing orders PUBCOMP.
  if (id == id_of(acked_))
    time_acknowledgement(one);
  else if (settings_.quality == mqtt::qos::at_least_once)
    ++acks_out_of_order_;
  ++acked_;
  refused_ += refused ? 1 : 0;
}

void publisher::on_batch_end(client& one) {
  if (acked_ == acked_counted_)
    return;
  loop_counters::add(one.loop().counters().acknowledged,
                     acked_ - acked_counted_);
  acked_counted_ = acked_;
  one.loop().defer(*this);
}

void publisher::on_failed(client& one, const std::string& reason) {
  if (!std::exchange(is_answered_, true))
    connects_.on_answered();
  failure_ = one.settings().client_id + ": " + reason;
  has_failed_ = true;
}

void publisher::time_acknowledgement(client& one) {
  const auto sent = stamps_ns_[acked_ % stamps_ns_.size()];
  if (one.received_ns() > sent)
    one.loop().ack_latencies().record(one.received_ns() - sent);
}

std::uint32_t publisher::limit() const noexcept {
  auto last = due_;
  if (settings_.quality != mqtt::qos::at_most_once)
    last = std::min(last, acked_ + in_flight_max_);
  if (!parts_.empty())
    last = std::min(last, delivered() + settings_.window);
  return last;
}

std::uint32_t publisher::delivered() const noexcept {
  std::uint32_t sum = 0;
  auto least = std::numeric_limits<std::uint32_t>::max();
  for (const auto* const part : parts_) {
    const auto reached = part->reached();
    sum += reached;
    least = std::min(least, reached);
  }
  return adds_up_ ? sum : least;
}

void publisher::send_due() {
  if (!client_.is_connected() || client_.is_blocked())
    return;
  const auto last = limit();
  if (sent_ >= last)
    return;
  const auto now = nanoseconds_of(std::chrono::steady_clock::now());
  const auto first = sent_;
  for (; sent_ < last && client_.unsent_bytes() < unsent_bytes_max; ++sent_) {
    const auto stamp = interval_ns_ == 0
                         ? now
                         : first_due_ns_
                             + static_cast<std::uint64_t>(
                               interval_ns_ * static_cast<double>(sent_));
    stamps_ns_[sent_ % stamps_ns_.size()] = stamp;
    packet_.append_to(client_.output(), id_of(sent_),
                      {stamp, settings_.index, sent_});
  }
  loop_counters::add(client_.loop().counters().sent, sent_ - first);
  client_.flush_later();
  // The rest follows when the flush, deferred before, has made room.
  if (sent_ < last)
    client_.loop().defer(*this);
}

} // namespace hetzel::test::load
