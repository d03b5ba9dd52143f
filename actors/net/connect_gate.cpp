#include "actors/net/connect_gate.hpp"

#include "actors/net/pending_connect.hpp"
#include "actors/runtime/pinned.hpp"

#include <utility>
#include <vector>

namespace hetzel::net {

namespace {

class connect_gate_state : public pending_connect_owner {
public:
  static inline const char* name = "net.connect_gate";

  connect_gate_state(runtime::pinned_pointer<connect_gate> self,
                     connect_gate_options options, connect_policy* policy,
                     traffic_counters* counters)
    : self_(self),
      options_(options),
      policy_(policy),
      counters_(counters),
      turns_(self->home()) {}

  ~connect_gate_state() override {
    counters_->socket_close.add(pending_.size());
    counters_->pending_connects.subtract(pending_.size());
  }

  connect_gate::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const accepted_socket_ptr& accepted) { on_accepted(accepted); },
    };
  }

  void on_finished(pending_connect& ended) override {
    const auto index = ended.index;
    std::swap(pending_[index], pending_.back());
    pending_[index]->index = index;
    pending_.pop_back();
    counters_->pending_connects.subtract();
  }

  turnstile& turns() noexcept override { return turns_; }

private:
  runtime::state_entries snapshot() const {
    return {{"pending", std::to_string(pending_.size())},
            {"pending_max", std::to_string(options_.pending_max)}};
  }

  void on_accepted(const accepted_socket_ptr& accepted) {
    if (pending_.size() >= options_.pending_max
        || !policy_->welcomes(*accepted)) {
      counters_->socket_refused.add();
      // In this order: who sees the end and comes again shall find a place.
      accepted->slot.reset();
      accepted->socket.close();
      return;
    }
    counters_->socket_open.add();
    counters_->pending_connects.add();
    pending_.push_back(std::make_unique<pending_connect>(
      self_->home(), accepted, *policy_, *counters_, *this));
    auto& added = *pending_.back();
    added.index = pending_.size() - 1;
    added.start();
  }

  runtime::pinned_pointer<connect_gate> self_;
  connect_gate_options options_;
  connect_policy* policy_;
  traffic_counters* counters_;
  turnstile turns_;
  std::vector<std::unique_ptr<pending_connect>> pending_;
};

} // namespace

connect_gate spawn_connect_gate(runtime::reactor& home,
                                connect_gate_options options,
                                connect_policy& policy,
                                traffic_counters& counters) {
  return runtime::spawn_pinned<connect_gate, connect_gate_state>(
    home, options, &policy, &counters);
}

} // namespace hetzel::net
