#pragma once

#include "plugins/api/hook_actor.hpp"
#include "plugins/api/provider.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <unordered_map>

namespace hetzel::messaging {

/// Who sends the questions of a reactor.
class hook_caller_port {
public:
  virtual ~hook_caller_port() = default;

  /// Asks; the answer comes to `hook_calls::settle` with that number.
  virtual void send(std::uint64_t number, const plugins::actor_offer& whom,
                    plugins::hook_call_ptr call)
    = 0;
};

/// How a question to an actor ended.
enum class call_end : unsigned char { answered, timed_out, failed };

/// The questions of one reactor that wait for an actor's answer: as many as
/// clients, for each asks one at a time. Outlives the actor that sends them;
/// while there is none, questions fail at once.
class hook_calls {
public:
  /// `answer` is null unless it is answered.
  using on_end
    = std::function<void(call_end how, const plugins::hook_answer* answer)>;

  hook_calls() = default;
  hook_calls(const hook_calls&) = delete;
  hook_calls& operator=(const hook_calls&) = delete;

  /// Calls `done` once, never within this call. `whom` is an actor.
  void ask(const plugins::provider& whom, plugins::hook_call_ptr call,
           on_end done);

  void settle(std::uint64_t number, call_end how,
              const plugins::hook_answer* answer);

  /// From the actor: it is there, it is gone. What waits then fails.
  void bind(hook_caller_port& port) noexcept { port_ = &port; }
  void unbind() noexcept;

  /// There is somebody to send questions.
  [[nodiscard]] bool is_bound() const noexcept { return port_ != nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

private:
  hook_caller_port* port_ = nullptr;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, on_end> waiting_;
};

} // namespace hetzel::messaging
