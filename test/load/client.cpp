#include "test/load/client.hpp"

#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hetzel::test::load {

namespace {

// Longer than any run: the tool sends no PINGREQ for keep alive's sake.
constexpr std::chrono::seconds keep_alive{18 * 3600};

} // namespace

client::client(event_loop& loop, client_settings settings,
               client_events& events)
  : loop_(loop), settings_(std::move(settings)), events_(events) {}

client::~client() {
  release();
}

void client::open(const endpoint& server) {
  opened_ns_ = nanoseconds_of(std::chrono::steady_clock::now());
  descriptor_ = open_connection(server);
  if (descriptor_ < 0)
    return fail(std::strerror(errno));
  if (settings_.over_websocket)
    websocket_ = std::make_unique<websocket_codec>();
  append_connect();
  watches_writable_ = true;
  loop_.watch(descriptor_, *this, EPOLLIN | EPOLLOUT);
}

void client::append_connect() {
  std::string properties;
  mqtt::property_writer writer{properties};
  if (settings_.session_expiry_seconds != 0)
    writer.integer(mqtt::property_id::session_expiry_interval,
                   settings_.session_expiry_seconds);
  mqtt::connect packet;
  packet.version = settings_.version;
  packet.clean_start = settings_.clean_start;
  packet.keep_alive = keep_alive;
  packet.client_id = settings_.client_id;
  if (!settings_.user.empty())
    packet.user_name = settings_.user;
  if (!settings_.password.empty())
    packet.password = settings_.password;
  packet.properties = mqtt::property_view{properties};
  mqtt::encode(packet, output_);
}

void client::close() {
  if (is_connected_) {
    mqtt::encode(mqtt::disconnect{}, settings_.version, output_);
    flush();
  }
  release();
}

void client::subscribe(mqtt::bytes_view topic_filter, mqtt::qos quality) {
  mqtt::subscribe packet;
  packet.id = 1;
  packet.entries.push_back({topic_filter, {.quality = quality}});
  mqtt::encode(packet, settings_.version, output_);
  flush_later();
}

void client::ping() {
  mqtt::encode_pingreq(output_);
  flush_later();
}

void client::on_event(std::uint32_t events) {
  if (descriptor_ < 0)
    return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    return fail(error != 0 ? std::strerror(error) : "closed");
  }
  if ((events & EPOLLOUT) != 0)
    flush();
  if ((events & EPOLLIN) != 0 && descriptor_ >= 0)
    read();
}

void client::read() {
  const auto buffer = loop_.read_buffer();
  const auto kept = partial_.size();
  std::memcpy(buffer.data(), partial_.data(), kept);
  const auto count
    = ::recv(descriptor_, buffer.data() + kept, buffer.size() - kept, 0);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR)
      fail(std::strerror(errno));
    return;
  }
  if (count == 0)
    return fail("closed by the server");
  received_ns_ = nanoseconds_of(std::chrono::steady_clock::now());
  auto size = static_cast<std::size_t>(count);
  if (websocket_) {
    const auto was_open = websocket_->is_open();
    const auto packets = websocket_->unwrap(buffer.data() + kept, size);
    if (!packets)
      return fail("the server ended the WebSocket");
    size = *packets;
    if (!was_open)
      flush_later();
  }
  mqtt::bytes_view rest{buffer.data(), kept + size};
  if (!dispatch_all(rest))
    return;
  if (rest.size() == buffer.size())
    return fail("a packet larger than any this run can cause");
  partial_.assign(rest);
  events_.on_batch_end(*this);
}

bool client::dispatch_all(mqtt::bytes_view& rest) {
  scanned_packet packet;
  for (;;) {
    const auto result = scan_packet(rest, packet);
    if (result == scan_result::incomplete)
      return true;
    if (result == scan_result::malformed) {
      fail("malformed Remaining Length");
      return false;
    }
    if (!dispatch(packet))
      return false;
  }
}

bool client::dispatch(const scanned_packet& packet) {
  const auto type = packet.type();
  if (type == mqtt::packet_type::publish)
    return on_publish_packet(packet);
  if (type >= mqtt::packet_type::puback && type <= mqtt::packet_type::pubcomp)
    return on_reply_packet(packet);
  return on_other_packet(packet);
}

