#pragma once

#include "actors/net/counter.hpp"
#include "actors/net/socket_handle.hpp"
#include "actors/net/transport_layer.hpp"
#include "actors/net/turnstile.hpp"
#include "actors/runtime/poller.hpp"
#include "actors/runtime/reactor.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/output_buffer.hpp"

#include <cstddef>
#include <memory>
#include <string>

#include <sys/types.h>

namespace hetzel::net {

struct write_outcome;

/// What a connection reports to its owner, always on the owner's reactor. Any
/// of the calls may destroy the connection.
class connection_handler {
public:
  virtual ~connection_handler() = default;

  /// Remove what was understood from the front of `buffer`; the rest is kept
  /// and comes again in front of the next bytes.
  virtual void on_bytes(mqtt::bytes_view& buffer) = 0;

  /// The peer closed, or the transport broke. Nothing follows.
  virtual void on_closed() = 0;

  /// All output was written, after `notify_when_flushed`.
  virtual void on_flushed() = 0;
};

/// A socket that a connection gave away.
struct released_socket {
  socket_handle socket;
  layered_ptr layered;
  /// What came and nobody consumed.
  std::string unread;
};

/// One transport lifetime of a stream socket: reads into a buffer shared by
/// all connections of the thread, keeps only partial packets, and writes its
/// owner's `output_buffer` once per tick, gathered. Idle, it owns a descriptor
/// and no buffer. Used by one reactor's thread; owned by its handler.
///
/// With layers, bytes go through them on both ways. What they made of the
/// output and the socket has not taken is bounded, so that the output's size
/// says what the client has not taken; and a peer that has its answers pile up
/// there is not read.
class connection final : public runtime::flushable,
                         private runtime::io_handler,
                         private turn_taker {
public:
  /// Bytes read at most per readiness event, so that one busy peer does not
  /// hold up the others; of one packet that is larger, up to eight times that.
  static constexpr std::size_t read_size = 128 * 1024;

  /// Bytes that layers have ready for the socket, at which no more output is
  /// given to them.
  static constexpr std::size_t sealed_max = 64 * 1024;
  /// The same, the layers' own answers included, at which nothing is read.
  static constexpr std::size_t answered_max = 2 * sealed_max;

  /// `output` and `counters` must outlive it.
  connection(runtime::reactor& home, socket_handle socket,
             connection_handler& handler, mqtt::output_buffer& output,
             traffic_counters& counters);
  ~connection() override;

  /// Puts layers between the socket and MQTT; before `start`. `turns`, which
  /// must outlive their handshake, hands out the turns of it; null: at once.
  void use(layered_ptr layered, turnstile* turns) noexcept;

  /// Null for a plain one, and after `release`.
  [[nodiscard]] const layered_transport* layered() const noexcept {
    return layered_.get();
  }

  /// Starts reading. `unread` are bytes that were read before, by another
  /// owner of the socket.
  void start(std::string unread);

  /// Writes `output` at the end of this tick.
  void flush_soon();

  /// One call of `on_flushed` when `output` has been written whole.
  void notify_when_flushed() noexcept { notify_flushed_ = true; }

  /// Stops and resumes reading; what was read already waits too.
  void pause();
  void resume();
  [[nodiscard]] bool is_paused() const noexcept { return paused_; }

  /// Ends it: what is in `output` is still written in the background, bounded
  /// in time, then the socket is closed. The handler hears nothing more.
  void close_gracefully();

  /// Closes at once. The handler hears nothing more.
  void close() noexcept;

  /// Gives the socket away.
  [[nodiscard]] released_socket release();

  /// Writes what can be written now (called by the reactor).
  void flush() override;

private:
  class call;

  void on_ready(runtime::readiness what) override;
  /// Hears of what there is to read from now on, and at once if there is.
  void read_on();
  void wait_writable();
  void leave() noexcept;
  void read();
  void read_layered();
  void receive_layered();
  void on_established() noexcept;
  void on_turn() override;
  /// What the layers have said, once the handler had all before that.
  void end_layered();
  [[nodiscard]] write_outcome write_layered();
  /// Both false when this connection is no more.
  [[nodiscard]] bool read_packets();
  [[nodiscard]] bool read_large_packet();
  [[nodiscard]] bool is_end(ssize_t count);
  [[nodiscard]] std::size_t received(ssize_t count) noexcept;
  /// Hands `buffer` to the handler and keeps the rest. False when the handler
  /// ended this connection.
  [[nodiscard]] bool hand_over(mqtt::bytes_view buffer);
  [[nodiscard]] bool consume_kept();
  void fail(int error);

  runtime::reactor& home_;
  connection_handler& handler_;
  mqtt::output_buffer& output_;
  traffic_counters& counters_;
  std::string kept_;
  layered_ptr layered_;        ///< null: plain
  turnstile* turns_ = nullptr; ///< null: no turns
  call* calls_ = nullptr; ///< of the handler, under way
  socket_handle socket_;
  bool is_started_ = false;
  bool is_watched_ = false;
  bool is_over_ = false; ///< the handler heard `on_closed`
  bool paused_ = false;
  bool notify_flushed_ = false;
  bool waits_writable_ = false;
  bool has_more_ = false;  ///< the socket may have bytes that were not read
  bool is_ending_ = false; ///< behind those there is an end
};

} // namespace hetzel::net
