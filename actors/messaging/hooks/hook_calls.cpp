#include "actors/messaging/hooks/hook_calls.hpp"

#include "protocol/assert.hpp"

#include <utility>

namespace hetzel::messaging {

void hook_calls::ask(const plugins::provider& whom,
                     plugins::hook_call_ptr call, on_end done) {
  HETZEL_ASSERT(port_ && whom.elsewhere);
  const auto number = ++last_;
  waiting_.emplace(number, std::move(done));
  port_->send(number, *whom.elsewhere, std::move(call));
}

void hook_calls::settle(std::uint64_t number, call_end how,
                        const plugins::hook_answer* answer) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end())
    return;
  // It may ask the next one.
  const auto done = std::move(found->second);
  waiting_.erase(found);
  done(how, answer);
}

void hook_calls::unbind() noexcept {
  port_ = nullptr;
  for (const auto& [number, done] : std::exchange(waiting_, {}))
    done(call_end::failed, nullptr);
}

} // namespace hetzel::messaging
