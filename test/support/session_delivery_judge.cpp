#include "test/support/session_delivery_judge.hpp"

#include "protocol/property_writer.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace hetzel::test {

using namespace mqtt;

void delivery_judge::attach(const session_terms& terms, bool session_present) {
  on_end();
  terms_ = terms;
  if (!session_present)
    open_.clear();
  for (auto& open : open_) {
    open.is_resumed = true;
    open.is_counted = false;
  }
}

// -- what goes in -----------------------------------------------------------

void delivery_judge::on_offered(const delivery& item) {
  require(!offered_, "the last delivery was neither sent nor dropped");
  offered_ = item;
}

void delivery_judge::on_puback(packet_id id) {
  auto* open = find(id);
  if (open != nullptr && open->awaits == step::puback)
    close(*open);
}

void delivery_judge::on_pubrec(packet_id id, reason_code code) {
  auto* open = find(id);
  auto is_known = open != nullptr && open->awaits != step::puback;
  if (is_error(code)) {
    if (is_known)
      close(*open);
    return;
  }
  if (is_known)
    open->awaits = step::pubcomp;
  auto answer = is_known || !terms_.is_v5()
                  ? reason_code::success
                  : reason_code::packet_identifier_not_found;
  due_pubrel_ = pubrel{{id, answer, {}}};
}

void delivery_judge::on_pubcomp(packet_id id) {
  auto* open = find(id);
  if (open != nullptr && open->awaits == step::pubcomp)
    close(*open);
}

// -- what comes out ---------------------------------------------------------

void delivery_judge::on_publish(const publish& packet, time_point now) {
  if (packet.quality == qos::at_most_once)
    return on_new_publish(packet, now);
  auto* open = find(packet.id);
  if (open == nullptr)
    return on_new_publish(packet, now);
  require(packet.dup, "a packet id in use is given to another PUBLISH");
  require(open->awaits != step::pubcomp, "PUBLISH again after PUBREC");
  require_same(open->item, packet, now);
  on_repeated(*open, true);
}

void delivery_judge::on_new_publish(const publish& packet, time_point now) {
  require(offered_.has_value(), "PUBLISH of a message nobody delivered");
  require(!packet.dup, "a first PUBLISH has DUP");
  auto item = *std::exchange(offered_, std::nullopt);
  require_same(item, packet, now);
  if (packet.quality == qos::at_most_once)
    return;
  require(is_window_open(), "PUBLISH beyond the window, or before older ones");
  auto awaits = packet.quality == qos::at_least_once ? step::puback
                                                     : step::pubrec;
  open_.push_back({std::move(item), packet.id, awaits, false, true});
}

void delivery_judge::on_pubrel(const pubrel& packet) {
  if (due_pubrel_ && due_pubrel_->id == packet.id) {
    require(due_pubrel_->code == packet.code, "PUBREL has another code");
    due_pubrel_.reset();
    return;
  }
  auto* open = find(packet.id);
  require(open != nullptr && open->awaits == step::pubcomp,
          "PUBREL without PUBREC");
  on_repeated(*open, false);
}

// On a new connection in the order of the first sending, within the window;
// later on only 3.x may send again.
void delivery_judge::on_repeated(exchange& open, bool is_publish) {
  if (!open.is_resumed)
    return require(!terms_.is_v5(), "5.0 sends again on a live connection");
  for (auto& older : open_) {
    if (&older == &open)
      break;
    require(!older.is_resumed, "an older message has to come again first");
  }
  open.is_resumed = false;
  if (!is_publish)
    return;
  require(counted() < terms_.window, "more sent again than the window takes");
  open.is_counted = true;
}

void delivery_judge::on_settled(const delivery& item) {
  require(due_settled_ && due_settled_->message.get() == item.message.get(),
          "a delivery is settled that the client did not acknowledge");
  due_settled_.reset();
}

void delivery_judge::on_dropped(const delivery& item) {
  if (offered_ && offered_->message.get() == item.message.get()) {
    offered_.reset();
    return;
  }
  auto found
    = std::find_if(open_.begin(), open_.end(), [&](const exchange& open) {
        return open.item.message.get() == item.message.get();
      });
  require(found != open_.end() && found->is_resumed,
          "a delivery is dropped that was sent");
  open_.erase(found);
}

void delivery_judge::on_done() const {
  require(!offered_, "a delivery was neither sent nor dropped");
  require(!due_settled_, "an acknowledgement settled nothing");
  require(!due_pubrel_, "PUBREC was not answered");
  auto waiting = std::count_if(
    open_.begin(), open_.end(),
    [](const exchange& open) { return open.is_resumed; });
  require(waiting == 0
            || open_.size() - static_cast<std::size_t>(waiting)
                 >= terms_.window,
          "what should come again does not, though there is room");
}

void delivery_judge::on_end() {
  offered_.reset();
  due_settled_.reset();
  due_pubrel_.reset();
}

// -- what there is ----------------------------------------------------------

bool delivery_judge::is_window_open() const noexcept {
  return open_.size() < terms_.window
         && std::none_of(open_.begin(), open_.end(),
                         [](const exchange& open) { return open.is_resumed; });
}

delivery_judge::exchange* delivery_judge::find(packet_id id) {
  auto found
    = std::find_if(open_.begin(), open_.end(),
                   [id](const exchange& open) { return open.id == id; });
  return found == open_.end() ? nullptr : &*found;
}

std::size_t delivery_judge::counted() const {
  return static_cast<std::size_t>(
    std::count_if(open_.begin(), open_.end(),
                  [](const exchange& open) { return open.is_counted; }));
}

void delivery_judge::close(exchange& open) {
  due_settled_ = std::move(open.item);
  open_.erase(open_.begin() + (&open - open_.data()));
}

// -- the content of a PUBLISH -----------------------------------------------

namespace {

std::optional<std::chrono::seconds> seconds_left(const message& sent,
                                                 time_point now) {
  auto expires_at = sent.expires_at();
  if (!expires_at)
    return std::nullopt;
  return std::max(std::chrono::seconds{0},
                  std::chrono::ceil<std::chrono::seconds>(*expires_at - now));
}

std::vector<std::uint32_t> ids_in(property_view properties) {
  std::vector<std::uint32_t> ids;
  properties.for_each([&](const property& one) {
    if (one.id == property_id::subscription_identifier)
      ids.push_back(one.integer);
  });
  return ids;
}

std::string without_own_properties(property_view properties) {
  std::string rest;
  property_writer{rest}.copy(properties,
                             {property_id::topic_alias,
                              property_id::message_expiry_interval,
                              property_id::subscription_identifier});
  return rest;
}

} // namespace

void delivery_judge::require_same(const delivery& item, const publish& packet,
                                  time_point now) const {
  const auto& sent = *item.message;
  require(packet.quality == item.quality && packet.retain == item.retain,
          "QoS or RETAIN is not what was delivered");
  require(packet.topic_name == sent.topic_name(), "another topic name");
  require(packet.payload == sent.payload(), "another payload");
  if (!terms_.is_v5())
    return;
  require(packet.expiry_interval == seconds_left(sent, now),
          "the expiry interval is not what is left of it");
  require(ids_in(packet.properties)
            == (item.ids ? *item.ids : std::vector<std::uint32_t>{}),
          "other Subscription Identifiers");
  require(without_own_properties(packet.properties)
            == sent.properties().bytes(),
          "other properties");
}

} // namespace hetzel::test
