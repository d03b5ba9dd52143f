#include "protocol/session/handshake.hpp"

#include "protocol/encoder.hpp"
#include "protocol/reason_code_rules.hpp"
#include "protocol/session/connect_rules.hpp"
#include "protocol/variable_byte_integer.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::mqtt {

namespace {

bool may_begin_connect(bytes_view buffer) noexcept {
  return static_cast<unsigned char>(buffer.front()) >> 4
         == static_cast<unsigned>(packet_type::connect);
}

// The body of the CONNECT at the front of `buffer`, as far as it is there.
bytes_view body_so_far(bytes_view buffer) noexcept {
  buffer.remove_prefix(1);
  auto length = read_variable_byte_integer(buffer.data(), buffer.size());
  buffer.remove_prefix(std::min(length.size, buffer.size()));
  return buffer;
}

// What 3.x answers by closing the connection (MQTT 3.1.1, 4.8).
bool is_silent_in_v3(reason_code code) noexcept {
  return code == reason_code::malformed_packet
         || code == reason_code::protocol_error
         || code == reason_code::topic_name_invalid
         || code == reason_code::packet_too_large;
}

bool wants_problem_reasons(const connect& packet) {
  return packet.properties.integer(property_id::request_problem_information)
         != 0U;
}

bool accepts(const connect& packet, std::size_t packet_size) {
  auto maximum = packet.properties.integer(property_id::maximum_packet_size);
  return !maximum || packet_size <= *maximum;
}

} // namespace

void write_refusal(const connect& packet, const judgement& said,
                   std::string& out) {
  const auto code = said.code;
  if (packet.version != protocol_version::v5) {
    if (!is_silent_in_v3(code))
      encode(connack{false, code, {}}, packet.version, out);
    return;
  }
  std::string coded;
  if (!said.server_reference.empty())
    property_writer{coded}.value(property_id::server_reference,
                                 said.server_reference);
  if (!said.reason.empty() && wants_problem_reasons(packet))
    property_writer{coded}.value(property_id::reason_string, said.reason);
  std::string answer;
  encode(connack{false, code, property_view{coded}}, packet.version, answer);
  if (!accepts(packet, answer.size())) {
    answer.clear();
    encode(connack{false, code, {}}, packet.version, answer);
  }
  if (accepts(packet, answer.size()))
    out += answer;
}

handshake::handshake(const session_limits& limits, admission& decide,
                     const auth_methods* methods)
  : limits_(limits), decide_(decide), methods_(methods) {}

handshake::status handshake::on_bytes(bytes_view& buffer) {
  auto size_max = std::min(limits_.packet_size_max, limits_.connect_size_max);
  while (!buffer.empty()) {
    // Something else than MQTT need not be read to its end.
    if (!request_ && !may_begin_connect(buffer))
      return close(reason_code::protocol_error); // [MQTT-3.1.0-1]
    auto next = next_frame(buffer, size_max);
    if (!next)
      return on_no_frame(buffer, next.error());
    if (!*next)
      break;
    const auto& packet = **next;
    auto frame_bytes = buffer.substr(0, packet.size);
    buffer.remove_prefix(packet.size);
    auto result
      = request_ ? on_exchange_packet(packet) : on_connect(frame_bytes);
    if (result != status::pending)
      return result;
  }
  return status::pending;
}

// -- CONNECT ----------------------------------------------------------------

handshake::status handshake::on_no_frame(bytes_view buffer, reason_code code) {
  if (request_)
    return refuse(code, {});
  return on_undecoded_connect(body_so_far(buffer), code);
}

