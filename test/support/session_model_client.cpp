#include "test/support/session_model_client.hpp"

#include "protocol/encoder.hpp"
#include "protocol/session/limits.hpp"
#include "test/support/session_rules.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

namespace hetzel::test {

using namespace mqtt;

namespace {

/// Far from the ids that either side gets to use in a run.
constexpr packet_id foreign_id = 60'000;

} // namespace

unsigned number_of(bytes_view payload) {
  unsigned number = 0;
  std::from_chars(payload.data(), payload.data() + payload.size(), number);
  return number;
}

// -- the line ---------------------------------------------------------------

void model_client::connect(std::uint16_t receive_maximum) {
  std::string coded;
  if (version_ == protocol_version::v5)
    property_writer{coded}.integer(property_id::receive_maximum,
                                   receive_maximum);
  mqtt::connect packet;
  packet.version = version_;
  packet.client_id = "model";
  packet.properties = property_view{coded};
  send(packet);
}

// Who owes an acknowledgement forgets it: the message will come again.
void model_client::lose_line() {
  uplink_.clear();
  downlink_.clear();
  owed_.clear();
  is_connected_ = false;
}

std::string model_client::next_bytes(std::size_t count) {
  auto taken = uplink_.substr(0, count);
  uplink_.erase(0, taken.size());
  return taken;
}

// -- what it does -----------------------------------------------------------

bool model_client::read_one() {
  auto packet = next_frame(downlink_, packet_size_limit);
  require(packet.has_value(), "the client reads what is no packet");
  if (!*packet)
    return false;
  auto decoded = decode(**packet, version_);
  require(decoded.has_value(), "the client reads a malformed packet");
  std::visit([this](const auto& one) { on_packet(one); }, *decoded);
  downlink_.erase(0, (*packet)->size);
  return true;
}

bool model_client::acknowledge_one() {
  if (owed_.empty())
    return false;
  auto which = static_cast<std::ptrdiff_t>(random_() % owed_.size());
  send(owed_[static_cast<std::size_t>(which)]);
  owed_.erase(owed_.begin() + which);
  return true;
}

bool model_client::publish(qos quality) {
  if (!is_connected_ || open_.size() >= receive_maximum_)
    return false;
  exchange message{++last_number_, quality, 0, false};
  sent_[static_cast<std::size_t>(quality)].push_back(message.number);
  if (quality != qos::at_most_once) {
    message.id = ++last_id_;
    open_.push_back(message);
  }
  send_publish(message, false);
  return true;
}

void model_client::ping() {
  if (is_connected_)
    send(pingreq{});
}

void model_client::subscribe() {
  if (is_connected_)
    send(mqtt::subscribe{1, 0, {}, {{"a/#", {}}, {"b", {}}}});
}

void model_client::acknowledge_nothing() {
  if (!is_connected_)
    return;
  switch (random_() % 4) {
  case 0:
    return send(puback{{foreign_id, {}, {}}});
  case 1:
    return send(pubrec{{foreign_id, {}, {}}});
  case 2:
    return send(pubcomp{{foreign_id, {}, {}}});
  default:
    return send(pubrel{{foreign_id, {}, {}}});
  }
}

// -- from the server --------------------------------------------------------

// Everything open is sent again, in order [MQTT-4.4.0-1].
void model_client::on_packet(const connack& packet) {
  require(packet.code == reason_code::success, "the client is refused");
  is_connected_ = true;
  receive_maximum_
    = packet.properties.integer(property_id::receive_maximum).value_or(65'535);
  for (const auto& message : open_)
    if (message.is_received)
      send(pubrel{{message.id, {}, {}}});
    else
      send_publish(message, true);
}

void model_client::on_packet(const mqtt::publish& packet) {
  auto number = number_of(packet.payload);
  auto& received = received_[static_cast<std::size_t>(packet.quality)];
  switch (packet.quality) {
  case qos::at_most_once:
    received.push_back(number);
    return;
  case qos::at_least_once:
    if (known_.insert(number).second)
      received.push_back(number);
    owed_.push_back(puback{{packet.id, {}, {}}});
    return;
  case qos::exactly_once:
    if (unreleased_.insert(packet.id).second)
      received.push_back(number);
    owed_.push_back(pubrec{{packet.id, {}, {}}});
    return;
  }
}

void model_client::on_packet(const puback& packet) { settle(packet.id); }

void model_client::on_packet(const pubrec& packet) {
  auto* open = find(packet.id);
  if (open == nullptr)
    return;
  if (is_error(packet.code))
    return settle(packet.id);
  open->is_received = true;
  send(pubrel{{packet.id, {}, {}}});
}

void model_client::on_packet(const pubrel& packet) {
  unreleased_.erase(packet.id);
  owed_.push_back(pubcomp{{packet.id, {}, {}}});
}

void model_client::on_packet(const pubcomp& packet) { settle(packet.id); }

// -- to the server ----------------------------------------------------------

void model_client::send(const control_packet& packet) {
  encode(packet, version_, uplink_);
}

void model_client::send_publish(const exchange& message, bool dup) {
  auto payload = std::to_string(message.number);
  mqtt::publish packet;
  packet.dup = dup;
  packet.quality = message.quality;
  packet.id = message.id;
  packet.topic_name = "up";
  packet.payload = payload;
  send(packet);
}

void model_client::settle(packet_id id) {
  open_.erase(std::remove_if(
                open_.begin(), open_.end(),
                [id](const exchange& open) { return open.id == id; }),
              open_.end());
}

model_client::exchange* model_client::find(packet_id id) {
  auto found
    = std::find_if(open_.begin(), open_.end(),
                   [id](const exchange& open) { return open.id == id; });
  return found == open_.end() ? nullptr : &*found;
}

} // namespace hetzel::test