bool client::on_publish_packet(const scanned_packet& packet) {
  scanned_publish publish;
  if (!scan_publish(packet, settings_.version, publish)) {
    fail("malformed PUBLISH");
    return false;
  }
  if (publish.quality != mqtt::qos::at_most_once)
    append_reply(publish.quality == mqtt::qos::at_least_once
                   ? mqtt::packet_type::puback
                   : mqtt::packet_type::pubrec,
                 publish.id);
  events_.on_publish(*this, publish);
  return descriptor_ >= 0;
}

bool client::on_reply_packet(const scanned_packet& packet) {
  if (packet.body.size() < 2) {
    fail("malformed acknowledgement");
    return false;
  }
  const auto id = scan_two_bytes(packet.body, 0);
  const auto refused = packet.body.size() > 2
                       && (static_cast<unsigned char>(packet.body[2]) & 0x80);
  if (packet.type() == mqtt::packet_type::pubrel)
    append_reply(mqtt::packet_type::pubcomp, id);
  else if (packet.type() == mqtt::packet_type::pubrec && !refused)
    append_reply(mqtt::packet_type::pubrel, id);
  else
    events_.on_acknowledged(*this, id, refused);
  return descriptor_ >= 0;
}

bool client::on_other_packet(const scanned_packet& packet) {
  const auto framed = mqtt::next_frame(packet.whole, packet.whole.size());
  if (!framed || !*framed) {
    fail("malformed packet");
    return false;
  }
  const auto decoded = mqtt::decode(**framed, settings_.version);
  if (!decoded) {
    fail("malformed " + std::string{to_string(packet.type())});
    return false;
  }
  if (const auto* const connack = std::get_if<mqtt::connack>(&*decoded)) {
    if (mqtt::is_error(connack->code)) {
      fail("refused: " + std::string{to_string(connack->code)});
      return false;
    }
    is_connected_ = true;
    events_.on_connected(*this, *connack);
  } else if (const auto* const suback = std::get_if<mqtt::suback>(&*decoded)) {
    if (suback->codes.empty() || mqtt::is_error(suback->codes.front())) {
      fail("subscription refused");
      return false;
    }
    events_.on_subscribed(*this);
  } else if (std::holds_alternative<mqtt::pingresp>(*decoded)) {
    events_.on_pong(*this);
  } else if (const auto* const bye = std::get_if<mqtt::disconnect>(&*decoded)) {
    fail("disconnected: " + std::string{to_string(bye->code)});
    return false;
  }
  return descriptor_ >= 0;
}

void client::append_reply(mqtt::packet_type type, mqtt::packet_id id) {
  // PUBREL has the reserved flags 0010.
  const auto flags = type == mqtt::packet_type::pubrel ? 2 : 0;
  const char bytes[]
    = {static_cast<char>((static_cast<int>(type) << 4) | flags), 2,
       static_cast<char>(id >> 8), static_cast<char>(id & 0xFF)};
  output_.append(bytes, sizeof bytes);
  flush_later();
}

void client::flush() {
  if (descriptor_ < 0)
    return;
  auto& bytes = wire();
  while (written_ < bytes.size()) {
    const auto count = ::send(descriptor_, bytes.data() + written_,
                              bytes.size() - written_, MSG_NOSIGNAL);
    if (count >= 0) {
      written_ += static_cast<std::size_t>(count);
      continue;
    }
    // A lost connection shows when it is read.
    if (errno != EINTR)
      return watch_writable(errno == EAGAIN);
  }
  bytes.clear();
  written_ = 0;
  if (!watches_writable_)
    return;
  watch_writable(false);
  events_.on_drained(*this);
}

std::string& client::wire() {
  if (!websocket_)
    return output_;
  websocket_->wrap(output_);
  return websocket_->wire();
}

void client::watch_writable(bool wanted) {
  if (watches_writable_ == wanted)
    return;
  watches_writable_ = wanted;
  loop_.change(descriptor_, *this, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void client::release() noexcept {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
  is_connected_ = false;
  watches_writable_ = false;
  partial_.clear();
  output_.clear();
  websocket_.reset();
  written_ = 0;
}

void client::fail(const std::string& reason) {
  release();
  loop_counters::add(loop_.counters().failures, 1);
  events_.on_failed(*this, reason);
}

} // namespace hetzel::test::load
