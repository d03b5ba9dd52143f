#include "test/support/messaging_client.hpp"

#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/property_writer.hpp"

#include <array>
#include <cerrno>
#include <concepts>
#include <utility>
#include <variant>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace hetzel::test {

namespace {

using mqtt::packet_type;
using mqtt::reason_code;

net::socket_handle connect_to(std::uint16_t port) {
  net::socket_handle made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address)
      < 0)
    throw connection_lost{"cannot connect"};
  const int on = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

/// A packet of any type into the fields that the tests look at.
struct packet_reader {
  received_packet& out;

  void operator()(const mqtt::publish& packet) const {
    out.id = packet.id;
    out.dup = packet.dup;
    out.retain = packet.retain;
    out.quality = packet.quality;
    out.topic_name = packet.topic_name;
    out.payload = packet.payload;
    out.properties = packet.properties.bytes();
  }
  void operator()(const mqtt::connack& packet) const {
    out.code = packet.code;
    out.session_present = packet.session_present;
    out.properties = packet.properties.bytes();
  }
  void operator()(const mqtt::disconnect& packet) const {
    out.code = packet.code;
  }
  void operator()(const mqtt::auth& packet) const {
    out.code = packet.code;
    out.properties = packet.properties.bytes();
  }
  template <std::derived_from<mqtt::publish_reply> Reply>
  void operator()(const Reply& packet) const {
    out.id = packet.id;
    out.code = packet.code;
  }
  template <class Other>
  void operator()(const Other& packet) const {
    if constexpr (requires { packet.codes; }) {
      out.id = packet.id;
      out.codes = packet.codes;
      out.code = packet.codes.empty() ? reason_code::success
                                      : packet.codes.front();
    }
  }
};

mqtt::connect connect_packet(const client_options& options,
                             std::string& properties,
                             std::string& will_properties) {
  mqtt::connect packet;
  packet.version = options.version;
  packet.clean_start = options.clean_start;
  packet.client_id = options.client_id;
  packet.user_name = options.user_name;
  packet.password = options.password;
  mqtt::property_writer writer{properties};
  if (options.session_expiry != 0)
    writer.integer(mqtt::property_id::session_expiry_interval,
                   options.session_expiry);
  if (options.receive_maximum != 0)
    writer.integer(mqtt::property_id::receive_maximum, options.receive_maximum);
  if (!options.auth_method.empty())
    writer.value(mqtt::property_id::authentication_method,
                 options.auth_method);
  if (!options.auth_data.empty())
    writer.value(mqtt::property_id::authentication_data, options.auth_data);
  packet.properties = mqtt::property_view{properties};
  if (!options.will)
    return packet;
  if (options.will->delay != 0)
    mqtt::property_writer{will_properties}.integer(
      mqtt::property_id::will_delay_interval, options.will->delay);
  packet.will = mqtt::will{options.will->topic_name, options.will->payload,
                           options.will->quality, options.will->retain,
                           mqtt::property_view{will_properties}};
  return packet;
}

} // namespace

messaging_client::messaging_client(std::uint16_t port,
                                   const client_options& options)
  : port_(port) {
  if (const auto answer = connect(options);
      answer.code != reason_code::success)
    throw connection_lost{"refused: " + std::string{to_string(answer.code)}};
}

// -- connection --------------------------------------------------------------

received_packet messaging_client::connect(const client_options& options) {
  close();
  socket_ = connect_to(port_);
  version_ = options.version;
  std::string properties;
  std::string will_properties;
  send(connect_packet(options, properties, will_properties));
  auto answer = read();
  if (answer.type == packet_type::connack && !answer.session_present)
    unreleased_.clear();
  return answer;
}

void messaging_client::disconnect(reason_code code) {
  send(mqtt::disconnect{code, {}});
  close();
}

void messaging_client::close() {
  socket_.close();
  socket_ = {};
  input_.clear();
}

std::optional<reason_code> messaging_client::wait_closed() {
  std::optional<reason_code> code;
  try {
    while (true) {
      auto packet = read();
      if (packet.type == packet_type::disconnect)
        code = packet.code;
      else if (packet.type == packet_type::publish)
        messages_.push_back(std::move(packet));
    }
  } catch (const connection_lost&) {
    close();
    return code;
  }
}

// -- requests ----------------------------------------------------------------

reason_code messaging_client::subscribe(std::string_view topic_filter,
                                        mqtt::subscription_options options,
                                        std::uint32_t subscription_id) {
  std::string coded;
  if (subscription_id != 0)
    mqtt::property_writer{coded}.integer(
      mqtt::property_id::subscription_identifier, subscription_id);
  send(mqtt::subscribe{next_id(), subscription_id, mqtt::property_view{coded},
                       {{topic_filter, options}}});
  return expect(packet_type::suback).code;
}

reason_code messaging_client::unsubscribe(std::string_view topic_filter) {
  send(mqtt::unsubscribe{next_id(), {}, {topic_filter}});
  return expect(packet_type::unsuback).code;
}

