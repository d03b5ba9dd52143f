#pragma once

#include "actors/runtime/reactor.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace hetzel::runtime {

/// The reactors of a node.
///
/// Order of the end: first stop what feeds actors (listeners, timers), then end
/// the actors (their supervisors do, and the reactors must still run for it),
/// then `stop`, then destroy the pool, then the actor system. An actor that is
/// alive after `stop` never runs again; one that is still alive when the pool
/// goes is a bug: the log says `reactor.outlived`.
class reactor_pool {
public:
  /// `size` zero: one for each core. Range: ≤ 1,024.
  reactor_pool(caf::actor_system& system, std::size_t size,
               reactor_options options = {});
  ~reactor_pool();

  reactor_pool(const reactor_pool&) = delete;
  reactor_pool& operator=(const reactor_pool&) = delete;

  /// Starts all threads. Once.
  void start();

  /// Ends and joins all threads. Idempotent.
  void stop();

  [[nodiscard]] std::size_t size() const noexcept { return reactors_.size(); }

  [[nodiscard]] reactor& operator[](std::size_t index) noexcept {
    return *reactors_[index];
  }

private:
  std::vector<std::unique_ptr<reactor>> reactors_;
};

} // namespace hetzel::runtime
