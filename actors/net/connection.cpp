#include "actors/net/connection.hpp"

#include "actors/net/lingering_close.hpp"
#include "actors/net/stream_io.hpp"
#include "protocol/decoder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <sys/socket.h>

namespace hetzel::net {

namespace {

/// Partial packets up to this size are copied in front of the next read; more
/// of a larger one is appended to what is kept, so that a large packet is not
/// copied again with every read.
constexpr std::size_t kept_copied_max = 16 * 1024;

/// Reads at most per readiness event of a large packet.
constexpr std::size_t large_reads_max = 8;

/// One per thread: a connection owns no read buffer.
char* read_buffer() {
  static thread_local const auto buffer
    = std::make_unique<char[]>(kept_copied_max + connection::read_size);
  return buffer.get();
}

/// What a read became above the layers; one per thread.
std::string& plain_buffer() {
  static thread_local std::string bytes;
  return bytes;
}

ssize_t receive(int descriptor, char* into, std::size_t size) noexcept {
  ssize_t count = 0;
  do
    count = ::recv(descriptor, into, size, MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  return count;
}

bool is_would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

} // namespace

/// A call of the handler, who may end the connection within it: `is_last` says
/// so when nothing of the connection may be touched any more.
class connection::call {
public:
  explicit call(connection& of) noexcept : of_(of), outer_(of.calls_) {
    of.calls_ = this;
  }
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  ~call() {
    if (!is_last_)
      of_.calls_ = outer_;
  }

  [[nodiscard]] bool is_last() const noexcept { return is_last_; }

