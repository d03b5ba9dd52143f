#include "test/support/session_stage.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hetzel::test {

using namespace mqtt;

namespace {

constexpr std::uint32_t any_count = std::numeric_limits<std::uint16_t>::max();

// MQTT 5, 3.1.2.11; 3.x has no properties.
session_terms agree(const connect& packet, const session_limits& limits) {
  auto asked = [&](property_id id, std::uint32_t otherwise) {
    return packet.properties.integer(id).value_or(otherwise);
  };
  session_terms terms;
  terms.version = packet.version;
  terms.packet_size_max
    = std::min<std::size_t>(limits.packet_size_max,
                            asked(property_id::maximum_packet_size,
                                  packet_size_limit));
  if (packet.version != protocol_version::v5) {
    terms.window = limits.in_flight_max_v3 != 0 ? limits.in_flight_max_v3
                                                : any_count;
    terms.receive_maximum = any_count;
    return terms;
  }
  terms.window = std::min<std::uint32_t>(
    limits.receive_maximum_client,
    asked(property_id::receive_maximum, any_count));
  terms.receive_maximum = limits.receive_maximum_server;
  terms.alias_maximum = static_cast<std::uint16_t>(
    std::min<std::uint32_t>(limits.topic_alias_maximum_out,
                            asked(property_id::topic_alias_maximum, 0)));
  terms.wants_reasons = asked(property_id::request_problem_information, 1) != 0;
  return terms;
}

// What may come out before there is a session.
void judge_greeting(bytes_view bytes) {
  while (!bytes.empty()) {
    auto packet = next_frame(bytes, packet_size_limit);
    require(packet && *packet, "the handshake sends no whole packet");
    auto version = (*packet)->body.size() == 2 ? protocol_version::v3_1_1
                                               : protocol_version::v5;
    auto decoded = decode(**packet, version);
    require(decoded.has_value(), "the handshake sends a malformed packet");
    auto* refusal = std::get_if<connack>(&*decoded);
    require(std::holds_alternative<auth>(*decoded)
              || (refusal != nullptr && is_error(refusal->code)),
            "the handshake sends something else than AUTH and refusals");
    bytes.remove_prefix((*packet)->size);
  }
}

} // namespace

// -- the client -------------------------------------------------------------

void session_stage::receive(std::string_view bytes) {
  if (is_refused_ || (core_ && core_->has_ended()))
    return;
  unread_ += bytes;
  if (!core_)
    greet();
  if (core_)
    run();
}

void session_stage::greet() {
  if (!arriving_)
    arriving_.emplace(limits_, static_cast<admission&>(*this), &methods_);
  bytes_view buffer = unread_;
  auto status = arriving_->on_bytes(buffer);
  auto said = std::exchange(arriving_->output(), {});
  judge_greeting(said);
  output_ += said;
  unread_ = std::string{buffer};
  is_refused_ = status == handshake::status::refused;
  if (status == handshake::status::admitted)
    start(*arriving_->take_request());
}

void session_stage::start(const connect_request& request) {
  auto is_present = has_session_ && !request.packet.clean_start;
  if (!is_present) {
    state_ = session_state{};
    for (auto& routed : routes_)
      routed.is_answerable = false;
  }
  has_session_ = true;
  is_held_ = false;
  judge_.on_connection(agree(request.packet, limits_), is_present);
  core_.emplace(limits_, request, state_, static_cast<session_sink&>(*this),
                &methods_);
  is_inside_ = true;
  core_->start(is_present, now_);
  is_inside_ = false;
  finish_call();
}

std::string session_stage::take_output() { return std::exchange(output_, {}); }

void session_stage::break_transport() {
  if (is_connected())
    core_->on_transport_closed();
  core_.reset();
  arriving_.reset();
  is_refused_ = false;
  unread_.clear();
  output_.clear();
  request_.reset();
  for (auto& routed : routes_)
    if (routed.quality == qos::at_least_once)
      routed.is_answerable = false;
}

void session_stage::run() {
  buffer_ = unread_;
  noted_ = buffer_.data();
  is_inside_ = true;
  core_->on_bytes(buffer_, now_);
  is_inside_ = false;
  require(core_->has_ended() || noted_ == buffer_.data(),
          "a packet was taken and neither counted nor found faulty");
  unread_ = std::string{buffer_};
  buffer_ = {};
  noted_ = nullptr;
  finish_call();
}

// -- the broker -------------------------------------------------------------

bool session_stage::deliver(const delivery& item) {
  auto is_acknowledged = item.quality != qos::at_most_once;
  if (!is_connected() || (is_acknowledged && core_->credit() == 0))
    return false;
  judge_output();
  judge_.on_offered(item);
  core_->deliver(delivery{item}, now_);
  finish_call();
  return true;
}

std::size_t session_stage::routing() const {
  return static_cast<std::size_t>(
    std::count_if(routes_.begin(), routes_.end(), [](const route& routed) {
      return routed.is_answerable && !routed.code;
    }));
}

