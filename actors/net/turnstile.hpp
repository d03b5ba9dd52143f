#pragma once

#include "actors/runtime/reactor.hpp"

#include <chrono>
#include <cstddef>

namespace hetzel::net {

/// Somebody with work that costs the processor (a step of a handshake), who
/// waits for a turn. Leaves the queue by its destructor.
class turn_taker : public runtime::intrusive_list_node<turn_taker> {
public:
  /// On the turnstile's reactor; may destroy itself and others.
  virtual void on_turn() = 0;

protected:
  ~turn_taker() = default;
};

/// Lets costly work through in the order it came, for `time_max` per tick of
/// its reactor and one taker at least, so that a thousand handshakes that come
/// together hold up the other clients of the reactor by no more than that at a
/// time. Used by its reactor's thread.
class turnstile final : public runtime::flushable {
public:
  static constexpr std::chrono::microseconds time_max{1'000};

  explicit turnstile(runtime::reactor& home) noexcept : home_(home) {}

  /// `who` gets its turn at the end of this tick or of a later one; once,
  /// however often it comes before that.
  void enter(turn_taker& who) noexcept;

  [[nodiscard]] bool is_empty() const noexcept { return waiting_.empty(); }

  void flush() override;

private:
  runtime::reactor& home_;
  runtime::intrusive_list<turn_taker> waiting_;
};

} // namespace hetzel::net
