#include "test/support/session_fixture.hpp"

#include "test/support/hex.hpp"
#include "test/support/packet_text.hpp"

#include <stdexcept>

namespace hetzel::test {

using namespace mqtt;

// -- session_log ------------------------------------------------------------

namespace {

std::string text(bytes_view bytes) { return std::string{bytes}; }

std::string text_of(const delivery& item) {
  return text(item.message->payload()) + " qos "
         + std::to_string(static_cast<int>(item.quality));
}

} // namespace

void session_log::on_publish(const publish& packet) {
  auto line = "publish " + text(packet.topic_name) + " "
              + text(packet.payload) + " qos "
              + std::to_string(static_cast<int>(packet.quality));
  if (packet.retain)
    line += " retain";
  if (packet.expiry_interval)
    line += " expiry " + std::to_string(packet.expiry_interval->count());
  if (packet.topic_alias != 0)
    line += " alias";
  if (!packet.properties.empty())
    line += " " + to_text(packet.properties);
  lines.push_back(std::move(line));
  if (publish_answer && packet.quality != qos::at_most_once)
    core->complete_publish(packet.id, packet.quality, *publish_answer);
}

void session_log::on_subscribe(const subscribe& packet,
                               std::span<const reason_code> codes) {
  auto line = "subscribe " + std::to_string(packet.subscription_id);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto& [topic_filter, options] = packet.entries[i];
    line += " " + text(topic_filter) + "="
            + std::to_string(static_cast<int>(codes[i]));
    line += options.no_local ? " no_local" : "";
    line += options.retain_as_published ? " as_published" : "";
  }
  lines.push_back(std::move(line));
  if (answers_requests)
    core->complete_subscribe(packet.id, codes);
}

void session_log::on_unsubscribe(const unsubscribe& packet) {
  std::string line = "unsubscribe";
  for (auto topic_filter : packet.topic_filters)
    line += " " + text(topic_filter);
  lines.push_back(std::move(line));
  std::vector<reason_code> codes(packet.topic_filters.size());
  if (answers_requests)
    core->complete_unsubscribe(packet.id, codes);
}

void session_log::on_settled(const delivery& done) {
  lines.push_back("settled " + text_of(done));
}

void session_log::on_dropped(const delivery& dropped, session_event why) {
  lines.push_back("dropped " + text_of(dropped)
                  + (why == session_event::publish_expired ? " expired"
                                                           : " too large"));
}

void session_log::on_end(const session_end& reached) {
  if (end)
    throw std::logic_error("on_end twice");
  end = reached;
  lines.push_back("end " + text(to_string(reached.code))
                  + (reached.will_discarded ? " will discarded" : ""));
}

void session_log::count_packet(packet_type type, reason_code code,
                               bool sent) {
  packets.push_back((sent ? "sent " : "") + text(to_string(type)) + " "
                    + text(to_string(code)));
}

// -- session_fixture --------------------------------------------------------

std::string session_fixture::connect(protocol_version version,
                                     std::string_view properties,
                                     bool session_present) {
  mqtt::connect packet;
  packet.version = version;
  packet.client_id = "client";
  packet.properties = property_view{properties};
  return connect(packet, session_present);
}

std::string session_fixture::connect(const mqtt::connect& packet,
                                     bool session_present) {
  if (core_)
    core_->on_transport_closed();
  std::string bytes;
  encode(packet, bytes);
  open_door door;
  handshake arriving{limits, door, methods};
  bytes_view buffer = bytes;
  if (arriving.on_bytes(buffer) != handshake::status::admitted)
    throw std::logic_error("CONNECT was refused");
  version_ = packet.version;
  log.end.reset();
  unread_.clear();
  auto request = arriving.take_request();
  core_ = std::make_unique<session>(limits, *request, state, log, methods);
  log.core = core_.get();
  core_->start(session_present, now_);
  return sent();
}

void session_fixture::receive(std::string_view notation) {
  receive_bytes(hex(notation));
}

void session_fixture::receive_bytes(std::string_view bytes) {
  unread_ += bytes;
  bytes_view buffer = unread_;
  core_->on_bytes(buffer, now_);
  unread_ = std::string{buffer};
}

void session_fixture::receive_publish(packet_id id, qos quality,
                                      std::string_view topic_name,
                                      std::string_view payload) {
  publish packet;
  packet.id = id;
  packet.quality = quality;
  packet.topic_name = topic_name;
  packet.payload = payload;
  std::string bytes;
  encode(packet, version_, bytes);
  receive_bytes(bytes);
}

std::string session_fixture::sent() {
  std::string bytes;
  bytes_view parts[4];
  auto& output = core_->output();
  while (!output.empty()) {
    auto used = output.gather(parts);
    std::size_t count = 0;
    for (std::size_t i = 0; i < used; ++i) {
      bytes += parts[i];
      count += parts[i].size();
    }
    output.consume(count);
  }
  return to_hex(bytes);
}

std::string session_fixture::events() {
  std::string all;
  for (const auto& line : log.lines)
    all += (all.empty() ? "" : "\n") + line;
  log.lines.clear();
  return all;
}

void session_fixture::deliver(std::string_view payload, qos quality) {
  deliver(make_delivery(payload, quality));
}

void session_fixture::deliver(delivery item) {
  core_->deliver(std::move(item), now_);
}

double session_fixture::run_timer() {
  auto next = core_->on_timer(now_);
  return next ? std::chrono::duration<double>(*next - now_).count() : -1;
}

connected_client::connected_client(protocol_version version,
                                   std::string_view properties,
                                   const session_limits& granted) {
  limits = granted;
  connect(version, hex(properties));
}

delivery make_delivery(std::string_view payload, qos quality,
                       message_fields fields) {
  if (fields.topic_name.empty())
    fields.topic_name = "t";
  fields.payload = payload;
  fields.quality = quality;
  return {message::make(fields), {}, 0, quality, false};
}

} // namespace hetzel::test
