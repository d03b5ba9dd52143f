#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include <sys/epoll.h>

namespace hetzel::runtime {

/// What a descriptor became ready for. A broken or closed one is ready for
/// whatever is tried next, which then tells what happened.
struct readiness {
  bool readable = false;
  bool writable = false;
  /// The peer closed its side, or the transport broke: reads go on until they
  /// say so, however little they returned.
  bool is_ending = false;
};

/// Who is called when a descriptor becomes ready.
class io_handler {
public:
  virtual void on_ready(readiness what) = 0;

protected:
  ~io_handler() = default;
};

/// Waits for descriptors: an epoll instance and who is called for each. For
/// one thread, except `interrupt`.
///
/// Edge-triggered: a handler hears once that its descriptor became ready, and
/// again when more arrived. Who stops before the descriptor says EAGAIN (or a
/// read came back short) calls `rearm`, or never hears of the rest. So a read
/// costs one wait and one read, and nothing to arm.
class poller {
public:
  using timeout = std::optional<std::chrono::nanoseconds>;

  /// Throws std::system_error when the process has no descriptor left.
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// `handler` hears when `descriptor` is readable; the first time at the next
  /// wait if it is already. False: the system refuses to watch one more, with
  /// errno. Both must stay until `remove`.
  [[nodiscard]] bool add(int descriptor, io_handler& handler) noexcept;

  /// The same, level-triggered: it is heard at every wait as long as the
  /// descriptor is readable.
  [[nodiscard]] bool add_level(int descriptor, io_handler& handler) noexcept;

  /// Says once more at the next wait what the descriptor is ready for then;
  /// `writable`: that too, from now on.
  void rearm(int descriptor, io_handler& handler, bool writable) noexcept;

  /// Nothing more is heard, not even of what was found ready in the wait that
  /// is being handled.
  void remove(int descriptor, io_handler& handler) noexcept;

  /// Waits until something is ready, `interrupt`, or the end of `longest`
  /// (rounded up to milliseconds; nullopt: without end; zero: only looks).
  /// Returns at once while there is something to handle.
  void wait(timeout longest) noexcept;

  [[nodiscard]] bool has_found() const noexcept { return next_ < found_; }

  /// Calls the handlers of what the wait found. They may add and remove any. An
  /// exception out of one leaves this function; the next call goes on.
  void handle();

  /// Ends a wait, the present or the next. From any thread.
  void interrupt() noexcept;

  /// Readable when some descriptor is ready: a poller can watch another.
  [[nodiscard]] int descriptor() const noexcept { return epoll_; }

private:
  bool control(int operation, int descriptor, io_handler* handler,
               unsigned events) noexcept;

  int epoll_ = -1;
  int interrupter_ = -1;
  /// What the last wait found; `next_` … `found_` has not been handled.
  std::array<epoll_event, 256> events_;
  std::size_t next_ = 0;
  std::size_t found_ = 0;
};

} // namespace hetzel::runtime
