#include "test/load/retained_writer.hpp"

#include "protocol/encoder.hpp"
#include "protocol/property.hpp"
#include "test/load/payload.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::test::load {

namespace {

constexpr std::size_t unsent_bytes_max = 256 * 1024;

} // namespace

retained_writer::retained_writer(event_loop& loop, connect_queue& connects,
                                 client_settings client,
                                 retained_settings settings)
  : connects_(connects),
    settings_(std::move(settings)),
    payload_(make_payload(settings_.payload_size)),
    client_(loop, std::move(client), *this) {}

void retained_writer::write_all(bool clears) {
  is_clearing_ = clears;
  is_done_ = false;
  sent_ = 0;
  acked_ = 0;
  client_.loop().defer(*this);
}

void retained_writer::on_connected(client& one, const mqtt::connack& answer) {
  is_answered_ = true;
  connects_.on_answered();
  if (one.settings().version == mqtt::protocol_version::v5)
    settings_.window
      = std::min(settings_.window,
                 answer.properties.integer(mqtt::property_id::receive_maximum)
                   .value_or(settings_.window));
  is_ready_ = true;
}

void retained_writer::on_acknowledged(client&, mqtt::packet_id, bool refused) {
  ++acked_;
  refused_ += refused ? 1 : 0;
  client_.loop().defer(*this);
}

void retained_writer::on_failed(client&, const std::string& reason) {
  if (!std::exchange(is_answered_, true))
    connects_.on_answered();
  failure_ = reason;
  has_failed_ = true;
}

void retained_writer::on_tick_end() {
  if (!client_.is_connected() || client_.is_blocked()
      || sent_ == settings_.count)
    return;
  const auto last = settings_.quality == mqtt::qos::at_most_once
                      ? settings_.count
                      : std::min(settings_.count, acked_ + settings_.window);
  while (sent_ < last && client_.unsent_bytes() < unsent_bytes_max)
    append_message();
  client_.flush_later();
  // PINGRESP comes after all that was sent before PINGREQ has been read.
  if (sent_ == settings_.count)
    client_.ping();
  else if (sent_ < last)
    client_.loop().defer(*this);
}

void retained_writer::append_message() {
  const auto topic_name = settings_.topic_base + "/" + std::to_string(sent_);
  write_stamp(payload_.data(),
              {nanoseconds_of(std::chrono::steady_clock::now()), 0, sent_});
  mqtt::publish packet;
  packet.quality = settings_.quality;
  packet.retain = true;
  packet.topic_name = topic_name;
  if (settings_.quality != mqtt::qos::at_most_once)
    packet.id = static_cast<mqtt::packet_id>(sent_ % 65'535 + 1);
  if (!is_clearing_)
    packet.payload = payload_;
  mqtt::encode(packet, client_.settings().version, client_.output());
  ++sent_;
}

} // namespace hetzel::test::load
