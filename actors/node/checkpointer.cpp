#include "actors/node/checkpointer.hpp"

#include "actors/node/node_copy.hpp"
#include "actors/runtime/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace hetzel::node {

namespace {

/// How often the operator hears how far it is.
constexpr std::chrono::seconds progress_interval{5};

/// To itself: to go on.
using checkpoint_actor = checkpointer::extend<caf::result<void>(step_atom)>;
using checkpoint_pointer = runtime::introspected<checkpoint_actor::impl>*;

using clock = std::chrono::steady_clock;

std::int64_t milliseconds_since(clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now()
                                                               - start)
    .count();
}

class checkpointer_state {
public:
  static inline const char* name = "node.checkpointer";

  checkpointer_state(checkpoint_pointer self, checkpoint_sources from)
    : self_(self), from_(std::move(from)) {}

  checkpoint_actor::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const checkpoint_order_ptr& order) { on_order(order); },
      [this](step_atom) { on_step(); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    if (!copy_)
      return {{"copy", "none"}};
    const auto report = copy_->report();
    return {{"copy", copy_->to().string()},
            {"stores_done", std::to_string(copy_->stores_done())},
            {"stores", std::to_string(copy_->stores())},
            {"records", std::to_string(report.records)},
            {"bytes", std::to_string(report.record_bytes)}};
  }

  void on_order(const checkpoint_order_ptr& order) {
    if (copy_)
      return order->answer.fail("a copy is being made already, at "
                                + copy_->to().string());
    start_ = told_ = clock::now();
    auto begun = node_copy::begin(*from_.metadata, *from_.messages,
                                  from_.data_dir, order->to);
    if (!begun) {
      log_failure(order->to, begun.error());
      return order->answer.fail(begun.error());
    }
    copy_ = *std::move(begun);
    order_ = order;
    runtime::log::info("checkpoint.begun",
                       {{"to", order->to.string()},
                        {"stores", copy_->stores()}});
    go_on();
  }

  void on_step() {
    if (!copy_)
      return;
    const auto done = copy_->step();
    if (!done)
      return fail(done.error());
    if (*done)
      return finish();
    tell_progress();
    go_on();
  }

  void go_on() {
    self_->send(caf::actor_cast<checkpoint_actor>(self_->ctrl()), step_atom_v);
  }

  void tell_progress() {
    if (clock::now() - told_ < progress_interval)
      return;
    told_ = clock::now();
    const auto report = copy_->report();
    order_->answer.line(std::to_string(report.records) + " records, "
                        + std::to_string(report.record_bytes) + " bytes; "
                        + std::to_string(copy_->stores_done()) + " of "
                        + std::to_string(copy_->stores()) + " stores");
  }

  void finish() {
    const auto report = copy_->report();
    const auto took = milliseconds_since(start_);
    runtime::log::info("checkpoint.made",
                       {{"to", order_->to.string()},
                        {"records", report.records},
                        {"bytes", report.record_bytes},
                        {"ms", took}});
    order_->answer.done({"to: " + order_->to.string(),
                         "records: " + std::to_string(report.records),
                         "bytes: " + std::to_string(report.record_bytes),
                         "ms: " + std::to_string(took)});
    copy_.reset();
    order_.reset();
  }

  void fail(const std::string& why) {
    log_failure(order_->to, why);
    order_->answer.fail(why);
    copy_.reset();
    order_.reset();
  }

  static void log_failure(const std::filesystem::path& to,
                          const std::string& why) {
    runtime::log::warning("checkpoint.failed",
                          {{"to", to.string()}, {"error", why}});
  }

  checkpoint_pointer self_;
  checkpoint_sources from_;
  /// Both or none.
  std::unique_ptr<node_copy> copy_;
  checkpoint_order_ptr order_;
  clock::time_point start_;
  clock::time_point told_;
};

} // namespace

checkpointer spawn_checkpointer(caf::actor_system& system,
                                checkpoint_sources from) {
  using implementation
    = caf::stateful_actor<checkpointer_state,
                          runtime::introspected<checkpoint_actor::impl>>;
  return system.spawn<implementation, caf::detached + caf::hidden>(
    std::move(from));
}

void register_types() {
  caf::init_global_meta_objects<caf::id_block::hetzel_node>();
}

} // namespace hetzel::node
