#include "actors/messaging/storage/journal_keeper.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/retry.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/runtime/lean_actor.hpp"
#include "actors/runtime/log.hpp"

#include <string>

namespace hetzel::messaging {

namespace {

class journal_keeper_body final : public runtime::lean_actor,
                                  public journal_port {
public:
  journal_keeper_body(caf::actor_config& config, site* local)
    : lean_actor(config), local_(local) {}

  const char* name() const override { return "messaging.journal_keeper"; }

  void commit(std::size_t shard, commit_request_ptr request) override {
    ask<std::uint8_t>(
      local_->node.messages->writer(shard).get(), store_timeout,
      caf::make_message(request),
      [this, shard, number = request->number](std::uint8_t code) {
        local_->storage->on_committed(shard, number,
                                      static_cast<persistence::errc>(code));
      },
      [this, shard](const caf::error& why) {
        runtime::log::warning("store.unanswered",
                              {{"shard", std::to_string(shard)},
                               {"error", to_string(why)}});
        local_->storage->on_lost(shard);
      });
  }

  void resend_later(std::size_t shard) override {
    call_later(retry_delay, [=, this] { local_->storage->resend(shard); });
  }

protected:
  void on_start() override { local_->storage->attach(*this); }

  runtime::state_entries state() override {
    return {{"under_way", std::to_string(local_->storage->under_way())},
            {"batches", std::to_string(local_->storage->batches())}};
  }

  void on_end() noexcept override {
    if (local_->storage)
      local_->storage->detach(*this);
  }

private:
  site* local_;
};

} // namespace

journal_keeper spawn_journal_keeper(runtime::reactor& home, site& local) {
  return runtime::spawn_lean<journal_keeper, journal_keeper_body>(home,
                                                                  &local);
}

} // namespace hetzel::messaging