void session_stage::complete_publish(std::size_t index, reason_code code) {
  auto count = routing();
  if (!is_connected() || count == 0)
    return;
  index %= count;
  for (auto& routed : routes_)
    if (routed.is_answerable && !routed.code && index-- == 0) {
      answer(routed, code);
      return finish_call();
    }
}

void session_stage::answer(route& routed, reason_code code) {
  routed.code = code;
  judge_output();
  judge_.on_publish_completed(routed.id, routed.quality, code);
  core_->complete_publish(routed.id, routed.quality, code, reason);
}

void session_stage::complete_request(reason_code code) {
  if (!is_connected() || !request_)
    return;
  auto asked = *std::exchange(request_, std::nullopt);
  const std::vector<reason_code> codes(asked.entries, code);
  judge_output();
  judge_.on_request_completed(asked.id, asked.entries);
  if (asked.type == packet_type::subscribe)
    core_->complete_subscribe(asked.id, codes, reason);
  else
    core_->complete_unsubscribe(asked.id, codes, reason);
  finish_call();
  if (!is_inside_)
    run();
}

void session_stage::hold(bool on) {
  if (!is_connected())
    return;
  is_held_ = on;
  core_->hold(on);
  run();
}

void session_stage::end(reason_code code) {
  if (!is_connected())
    return;
  is_ending_ = true;
  core_->end(code, reason);
  is_ending_ = false;
  finish_call();
}

void session_stage::advance(duration time) {
  now_ += time;
  if (!is_connected())
    return;
  auto next = core_->on_timer(now_);
  require(!next || *next > now_, "a timer is wanted in the past");
  finish_call();
}

// -- session_sink -----------------------------------------------------------

void session_stage::on_publish(const publish& packet) {
  judge_.on_routed(packet);
  auto is_acknowledged = packet.quality != qos::at_most_once;
  routes_.push_back({std::string{packet.payload}, packet.quality, packet.id,
                     std::nullopt, is_acknowledged});
  if (holds) {
    is_held_ = true;
    core_->hold(true);
  }
  if (delivers_back) {
    message_fields fields;
    fields.topic_name = packet.topic_name;
    fields.payload = packet.payload;
    fields.properties = packet.properties.bytes();
    deliver({message::make(fields), {}, 0, packet.quality, packet.retain});
  }
  if (is_acknowledged && publish_answer)
    answer(routes_.back(), *publish_answer);
}

void session_stage::on_subscribe(const subscribe& packet,
                                 std::span<const reason_code> codes) {
  HETZEL_ASSERT(codes.size() == packet.entries.size());
  ask({packet_type::subscribe, packet.id, packet.entries.size()});
}

void session_stage::on_unsubscribe(const unsubscribe& packet) {
  ask({packet_type::unsubscribe, packet.id, packet.topic_filters.size()});
}

void session_stage::ask(const pending_request& request) {
  request_ = request;
  if (answers_requests)
    complete_request(reason_code::success);
}

void session_stage::on_settled(const delivery& done) {
  judge_.on_settled(done);
}

void session_stage::on_dropped(const delivery& dropped, session_event) {
  judge_.on_dropped(dropped);
}

void session_stage::on_end(const session_end& end) {
  judge_output();
  note_input();
  if (is_ending_)
    judge_.on_end();
  else
    judge_.on_own_end(end.code);
  request_.reset();
}

void session_stage::count(session_event event) {
  if (event == session_event::publish_received)
    note_input();
}

void session_stage::count_packet(packet_type, reason_code, bool sent) {
  if (!sent)
    note_input();
}

std::optional<judgement> session_stage::judge(connect_request& request) {
  return judgement{request.packet.user_name == "nobody"
                     ? reason_code::not_authorized
                     : reason_code::success};
}

// -- the judge --------------------------------------------------------------

// The core has taken a packet: what it did before comes first.
void session_stage::note_input() {
  judge_output();
  if (noted_ == nullptr || buffer_.data() == noted_)
    return;
  bytes_view taken{noted_, static_cast<std::size_t>(buffer_.data() - noted_)};
  require(!is_held_, "a packet is handled while the session is held");
  auto packet = next_frame(taken, packet_size_limit);
  HETZEL_ASSERT(packet && *packet && (*packet)->size == taken.size());
  noted_ = buffer_.data();
  judge_.on_client_packet(**packet);
}

void session_stage::judge_output() {
  auto& out = core_->output();
  std::string bytes;
  bytes_view parts[8];
  while (!out.empty()) {
    auto used = out.gather(parts);
    auto before = bytes.size();
    for (std::size_t i = 0; i < used; ++i)
      bytes += parts[i];
    out.consume(bytes.size() - before);
  }
  judge_.on_output(bytes, now_);
  output_ += bytes;
}

void session_stage::finish_call() {
  judge_output();
  if (is_inside_)
    return;
  judge_.on_done();
  if (core_->has_ended())
    return;
  require((core_->credit() > 0) == judge_.deliveries().is_window_open(),
          "credit is not what the window leaves");
}

} // namespace hetzel::test
