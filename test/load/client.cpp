#include "test/load/client.hpp"

#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "test/load/tls_side.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
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
  if (settings_.tls)
    layered_ = settings_.tls->make();
  if (settings_.over_websocket)
    websocket_ = std::make_unique<websocket_codec>();
  append_connect();
  watches_writable_ = true;
  reads_ = true;
  loop_.watch(descriptor_, *this, interest());
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

void client::stop_reading() {
  reads_ = false;
  loop_.change(descriptor_, *this, interest());
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
  const auto kept = layered_ ? 0 : partial_.size();
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
  if (layered_)
    return take_layered({buffer.data(), static_cast<std::size_t>(count)});
  auto size = static_cast<std::size_t>(count);
  if (!unwrap(buffer.data() + kept, size))
    return;
  take({buffer.data(), kept + size}, buffer.size());
}

/// Leaves what the frames of a WebSocket hold; false: it failed.
bool client::unwrap(char* bytes, std::size_t& size) {
  if (!websocket_)
    return true;
  const auto was_open = websocket_->is_open();
  const auto packets = websocket_->unwrap(bytes, size);
  if (!packets) {
    fail("the server ended the WebSocket");
    return false;
  }
  size = *packets;
  if (!was_open)
    flush_later();
  return true;
}

void client::take(mqtt::bytes_view rest, std::size_t size_max) {
  if (!dispatch_all(rest))
    return;
  if (rest.size() >= size_max)
    return fail("a packet larger than any this run can cause");
  partial_.assign(rest);
  events_.on_batch_end(*this);
}

void client::take_layered(mqtt::bytes_view received) {
  auto plain = std::exchange(partial_, {});
  const auto kept = plain.size();
  const bool was_established = layered_->layer->is_established();
  const auto status
    = layered_->layer->receive(received, plain, layered_->down);
  if (status == net::transport_layer::status::failed)
    return fail(std::string{"TLS: "} + layered_->layer->failure());
  if (was_established != layered_->layer->is_established()
      || !layered_->down.empty())
    flush_later();
  auto size = plain.size() - kept;
  if (!unwrap(plain.data() + kept, size))
    return;
  plain.resize(kept + size);
  take(plain, loop_.read_buffer().size());
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
  // A lost connection shows when it is read.
  if (!(layered_ ? write_layered() : write_output()))
    return watch_writable(errno == EAGAIN);
  if (!watches_writable_)
    return;
  watch_writable(false);
  events_.on_drained(*this);
}

/// False: with errno.
bool client::write_output() {
  auto& bytes = wire();
  while (written_ < bytes.size()) {
    const auto count = ::send(descriptor_, bytes.data() + written_,
                              bytes.size() - written_, MSG_NOSIGNAL);
    if (count >= 0)
      written_ += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      return false;
  }
  bytes.clear();
  written_ = 0;
  return true;
}

bool client::write_layered() {
  auto& [layer, down, status, is_begun] = *layered_;
  if (!std::exchange(is_begun, true)) {
    std::string nothing;
    static_cast<void>(layer->receive({}, nothing, down));
  }
  if (auto& bytes = wire(); layer->is_established() && !bytes.empty()) {
    mqtt::output_buffer plain;
    plain.tail().append(bytes);
    bytes.clear();
    layer->send(plain, down, std::numeric_limits<std::size_t>::max());
  }
  while (!down.empty()) {
    std::array<mqtt::bytes_view, 1> part;
    static_cast<void>(down.gather(part));
    const auto count
      = ::send(descriptor_, part[0].data(), part[0].size(), MSG_NOSIGNAL);
    if (count >= 0)
      down.consume(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return false;
  }
  return true;
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
  loop_.change(descriptor_, *this, interest());
}

std::uint32_t client::interest() const noexcept {
  return (reads_ ? EPOLLIN : 0U) | (watches_writable_ ? EPOLLOUT : 0U);
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
  layered_.reset();
}

void client::fail(const std::string& reason) {
  release();
  if (!settings_.may_be_closed)
    loop_counters::add(loop_.counters().failures, 1);
  events_.on_failed(*this, reason);
}

} // namespace hetzel::test::load
