#include "actors/net/connection.hpp"

#include "actors/net/channel.hpp"
#include "actors/net/lingering_close.hpp"
#include "actors/net/stream_io.hpp"
#include "protocol/decoder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
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

connection::connection(runtime::reactor& home, socket_handle socket,
                       connection_handler& handler,
                       mqtt::output_buffer& output, traffic_counters& counters)
  : home_(home),
    handler_(handler),
    output_(output),
    counters_(counters),
    channel_(new channel(home.io(), std::move(socket), this)) {}

connection::~connection() {
  close();
}

void connection::start(std::string unread) {
  kept_ = std::move(unread);
  if (!paused_ && consume_kept() && !paused_)
    wait_readable();
}

void connection::flush_soon() {
  if (channel_ && !channel_->waits_writable)
    home_.flush_later(*this);
}

void connection::pause() {
  paused_ = true;
}

void connection::resume() {
  if (!channel_ || !paused_)
    return;
  paused_ = false;
  if (consume_kept() && !paused_)
    wait_readable();
}

void connection::close_gracefully() {
  if (!channel_)
    return;
  std::string unread;
  auto socket = release(unread);
  linger(home_, std::move(socket), std::move(output_), counters_);
}

void connection::close() noexcept {
  if (!channel_)
    return;
  unlist();
  channel_->owner = nullptr;
  boost::system::error_code ignored;
  channel_->descriptor.close(ignored);
  channel_.reset();
}

socket_handle connection::release(std::string& unread) {
  unlist();
  unread = std::move(kept_);
  kept_.clear();
  channel_->owner = nullptr;
  socket_handle socket{channel_->descriptor.release()};
  channel_.reset();
  return socket;
}

void connection::flush() {
  if (!channel_ || channel_->waits_writable)
    return;
  const auto outcome = write_some(channel_->fd(), output_);
  counters_.bytes_sent.add(outcome.bytes);
  switch (outcome.result) {
    case write_result::would_block:
      wait_writable();
      return;
    case write_result::failed:
      fail(outcome.error);
      return;
    case write_result::drained:
      if (std::exchange(notify_flushed_, false))
        handler_.on_flushed();
      return;
  }
}

void connection::wait_readable() {
  if (channel_->waits_readable)
    return;
  channel_->waits_readable = true;
  channel_->descriptor.async_wait(
    stream_descriptor::wait_read,
    [self = channel_](const boost::system::error_code& error) {
      self->waits_readable = false;
      if (self->owner && !error)
        self->owner->on_readable();
    });
}

void connection::wait_writable() {
  channel_->waits_writable = true;
  channel_->descriptor.async_wait(
    stream_descriptor::wait_write,
    [self = channel_](const boost::system::error_code& error) {
      self->waits_writable = false;
      if (self->owner && !error)
        self->owner->flush();
    });
}

void connection::on_readable() {
  // Paused while the wait was pending: the bytes stay in the socket until
  // `resume` waits again.
  if (paused_)
    return;
  const bool alive
    = kept_.size() <= kept_copied_max ? read_packets() : read_large_packet();
  if (alive && !paused_)
    wait_readable();
}

bool connection::read_packets() {
  char* const buffer = read_buffer();
  const auto kept = kept_.size();
  std::memcpy(buffer, kept_.data(), kept);
  const auto count = receive(channel_->fd(), buffer + kept, read_size);
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
    const auto count = receive(channel_->fd(), read_buffer(), read_size);
    if (is_end(count))
      return false;
    const auto size = received(count);
    kept_.append(read_buffer(), size);
    if (size < read_size || reads == reads_max)
      return consume_kept();
  }
}

bool connection::is_end(ssize_t count) {
  if (count > 0 || (count < 0 && is_would_block(errno)))
    return false;
  fail(count == 0 ? 0 : errno);
  return true;
}

std::size_t connection::received(ssize_t count) noexcept {
  const auto size = count > 0 ? static_cast<std::size_t>(count) : 0;
  counters_.bytes_received.add(size);
  return size;
}

bool connection::hand_over(mqtt::bytes_view buffer) {
  const auto self = channel_;
  handler_.on_bytes(buffer);
  if (!self->owner)
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

void connection::fail(int error) {
  if (error != 0)
    counters_.socket_error.add();
  handler_.on_closed();
}

} // namespace hetzel::net
