#include "protocol/session/session_output.hpp"

#include "protocol/encoder.hpp"
#include "protocol/reason_code_rules.hpp"

namespace hetzel::mqtt {

namespace {

constexpr std::size_t short_reply_size = 4;
constexpr std::size_t coded_reply_size = 5;

// 0x04 is the client's alone (MQTT 5, 3.14.2.1).
bool may_send_in_disconnect(reason_code code) noexcept {
  return code != reason_code::disconnect_with_will_message
         && is_allowed_in(packet_type::disconnect, code);
}

} // namespace

void session::complete_publish(packet_id id, qos quality, reason_code code,
                               bytes_view reason) {
  if (has_ended_)
    return;
  auto is_accepted = !is_error(code);
  auto is_due = true;
  if (quality == qos::exactly_once)
    is_due = state_.inbound.complete_qos_2(id, is_accepted);
  else
    state_.inbound.complete_qos_1();
  if (!is_due || (!is_accepted && !is_v5()))
    return;
  auto type = quality == qos::exactly_once ? packet_type::pubrec
                                           : packet_type::puback;
  send_publish_reply(type, id, code, reason);
}

void session::complete_subscribe(packet_id id,
                                 std::span<const reason_code> codes,
                                 bytes_view reason) {
  if (has_ended_ || awaits_ != reply::suback)
    return;
  awaits_ = reply::none;
  suback answer{id, {}, {codes.begin(), codes.end()}};
  auto is_sent = explain(packet_type::suback, reason_code::success, reason,
                         [&](std::string& out, property_view properties) {
                           answer.properties = properties;
                           encode(answer, version_, out);
                         });
  if (!is_sent)
    fail(reason_code::packet_too_large, "SUBACK is larger than you take");
}

void session::complete_unsubscribe(packet_id id,
                                   std::span<const reason_code> codes,
                                   bytes_view reason) {
  if (has_ended_ || awaits_ != reply::unsuback)
    return;
  awaits_ = reply::none;
  unsuback answer{id, {}, {codes.begin(), codes.end()}};
  auto is_sent = explain(packet_type::unsuback, reason_code::success, reason,
                         [&](std::string& out, property_view properties) {
                           answer.properties = properties;
                           encode(answer, version_, out);
                         });
  if (!is_sent)
    fail(reason_code::packet_too_large, "UNSUBACK is larger than you take");
}

// One for every PUBLISH of QoS 1, so the usual form is written by hand.
void session::send_publish_reply(packet_type type, packet_id id,
                                 reason_code code, bytes_view reason) {
  if (!reason.empty()) {
    explain(type, code, reason,
            [&](std::string& out, property_view properties) {
              encode_reply(type, {id, code, properties}, version_, out);
            });
    return;
  }
  auto has_code = is_v5() && code != reason_code::success;
  auto size = has_code ? coded_reply_size : short_reply_size;
  if (size > client_packet_size_max_)
    return;
  // Bits 3–0 of PUBREL are 2 [MQTT-3.6.1-1].
  auto flags = type == packet_type::pubrel ? 2U : 0U;
  const char bytes[coded_reply_size]
    = {static_cast<char>(static_cast<unsigned>(type) << 4 | flags),
       static_cast<char>(size - 2), static_cast<char>(id >> 8),
       static_cast<char>(id & 0xFF), static_cast<char>(code)};
  output_.tail().append(bytes, size);
  sink_.count_packet(type, code, true);
}

// Every end that is not the client's own wish comes by here.
void session::fail(reason_code code, bytes_view reason) {
  if (is_v5() && may_send_in_disconnect(code))
    explain(packet_type::disconnect, code, reason,
            [&](std::string& out, property_view properties) {
              encode(disconnect{code, properties}, version_, out);
            });
  session_end end;
  end.code = code;
  finish(end);
}

void session::finish(const session_end& end) {
  has_ended_ = true;
  sink_.on_end(end);
}

} // namespace hetzel::mqtt