  /// Of all that are under way.
  static void end(connection& of) noexcept {
    for (auto* one = std::exchange(of.calls_, nullptr); one; one = one->outer_)
      one->is_last_ = true;
  }

private:
  connection& of_;
  call* outer_;
  bool is_last_ = false;
};

connection::connection(runtime::reactor& home, socket_handle socket,
                       connection_handler& handler,
                       mqtt::output_buffer& output, traffic_counters& counters)
  : home_(home),
    handler_(handler),
    output_(output),
    counters_(counters),
    socket_(std::move(socket)) {}

connection::~connection() {
  close();
}

void connection::use(layered_ptr layered, turnstile* turns) noexcept {
  layered_ = std::move(layered);
  turns_ = turns;
}

void connection::start(std::string unread) {
  is_started_ = true;
  kept_ = std::move(unread);
  if (layered_ && !layered_->down.empty())
    flush_soon();
  if (!paused_ && consume_kept() && !paused_)
    read_on();
}

void connection::flush_soon() {
  if (socket_ && !waits_writable_)
    home_.flush_later(*this);
}

void connection::pause() {
  paused_ = true;
}

void connection::resume() {
  if (!socket_ || !paused_)
    return;
  paused_ = false;
  if (is_started_ && consume_kept() && !paused_)
    read_on();
}

void connection::close_gracefully() {
  if (!socket_)
    return;
  auto freed = release();
  linger(home_, std::move(freed.socket),
         last_bytes(std::move(freed.layered), std::move(output_)), counters_);
}

void connection::close() noexcept {
  if (!socket_)
    return;
  leave();
  socket_.close();
}

released_socket connection::release() {
  leave();
  return {std::move(socket_), std::move(layered_), std::exchange(kept_, {})};
}

void connection::leave() noexcept {
  cancel_flush();
  turn_taker::unlist();
  call::end(*this);
  if (std::exchange(is_watched_, false))
    home_.io().remove(socket_.get(), *this);
}

void connection::flush() {
  if (!socket_ || waits_writable_ || is_over_)
    return;
  const auto outcome
    = layered_ ? write_layered() : write_some(socket_.get(), output_);
  counters_.bytes_sent.add(outcome.bytes);
  switch (outcome.result) {
    case write_result::would_block:
      wait_writable();
      return;
    case write_result::failed:
      fail(outcome.error);
      return;
    case write_result::drained:
      // Of a layered one some may wait for the end of its handshake.
      if (notify_flushed_ && output_.empty()) {
        notify_flushed_ = false;
        handler_.on_flushed();
      }
      return;
  }
}

/// In portions, so that what the socket does not take stays in the output.
write_outcome connection::write_layered() {
  auto& down = layered_->down;
  const bool was_full = down.size() >= answered_max;
  write_outcome sum{write_result::drained, 0, 0};
  std::size_t unsent = 0;
  do {
    unsent = output_.size();
    if (down.size() < sealed_max)
      layered_->layer->send(output_, down, sealed_max - down.size());
    const auto outcome = write_some(socket_.get(), down);
    sum = {outcome.result, sum.bytes + outcome.bytes, outcome.error};
  } while (sum.result == write_result::drained && !output_.empty()
           && output_.size() < unsent);
  // It was not read until the answers it had caused were written.
  if (was_full && down.size() < answered_max && has_more_ && is_started_
      && !paused_ && sum.result != write_result::failed)
    read_on();
  return sum;
}

// -- readiness ----------------------------------------------------------------

// What is not read now stays in the socket, and `has_more_` remembers it: the
// poller tells of it once.
void connection::on_ready(runtime::readiness what) {
  if (is_over_)
    return;
  has_more_ |= what.readable;
  is_ending_ |= what.is_ending;
  if (what.writable && waits_writable_) {
    call flushing{*this};
    waits_writable_ = false;
    flush();
    if (flushing.is_last())
      return;
  }
  if (has_more_ && is_started_ && !paused_)
    read();
}

void connection::read_on() {
  if (is_over_)
    return;
  if (layered_ && layered_->status != transport_layer::status::open)
    return end_layered();
  if (is_watched_) {
    if (std::exchange(has_more_, false))
      home_.io().rearm(socket_.get(), *this, waits_writable_);
    return;
  }
  is_watched_ = home_.io().add(socket_.get(), *this);
  if (!is_watched_)
    fail(errno);
}

void connection::wait_writable() {
  waits_writable_ = true;
  if (!is_watched_)
    is_watched_ = home_.io().add(socket_.get(), *this);
  if (!is_watched_)
    return fail(errno);
  home_.io().rearm(socket_.get(), *this, true);
}

// -- reading ------------------------------------------------------------------

void connection::read() {
  if (layered_)
    return read_layered();
  const bool alive
    = kept_.size() <= kept_copied_max ? read_packets() : read_large_packet();
  if (alive && has_more_ && !paused_)
    read_on();
}

bool connection::read_packets() {
  char* const buffer = read_buffer();
  const auto kept = kept_.size();
  std::memcpy(buffer, kept_.data(), kept);
  const auto count = receive(socket_.get(), buffer + kept, read_size);
  if (is_end(count))
    return false;
  // A handler that resumes within the call must not find them again.
  kept_.clear();
  return hand_over({buffer, kept + received(count)});
}

// What is kept grows with what arrived, not with what a header promised, and a
// read costs what came: to read behind what is kept would clear room for all
// that might. Of a packet that comes fast several reads are taken at once, for
// each readiness event costs two system calls.
bool connection::read_large_packet() {
  const auto reads_max
    = std::clamp(kept_.size() / read_size, std::size_t{1}, large_reads_max);
  for (std::size_t reads = 1;; ++reads) {
    const auto count = receive(socket_.get(), read_buffer(), read_size);
    if (is_end(count))
      return false;
    const auto size = received(count);
    kept_.append(read_buffer(), size);
    if (size < read_size || reads == reads_max)
      return consume_kept();
  }
}

/// A short read empties the socket, unless an end stands behind it.
bool connection::is_end(ssize_t count) {
  const bool is_empty = count < 0 && is_would_block(errno);
  if (count > 0 || is_empty) {
    const auto size = static_cast<std::size_t>(std::max(count, ssize_t{0}));
    has_more_ = !is_empty && (size == read_size || is_ending_);
    return false;
  }
  fail(count == 0 ? 0 : errno);
  return true;
}

std::size_t connection::received(ssize_t count) noexcept {
  const auto size = count > 0 ? static_cast<std::size_t>(count) : 0;
  counters_.bytes_received.add(size);
  return size;
}

bool connection::hand_over(mqtt::bytes_view buffer) {
  call handing{*this};
  handler_.on_bytes(buffer);
  if (handing.is_last())
    return false;
  // An idle connection keeps no memory for bytes.
  if (buffer.empty())
    std::string{}.swap(kept_);
  else
    kept_.assign(buffer);
  return true;
}

bool connection::consume_kept() {
  if (kept_.empty())
    return true;
  // A packet that is known to be incomplete is not worth a call.
  const auto needed = mqtt::frame_size(kept_);
  if (needed && *needed > kept_.size() && kept_.size() > kept_copied_max)
    return true;
  const auto bytes = std::move(kept_);
  kept_.clear();
  return hand_over(bytes);
}

// -- reading through layers ---------------------------------------------------

void connection::read_layered() {
  if (layered_->down.size() >= answered_max)
    return; // `write_layered` goes on
  if (turns_ && !layered_->layer->is_established())
    return turns_->enter(*this);
  receive_layered();
}

void connection::on_turn() {
  if (!is_over_ && !paused_)
    receive_layered();
}

/// As `read_packets` and `read_large_packet`, but what is kept is MQTT's.
void connection::receive_layered() {
  const auto count = receive(socket_.get(), read_buffer(), read_size);
  if (is_end(count) || count <= 0)
    return;
  const mqtt::bytes_view bytes{read_buffer(), received(count)};
  auto& [layer, down, status, is_begun] = *layered_;
  const bool was_established = layer->is_established();
  const bool is_large = kept_.size() > kept_copied_max;
  auto& plain = is_large ? kept_ : plain_buffer();
  if (!is_large)
    plain.assign(std::exchange(kept_, {}));
  is_begun = true;
  status = layer->receive(bytes, plain, down);
  if (!was_established && layer->is_established())
    on_established();
  if (!down.empty() || !output_.empty())
    flush_soon();
  const bool alive = is_large        ? consume_kept()
                     : plain.empty() ? true
                                     : hand_over(plain);
  if (!alive || paused_)
    return;
  if (has_more_ || status != transport_layer::status::open)
    read_on();
}

void connection::on_established() noexcept {
  counters_.transport_established.add();
  if (layered_->layer->is_resumed())
    counters_.transport_resumed.add();
}

/// The peer shall learn why: what the layer said last is written, after all
/// else here is done, for the handler may end this connection.
void connection::end_layered() {
  if (layered_->status == transport_layer::status::failed) {
    const auto fault = static_cast<std::size_t>(layered_->layer->fault());
    counters_.transport_faults[fault].add();
  } else if (layered_->down.empty()) {
    return fail(0);
  }
  auto& home = home_;
  auto& counters = counters_;
  auto last = std::move(layered_->down);
  leave();
  auto socket = std::move(socket_);
  fail(0);
  linger(home, std::move(socket), std::move(last), counters);
}

void connection::fail(int error) {
  is_over_ = true;
  if (error != 0)
    counters_.socket_error.add();
  handler_.on_closed();
}

} // namespace hetzel::net
