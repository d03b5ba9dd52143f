#include "protocol/encoder.hpp"
#include "protocol/reason_code_rules.hpp"
#include "protocol/session/session_expiry.hpp"
#include "protocol/session/session_output.hpp"
#include "protocol/topic.hpp"

#include <variant>
#include <vector>

namespace hetzel::mqtt {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

template <class Packet>
reason_code code_of(const Packet& packet) noexcept {
  if constexpr (requires { packet.code; })
    return packet.code;
  else
    return reason_code::success;
}

} // namespace

void session::on_request(const frame& packet) {
  auto decoded = decode(packet, version_);
  if (!decoded) // a second CONNECT, whatever it says [MQTT-3.1.0-2]
    return fail(packet.type == packet_type::connect
                  ? reason_code::protocol_error
                  : decoded.error(),
                to_string(packet.type));
  auto code = std::visit([](const auto& p) { return code_of(p); }, *decoded);
  sink_.count_packet(packet.type, code, false);
  std::visit(
    overloaded{
      [this](subscribe& request) { on_subscribe(request); },
      [this](const unsubscribe& request) { on_unsubscribe(request); },
      [this](const pingreq&) { on_pingreq(); },
      [this](const disconnect& goodbye) { on_disconnect(goodbye); },
      [this](const auth& step) { on_auth(step); },
      // A second CONNECT [MQTT-3.1.0-2] and what only servers send.
      [this, &packet](const auto&) {
        fail(reason_code::protocol_error, to_string(packet.type));
      },
    },
    *decoded);
}

void session::on_subscribe(subscribe& packet) {
  std::vector<reason_code> codes;
  codes.reserve(packet.entries.size());
  for (auto& [topic_filter, options] : packet.entries) {
    auto parsed = parse_topic_filter(topic_filter, topics_);
    if (!parsed) {
      codes.push_back(parsed.error());
      continue;
    }
    auto is_shared = !parsed->share_group.empty();
    if (is_shared && options.no_local)
      return fail(reason_code::protocol_error,
                  "No Local on a shared subscription"); // [MQTT-3.8.3-4]
    if (is_bridge_) {
      options.retain_as_published = true;
      options.no_local = !is_shared;
    }
    codes.push_back(static_cast<reason_code>(options.quality));
  }
  awaits_ = reply::suback;
  sink_.on_subscribe(packet, codes);
}

void session::on_unsubscribe(const unsubscribe& packet) {
  awaits_ = reply::unsuback;
  sink_.on_unsubscribe(packet);
}

void session::on_pingreq() {
  send(packet_type::pingresp, reason_code::success,
       [](std::string& out) { encode_pingresp(out); });
}

void session::on_disconnect(const disconnect& packet) {
  session_end end;
  end.code = packet.code;
  end.will_discarded = packet.code == reason_code::success;
  auto asked = packet.properties.integer(property_id::session_expiry_interval);
  if (asked) {
    if (*asked != 0 && is_expiry_fixed_)
      return fail(reason_code::protocol_error,
                  "Session Expiry Interval was zero in CONNECT");
    end.session_expiry
      = cap_session_expiry(decode_session_expiry(*asked), session_expiry_max_);
  }
  finish(end);
}

void session::on_auth(const auth& packet) {
  if (!auth_)
    return fail(reason_code::protocol_error,
                "CONNECT had no Authentication Method"); // [MQTT-4.12.0-7]
  const auto step = auth_->on_auth(packet);
  if (step.is_pending)
    awaits_ = reply::auth;
  else
    on_auth_step(step);
}

void session::on_auth_step(const auth_step& step) {
  if (has_ended_)
    return;
  awaits_ = reply::none;
  auth_->on_step(step);
  if (is_error(step.code))
    return fail(is_allowed_in(packet_type::disconnect, step.code)
                  ? step.code
                  : reason_code::not_authorized,
                "re-authentication failed");
  auto is_sent = send(packet_type::auth, step.code, [&](std::string& out) {
    write_auth(auth_->method(), step, out);
  });
  // Without it the client would wait for ever.
  if (!is_sent)
    fail(reason_code::packet_too_large, "AUTH is larger than you take");
}

} // namespace hetzel::mqtt