reason_code messaging_client::publish(std::string_view topic_name,
                                      std::string_view payload,
                                      mqtt::qos quality, bool retain) {
  mqtt::publish packet;
  packet.retain = retain;
  packet.quality = quality;
  packet.topic_name = topic_name;
  packet.payload = payload;
  if (quality == mqtt::qos::at_most_once) {
    send(packet);
    return reason_code::success;
  }
  packet.id = next_id();
  send(packet);
  if (quality == mqtt::qos::at_least_once)
    return expect(packet_type::puback).code;
  const auto code = expect(packet_type::pubrec).code;
  if (!mqtt::is_error(code)) {
    send(mqtt::pubrel{{packet.id, {}, {}}});
    expect(packet_type::pubcomp);
  }
  return code;
}

void messaging_client::ping() {
  send(mqtt::pingreq{});
  while (true) {
    auto packet = read();
    if (packet.type == packet_type::pingresp)
      return;
    if (!absorb(packet))
      throw connection_lost{"unexpected "
                            + std::string{to_string(packet.type)}};
  }
}

// -- messages ----------------------------------------------------------------

received_packet messaging_client::next() {
  auto packet = next_within(patience);
  if (!packet)
    throw connection_lost{"no message came"};
  return std::move(*packet);
}

std::optional<received_packet>
messaging_client::next_within(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (messages_.empty()) {
    if (auto packet = take_packet()) {
      if (!absorb(*packet) && packet->type != packet_type::pingresp)
        throw connection_lost{"unexpected "
                              + std::string{to_string(packet->type)}};
      continue;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !wait_readable(left))
      return std::nullopt;
    fill();
  }
  auto first = std::move(messages_.front());
  messages_.pop_front();
  return first;
}

std::vector<std::string> messaging_client::until(std::string_view marker) {
  std::vector<std::string> payloads;
  for (auto packet = next(); packet.payload != marker; packet = next())
    payloads.push_back(std::move(packet.payload));
  return payloads;
}

std::vector<std::string> messaging_client::take_messages() {
  std::vector<std::string> payloads;
  for (auto& packet : std::exchange(messages_, {}))
    payloads.push_back(std::move(packet.payload));
  return payloads;
}

bool messaging_client::absorb(received_packet& packet) {
  if (packet.type == packet_type::pubrel) {
    unreleased_.erase(packet.id);
    if (acknowledges_)
      send(mqtt::pubcomp{{packet.id, {}, {}}});
    return true;
  }
  if (packet.type != packet_type::publish)
    return false;
  on_publish(std::move(packet));
  return true;
}

void messaging_client::on_publish(received_packet packet) {
  const auto id = packet.id;
  const auto quality = packet.quality;
  const bool is_new = quality != mqtt::qos::exactly_once
                      || unreleased_.insert(id).second;
  if (is_new)
    messages_.push_back(std::move(packet));
  if (!acknowledges_)
    return;
  if (quality == mqtt::qos::at_least_once)
    send(mqtt::puback{{id, {}, {}}});
  if (quality == mqtt::qos::exactly_once)
    send(mqtt::pubrec{{id, {}, {}}});
}

// -- packets -----------------------------------------------------------------

void messaging_client::send(const mqtt::control_packet& packet) {
  std::string bytes;
  mqtt::encode(packet, version_, bytes);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto sent
      = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      throw connection_lost{"cannot send"};
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

received_packet messaging_client::expect(packet_type type) {
  while (true) {
    auto packet = read();
    if (packet.type == type)
      return packet;
    if (!absorb(packet) && packet.type != packet_type::pingresp)
      throw connection_lost{"unexpected "
                            + std::string{to_string(packet.type)}};
  }
}

mqtt::packet_id messaging_client::next_id() noexcept {
  last_id_ = static_cast<mqtt::packet_id>(last_id_ % 65'535 + 1);
  return last_id_;
}

received_packet messaging_client::read() {
  while (true) {
    if (auto packet = take_packet())
      return std::move(*packet);
    if (!wait_readable(patience))
      throw connection_lost{"no answer came"};
    fill();
  }
}

std::optional<received_packet> messaging_client::take_packet() {
  const auto frame = mqtt::next_frame(input_, mqtt::remaining_length_max);
  if (!frame)
    throw connection_lost{"malformed"};
  if (!*frame)
    return std::nullopt;
  const auto decoded = mqtt::decode(**frame, version_);
  if (!decoded)
    throw connection_lost{"malformed"};
  received_packet packet;
  packet.type = (*frame)->type;
  std::visit(packet_reader{packet}, *decoded);
  input_.erase(0, (*frame)->size);
  return packet;
}

bool messaging_client::wait_readable(std::chrono::milliseconds time) {
  pollfd what{socket_.get(), POLLIN, 0};
  return ::poll(&what, 1, static_cast<int>(time.count())) > 0;
}

void messaging_client::fill() {
  std::array<char, 16'384> part{};
  const auto size = ::recv(socket_.get(), part.data(), part.size(), 0);
  if (size <= 0)
    throw connection_lost{"closed"};
  input_.append(part.data(), static_cast<std::size_t>(size));
}

} // namespace hetzel::test
