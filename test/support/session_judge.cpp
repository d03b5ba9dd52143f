#include "test/support/session_judge.hpp"

#include "protocol/session/limits.hpp"
#include "protocol/variable_byte_integer.hpp"

#include <utility>
#include <variant>

namespace hetzel::test {

using namespace mqtt;

void session_judge::on_connection(const session_terms& terms,
                                  bool session_present) {
  terms_ = terms;
  deliveries_.attach(terms, session_present);
  publishes_.attach(terms, session_present);
  aliases_.clear();
  has_connack_ = false;
  has_said_goodbye_ = false;
  has_ended_ = false;
  must_end_ = false;
  is_pingresp_due_ = false;
  is_auth_due_ = false;
  request_.reset();
  due_reply_.reset();
}

// -- what goes in -----------------------------------------------------------

void session_judge::on_client_packet(const frame& packet) {
  require(!request_, "a packet is handled before SUBSCRIBE was answered");
  require(!must_end_, "a packet is handled after the client's last one");
  // A faulty packet is told of after the DISCONNECT that it led to.
  if (has_said_goodbye_)
    return;
  on_done();
  auto decoded = decode(packet, terms_.version);
  if (!decoded) {
    must_end_ = true;
    return;
  }
  std::visit([this](const auto& one) { on_packet(one); }, *decoded);
}

void session_judge::on_packet(const subscribe&) {
  request_ = packet_type::suback;
}

void session_judge::on_packet(const unsubscribe&) {
  request_ = packet_type::unsuback;
}

// One that is larger than the client takes ends the connection.
void session_judge::on_request_completed(packet_id id, std::size_t codes) {
  require(request_.has_value(), "the test answers what nobody asked");
  auto type = *std::exchange(request_, std::nullopt);
  auto has_codes = type == packet_type::suback || terms_.is_v5();
  auto length = (terms_.is_v5() ? 3 : 2) + (has_codes ? codes : 0);
  auto size = 1 + variable_byte_integer_size(length) + length;
  if (size > terms_.packet_size_max)
    must_end_ = true;
  else
    due_reply_ = expected_reply{type, id, has_codes ? codes : 0};
}

// -- what comes out ---------------------------------------------------------

void session_judge::on_output(bytes_view bytes, time_point now) {
  now_ = now;
  while (!bytes.empty()) {
    require(!has_ended_, "bytes after the end");
    require(!has_said_goodbye_, "a packet after DISCONNECT");
    auto packet = next_frame(bytes, packet_size_limit);
    require(packet && *packet, "the server sends no whole packet");
    require((*packet)->size <= terms_.packet_size_max,
            "a packet is larger than the client takes");
    auto decoded = decode(**packet, terms_.version);
    require(decoded.has_value(), "the server sends a malformed packet");
    require(has_connack_ || (*packet)->type == packet_type::connack,
            "a packet before CONNACK");
    std::visit([this](const auto& one) { on_sent(one); }, *decoded);
    bytes.remove_prefix((*packet)->size);
  }
}

void session_judge::on_sent(const connack& packet) {
  require(!has_connack_, "CONNACK twice");
  has_connack_ = true;
  must_end_ = packet.code != reason_code::success;
}

void session_judge::on_sent(publish packet) {
  auto alias = packet.topic_alias;
  require(alias <= terms_.alias_maximum, "an alias above the maximum");
  if (!packet.topic_name.empty() && alias != 0)
    aliases_[alias] = packet.topic_name;
  if (packet.topic_name.empty()) {
    require(aliases_.count(alias) != 0, "an alias that was not set");
    packet.topic_name = aliases_[alias];
  }
  deliveries_.on_publish(packet, now_);
}

void session_judge::on_sent(const puback& packet) {
  check_reason(packet.properties);
  publishes_.on_answer(packet_type::puback, packet);
}

void session_judge::on_sent(const pubrec& packet) {
  check_reason(packet.properties);
  publishes_.on_answer(packet_type::pubrec, packet);
}

void session_judge::on_sent(const pubcomp& packet) {
  check_reason(packet.properties);
  publishes_.on_answer(packet_type::pubcomp, packet);
}

void session_judge::on_sent(const pubrel& packet) {
  check_reason(packet.properties);
  deliveries_.on_pubrel(packet);
}

void session_judge::on_sent(const suback& packet) {
  check_reason(packet.properties);
  on_reply({packet_type::suback, packet.id, packet.codes.size()});
}

void session_judge::on_sent(const unsuback& packet) {
  check_reason(packet.properties);
  on_reply({packet_type::unsuback, packet.id, packet.codes.size()});
}

void session_judge::on_sent(const pingresp&) {
  require(is_pingresp_due_, "PINGRESP without PINGREQ");
  is_pingresp_due_ = false;
}

void session_judge::on_sent(const disconnect& packet) {
  require(terms_.is_v5(), "3.x servers send no DISCONNECT");
  check_reason(packet.properties);
  has_said_goodbye_ = true;
}

void session_judge::on_sent(const auth& packet) {
  require(is_auth_due_, "AUTH without AUTH");
  check_reason(packet.properties);
  is_auth_due_ = false;
}

void session_judge::on_reply(const expected_reply& sent) {
  require(due_reply_ && due_reply_->type == sent.type
            && due_reply_->id == sent.id && due_reply_->codes == sent.codes,
          "another answer than was due");
  due_reply_.reset();
}

void session_judge::check_reason(property_view properties) const {
  require(terms_.wants_reasons
            || !properties.find(property_id::reason_string),
          "a reason that the client does not want");
}

void session_judge::on_own_end(reason_code code) {
  require(code != reason_code::receive_maximum_exceeded
            || publishes_.must_end(),
          "the client is said to exceed Receive Maximum, and does not");
  on_end();
}

void session_judge::on_end() {
  require(!has_ended_, "the end comes twice");
  has_ended_ = true;
  deliveries_.on_end();
  publishes_.on_end();
}

void session_judge::on_done() const {
  require(has_ended_ || (!must_end_ && !has_said_goodbye_),
          "the connection should have ended");
  if (has_ended_)
    return;
  require(has_connack_, "no CONNACK");
  deliveries_.on_done();
  publishes_.on_done();
  require(!is_pingresp_due_, "PINGREQ was not answered");
  require(!is_auth_due_, "AUTH was not answered");
  require(!due_reply_, "SUBSCRIBE or UNSUBSCRIBE was not answered");
}

} // namespace hetzel::test
