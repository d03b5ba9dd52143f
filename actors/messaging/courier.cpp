#include "actors/messaging/courier.hpp"

#include "actors/messaging/delivery_batch.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/pinned.hpp"

#include <string>

namespace hetzel::messaging {

namespace {

class courier_state {
public:
  static inline const char* name = "messaging.courier";

  courier_state(runtime::pinned_pointer<courier> self, site* local)
    : self_(self), local_(local) {}

  courier::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const delivery_batch_ptr& batch) { on_batch(*batch); },
      [this](credit_atom) { local_->router.on_credit(); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    return {{"batches", std::to_string(batches_)},
            {"messages", std::to_string(messages_)}};
  }

  void on_batch(const delivery_batch& batch) {
    ++batches_;
    messages_ += batch.items.size();
    for (const auto& routed : batch.items)
      local_->router.deliver_here(routed);
  }

  runtime::pinned_pointer<courier> self_;
  site* local_;
  std::uint64_t batches_ = 0;
  std::uint64_t messages_ = 0;
};

} // namespace

courier spawn_courier(runtime::reactor& home, site& local) {
  return runtime::spawn_pinned<courier, courier_state>(home, &local);
}

} // namespace hetzel::messaging