handshake::status handshake::on_connect(bytes_view frame_bytes) {
  auto request = std::make_unique<connect_request>();
  request->bytes.assign(frame_bytes);
  auto packet = next_frame(request->bytes, request->bytes.size());
  auto decoded = decode_connect(**packet);
  if (!decoded)
    return on_undecoded_connect((*packet)->body, decoded.error());
  request->packet = *decoded;
  request->client_id = request->packet.client_id;
  request->user_name = request->packet.user_name;
  request_ = std::move(request);
  if (auto fault = check_connect(request_->packet, limits_);
      is_error(fault.code))
    return refuse(fault.code, fault.reason);
  apply_limits(*request_, limits_);
  if (auto known = decide_.user_name()) {
    request_->packet.user_name = request_->replaced.emplace_front(*known);
    request_->user_name = std::move(*known);
  }
  return authenticate();
}

// Nothing but the version is known: the answer takes the form that the client
// understands.
handshake::status handshake::on_undecoded_connect(bytes_view body,
                                                  reason_code code) {
  connect unread;
  switch (sniff_protocol(body)) {
  case spoken_protocol::unknown:
    return close(code);
  case spoken_protocol::v3:
    unread.version = protocol_version::v3_1_1;
    break;
  case spoken_protocol::v5:
    unread.version = protocol_version::v5;
    break;
  }
  write_refusal(unread, {code}, output_);
  return close(code);
}

// -- authentication ---------------------------------------------------------

handshake::status handshake::authenticate() {
  const auto& packet = request_->packet;
  auto method = packet.properties.value(property_id::authentication_method);
  if (packet.client_id.empty()) {
    request_->client_id = decide_.assign_client_id();
    request_->client_id_assigned = true;
  }
  if (!method)
    return judge();
  auth_ = std::make_unique<enhanced_auth>(*method, request_->client_id,
                                          methods_);
  auto data = packet.properties.value(property_id::authentication_data)
                .value_or(bytes_view{});
  return on_auth_step(auth_->begin(data));
}

handshake::status handshake::judge() {
  const auto said = decide_.judge(*request_);
  return said ? on_judged(*said) : status::deciding;
}

handshake::status handshake::on_judged(const judgement& said) {
  if (is_error(said.code))
    return refuse(said.code, said.reason, said.server_reference);
  return status::admitted;
}

// Between a CONNECT with an Authentication Method and CONNACK the client may
// send AUTH and DISCONNECT only [MQTT-3.1.2-30].
handshake::status handshake::on_exchange_packet(const frame& packet) {
  if (packet.type != packet_type::auth
      && packet.type != packet_type::disconnect)
    return refuse(reason_code::protocol_error,
                  "only AUTH may follow before CONNACK");
  auto decoded = decode(packet, protocol_version::v5);
  if (!decoded)
    return refuse(decoded.error(), {});
  if (auto* left = std::get_if<disconnect>(&*decoded))
    return close(left->code);
  return on_auth_step(auth_->on_auth(std::get<auth>(*decoded)));
}

handshake::status handshake::on_auth_step(auth_step step) {
  if (step.is_pending)
    return status::deciding;
  auth_->on_step(step);
  if (is_error(step.code))
    return refuse(step.code, "authentication failed");
  if (step.code == reason_code::continue_authentication)
    return challenge(step);
  request_->auth_method = auth_->method();
  request_->auth_data = std::move(step.data);
  request_->auth_granted = std::move(step.granted);
  auth_.reset();
  return judge();
}

handshake::status handshake::challenge(const auth_step& step) {
  std::string packet;
  write_auth(auth_->method(), step, packet);
  if (!accepts(request_->packet, packet.size())) // [MQTT-3.1.2-24]
    return refuse(reason_code::packet_too_large,
                  "AUTH is larger than you take");
  output_ += packet;
  return status::pending;
}

// -- the end ----------------------------------------------------------------

// Whoever decides about credentials may name a code that CONNACK has not.
handshake::status handshake::refuse(reason_code code, bytes_view reason,
                                    bytes_view server_reference) {
  if (!is_allowed_in(packet_type::connack, code))
    code = reason_code::not_authorized;
  write_refusal(request_->packet,
                {code, std::string{reason}, std::string{server_reference}},
                output_);
  return close(code);
}

handshake::status handshake::close(reason_code code) noexcept {
  reason_ = code;
  return status::refused;
}

} // namespace hetzel::mqtt
