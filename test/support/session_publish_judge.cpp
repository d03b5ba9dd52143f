#include "test/support/session_publish_judge.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace mqtt;

void publish_judge::attach(const session_terms& terms, bool session_present) {
  on_end();
  terms_ = terms;
  qos_1_.clear();
  if (!session_present)
    qos_2_.clear();
  for (auto& [id, known] : qos_2_)
    known.is_counted = false;
}

// -- what goes in -----------------------------------------------------------

void publish_judge::on_publish(const publish& packet) {
  switch (packet.quality) {
  case qos::at_most_once:
    due_route_ = packet;
    return;
  case qos::at_least_once:
    must_end_ = unanswered() >= terms_.receive_maximum;
    if (must_end_)
      return;
    qos_1_.push_back(packet.id);
    due_route_ = packet;
    return;
  case qos::exactly_once:
    return on_qos_2(packet);
  }
}

void publish_judge::on_qos_2(const publish& packet) {
  auto found = qos_2_.find(packet.id);
  auto is_known = found != qos_2_.end();
  if (!is_known || !found->second.is_counted)
    must_end_ = unanswered() >= terms_.receive_maximum;
  if (must_end_)
    return;
  if (!is_known) {
    qos_2_.emplace(packet.id, received{});
    due_route_ = packet;
    is_fresh_ = true;
    return;
  }
  found->second.is_counted = true;
  if (!found->second.is_in_routing)
    due_answer_ = {packet_type::pubrec, packet.id, reason_code::success};
}

void publish_judge::on_pubrel(packet_id id) {
  auto found = qos_2_.find(id);
  if (found == qos_2_.end()) {
    due_answer_ = {packet_type::pubcomp, id,
                   terms_.is_v5() ? reason_code::packet_identifier_not_found
                                  : reason_code::success};
    return;
  }
  must_end_ = found->second.is_in_routing;
  if (must_end_)
    return;
  qos_2_.erase(found);
  due_answer_ = {packet_type::pubcomp, id, reason_code::success};
}

void publish_judge::on_completed(packet_id id, qos quality, reason_code code) {
  auto is_said = terms_.is_v5() || !is_error(code);
  auto said = terms_.is_v5() ? code : reason_code::success;
  if (quality == qos::at_least_once) {
    auto found = std::find(qos_1_.begin(), qos_1_.end(), id);
    require(found != qos_1_.end(), "the test answers what nobody asked");
    qos_1_.erase(found);
    if (is_said)
      due_answer_ = {packet_type::puback, id, said};
    return;
  }
  auto found = qos_2_.find(id);
  if (found == qos_2_.end() || !found->second.is_in_routing)
    return;
  if (found->second.is_counted && is_said)
    due_answer_ = {packet_type::pubrec, id, said};
  if (is_error(code))
    qos_2_.erase(found);
  else
    found->second.is_in_routing = false;
}

// -- what comes out ---------------------------------------------------------

void publish_judge::on_routed(const publish& packet) {
  require(due_route_.has_value(), "a message is routed that was not due");
  require(packet.id == due_route_->id && packet.quality == due_route_->quality
            && packet.retain == due_route_->retain
            && packet.payload == due_route_->payload
            && packet.expiry_interval == due_route_->expiry_interval,
          "another message is routed than was sent");
  require(packet.topic_alias == 0 && !packet.topic_name.empty(),
          "a message is routed without its topic name");
  due_route_.reset();
  is_fresh_ = false;
}

void publish_judge::on_answer(packet_type type, const publish_reply& packet) {
  require(due_answer_ && due_answer_->type == type
            && due_answer_->id == packet.id && due_answer_->code == packet.code,
          "an answer that is not due");
  due_answer_.reset();
}

void publish_judge::on_done() const {
  require(!must_end_, "the client's fault had no consequence");
  require(!due_route_, "a message was not routed");
  require(!due_answer_, "a packet was not answered");
}

// A PUBLISH that ended the connection was not received.
void publish_judge::on_end() {
  if (is_fresh_)
    qos_2_.erase(due_route_->id);
  is_fresh_ = false;
  due_route_.reset();
  due_answer_.reset();
  must_end_ = false;
}

std::size_t publish_judge::unanswered() const {
  auto counted
    = std::count_if(qos_2_.begin(), qos_2_.end(),
                    [](const auto& entry) { return entry.second.is_counted; });
  return qos_1_.size() + static_cast<std::size_t>(counted);
}

} // namespace hetzel::test
