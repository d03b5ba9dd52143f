#include "protocol/session/session.hpp"

#include "protocol/encoder.hpp"
#include "protocol/session/connack_properties.hpp"
#include "protocol/session/session_expiry.hpp"
#include "protocol/session/session_output.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hetzel::mqtt {

namespace {

constexpr auto any_count = std::numeric_limits<std::uint16_t>::max();

bool is_v5(const connect& packet) noexcept {
  return packet.version == protocol_version::v5;
}

std::uint16_t send_window(const session_limits& limits,
                          const connect& packet) noexcept {
  if (!is_v5(packet))
    return limits.in_flight_max_v3 == 0 ? any_count : limits.in_flight_max_v3;
  auto accepted = packet.properties.integer(property_id::receive_maximum)
                    .value_or(any_count);
  return static_cast<std::uint16_t>(
    std::min<std::uint32_t>(accepted, limits.receive_maximum_client));
}

std::size_t client_packet_size_max(const session_limits& limits,
                                   const connect& packet) noexcept {
  auto accepted = packet.properties.integer(property_id::maximum_packet_size);
  auto granted = std::min(limits.packet_size_max, packet_size_limit);
  return accepted ? std::min<std::size_t>(*accepted, granted) : granted;
}

std::unique_ptr<outbound_aliases>
make_outbound_aliases(const session_limits& limits, const connect& packet) {
  auto accepted = packet.properties.integer(property_id::topic_alias_maximum)
                    .value_or(0);
  auto maximum
    = std::min<std::uint32_t>(accepted, limits.topic_alias_maximum_out);
  if (maximum == 0)
    return nullptr;
  return std::make_unique<outbound_aliases>(
    static_cast<std::uint16_t>(maximum));
}

std::unique_ptr<enhanced_auth> make_auth(const connect_request& request,
                                         const auth_methods* methods) {
  if (request.auth_method.empty())
    return nullptr;
  return std::make_unique<enhanced_auth>(request.auth_method,
                                         request.client_id, methods);
}

} // namespace

session::session(const session_limits& limits, const connect_request& request,
                 session_state& state, session_sink& sink,
                 const auth_methods* methods)
  : state_(state),
    sink_(sink),
    keep_alive_(request.keep_alive),
    topics_(limits.topics),
    packet_size_max_(limits.packet_size_max),
    client_packet_size_max_(client_packet_size_max(limits, request.packet)),
    resend_interval_(mqtt::is_v5(request.packet) ? duration::zero()
                                                 : limits.retry_interval),
    session_expiry_max_(limits.session_expiry_max),
    lifetime_max_(limits.connection_lifetime_max),
    send_window_(send_window(limits, request.packet)),
    receive_maximum_(mqtt::is_v5(request.packet)
                       ? limits.receive_maximum_server
                       : any_count),
    version_(request.packet.version),
    is_bridge_(request.packet.is_bridge),
    wants_problem_reasons_(
      mqtt::is_v5(request.packet)
      && request.packet.properties.integer(
           property_id::request_problem_information)
           != 0U),
    is_expiry_fixed_(requested_session_expiry(request.packet) == 0),
    aliases_in_(mqtt::is_v5(request.packet) ? limits.topic_alias_maximum_in
                                            : std::uint16_t{0}),
    aliases_out_(make_outbound_aliases(limits, request.packet)),
    auth_(make_auth(request, methods)),
    connack_properties_(connack_properties(limits, request)) {}

void session::start(bool session_present, time_point now) {
  keep_alive_.on_packet(now);
  if (lifetime_max_)
    lifetime_end_ = now + *lifetime_max_;
  state_.outbound.attach(send_window_);
  state_.inbound.attach(receive_maximum_);
  auto coded = std::exchange(connack_properties_, {});
  connack accepted{session_present, reason_code::success,
                   property_view{coded}};
  auto is_sent
    = send(packet_type::connack, accepted.code, [&](std::string& out) {
        encode(accepted, version_, out);
      });
  if (!is_sent)
    return refuse_start();
  if (state_.outbound.has_backlog())
    resend_backlog(now);
}

// The client takes no packet as large as its CONNACK [MQTT-3.1.2-24]. It may
// take one without properties; DISCONNECT must not come first [MQTT-3.2.0-1].
void session::refuse_start() {
  constexpr auto code = reason_code::packet_too_large;
  send(packet_type::connack, code, [&](std::string& out) {
    encode(connack{false, code, {}}, version_, out);
  });
  session_end refused;
  refused.code = code;
  finish(refused);
}

std::optional<time_point> session::on_timer(time_point now) {
  if (has_ended_)
    return std::nullopt;
  // What it sends is not read meanwhile.
  if (is_paused())
    excuse_silence(now);
  if (keep_alive_.has_expired(now)) {
    sink_.count(session_event::keep_alive_expired);
    fail(reason_code::keep_alive_timeout, {});
    return std::nullopt;
  }
  if (now >= lifetime_end_) {
    sink_.count(session_event::lifetime_ended);
    fail(reason_code::maximum_connect_time, {});
    return std::nullopt;
  }
  auto next = keep_alive_.deadline();
  if (lifetime_max_)
    next = std::min(next.value_or(time_point::max()), lifetime_end_);
  if (auto resend_at = resend_overdue(now))
    next = std::min(next.value_or(time_point::max()), *resend_at);
  deadline_ = next.value_or(time_point::max());
  return next;
}

void session::end(reason_code code, bytes_view reason) {
  if (!has_ended_)
    fail(code, reason);
}

void session::on_transport_closed() {
  if (has_ended_)
    return;
  session_end broken;
  broken.code = reason_code::unspecified_error;
  finish(broken);
}

} // namespace hetzel::mqtt
