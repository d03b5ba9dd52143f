#include "cluster/metadata/metadata_group.hpp"

#include "actors/runtime/log.hpp"
#include "cluster/metadata/metadata.hpp"
#include "cluster/swc/replica.hpp"
#include "cluster/swc/store_failure.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <optional>
#include <string>
#include <utility>

namespace hetzel::cluster {

namespace {

using persistence::durability;
using persistence::errc;

/// Commits of garbage in a row before writes have their turn again.
constexpr int sweeps_max = 8;

moment read_clocks() {
  using namespace std::chrono;
  const auto wall = system_clock::now().time_since_epoch();
  return {steady_clock::now(),
          static_cast<std::uint64_t>(duration_cast<milliseconds>(wall)
                                       .count())};
}

/// To itself: to commit what came before, and to sync.
using group_actor = metadata_group::extend<caf::result<void>(commit_atom),
                                           caf::result<void>(sync_atom)>;
using group_pointer = runtime::introspected<group_actor::impl>*;

class metadata_group_state : public replica_sink {
public:
  static inline const char* name = "cluster.metadata_group";

  metadata_group_state(group_pointer self, metadata* all, std::uint8_t number,
                       metadata_group_options options)
    : self_(self), all_(all), number_(number), options_(options) {}

  ~metadata_group_state() override {
    // Orderly or not: what came is written, what was promised is answered.
    flush();
    all_->unsettled(number_).append(pending_);
  }

  group_actor::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const metadata_write_ptr& request) { return on_write(*request); },
      [this](commit_atom) {
        is_commit_due_ = false;
        flush();
      },
      [this](sync_atom) { on_sync(); },
    };
  }

  // -- replica_sink ----------------------------------------------------------

  void commit(ticket number, persistence::write_batch batch) override {
    pending_.append(batch);
    last_ticket_ = number;
  }

  void on_written(write_token token) override {
    answer(token, errc::none);
  }

  void on_change(const change& what) override {
    auto* const listener = all_->listener();
    const auto key = decode_metadata_key(what.key);
    if (!listener || !key)
      return;
    std::optional<std::string_view> value;
    if (what.after)
      value = what.after->value;
    listener->on_metadata(*key, value);
  }

  // A node without peers has nobody to say these to.
  void broadcast(frame) override {}
  void send(store_id, sync_message) override {}
  void on_pull_ended(store_id, pull_outcome) override {}
  void on_clock_regressed(std::uint64_t) override {}

private:
  using answer_promise = caf::typed_response_promise<std::uint8_t>;

  caf::result<std::uint8_t> on_write(const metadata_write& request) {
    auto promise = self_->make_response_promise<std::uint8_t>();
    ++all_->counters().writes;
    if (const auto code = settle(); code != errc::none) {
      promise.deliver(static_cast<std::uint8_t>(code));
      return promise;
    }
    const auto token = ++last_token_;
    promises_.emplace(token, promise);
    attempt([&] { replica_at_hand().write(mutations(request), token,
                                          read_clocks()); });
    if (pending_.count() >= options_.commit_operations_max
        || pending_.size_bytes() >= options_.commit_bytes_max)
      flush();
    else
      commit_soon();
    return promise;
  }

  static std::vector<mutation> mutations(const metadata_write& request) {
    std::vector<mutation> list;
    list.reserve(request.changes.size());
    for (const auto& change : request.changes)
      list.push_back({change.key, change.value});
    return list;
  }

  /// Behind all writes that wait in the mailbox: one commit takes them all.
  void commit_soon() {
    if (!std::exchange(is_commit_due_, true))
      self_->send(caf::actor_cast<group_actor>(self_->ctrl()), commit_atom_v);
  }

  void flush() {
    if (!replica_ || last_ticket_ == committed_ticket_)
      return;
    const auto code = all_->store().write(pending_, options_.level);
    if (code != errc::none)
      return fail(code);
    is_unsettled_ = false;
    ++all_->counters().commits;
    pending_.clear();
    committed_ticket_ = last_ticket_;
    attempt([this] { replica_->on_committed(committed_ticket_); });
    sync_later();
  }

  /// Writes what failed before, now or by a forerunner. Nothing else is taken
  /// on until that has worked: its events may be in the store already, and
  /// what waits stays small.
  errc settle() {
    auto& left = all_->unsettled(number_);
    if (!left.empty()) {
      const auto code = all_->store().write(left, options_.level);
      if (code != errc::none)
        return note_failure(code);
      left.clear();
    }
    if (is_unsettled_)
      flush();
    return is_unsettled_ ? last_code_ : errc::none;
  }

  void sync_later() {
    if (std::exchange(is_sync_due_, true))
      return;
    const auto delay = options_.level == durability::synced
                         ? std::chrono::milliseconds{0}
                         : options_.sync_interval;
    self_->delayed_send(caf::actor_cast<group_actor>(self_->ctrl()), delay,
                        sync_atom_v);
  }

  /// What is on disk for sure needs not be kept for sending it again.
  void on_sync() {
    is_sync_due_ = false;
    flush();
    if (!replica_)
      return;
    if (options_.level != durability::synced) {
      const auto code = all_->store().write({}, durability::synced);
      if (code != errc::none) {
        note_failure(code);
        return sync_later();
      }
    }
    attempt([this] {
      replica_->on_synced(committed_ticket_);
      for (int i = 0; i < sweeps_max && replica_->collect(); ++i)
        flush();
    });
    flush();
  }

  // -- failures --------------------------------------------------------------

  replica& replica_at_hand() {
    if (!replica_)
      replica_.emplace(options_of_replica(), all_->store(), *this);
    return *replica_;
  }

  replica_options options_of_replica() const {
    replica_options options;
    options.shard = shard_no{number_};
    options.store = all_->identity().store;
    options.opened = all_->identity().opened;
    options.actor = all_->identity().actor;
    return options;
  }

  template <class Body>
  void attempt(Body&& body) {
    try {
      body();
    } catch (const store_failure& failure) {
      drop_replica(failure.code());
    }
  }

  /// The store does not follow: who waits is told so, and what was to be
  /// written is kept for the next try.
  void fail(errc code) {
    is_unsettled_ = true;
    note_failure(code);
    for (auto& [token, promise] : std::exchange(promises_, {}))
      promise.deliver(static_cast<std::uint8_t>(code));
  }

  /// A replica that could not read the store is of no use any more; it is made
  /// again for the next write.
  void drop_replica(errc code) {
    fail(code);
    all_->unsettled(number_).append(pending_);
    pending_.clear();
    replica_.reset();
    is_unsettled_ = false;
    last_ticket_ = 0;
    committed_ticket_ = 0;
  }

  errc note_failure(errc code) {
    ++all_->counters().failed_commits;
    last_code_ = code;
    runtime::log::error("metadata.commit_failed",
                        {{"group", std::to_string(number_)},
                         {"error", persistence::name(code)},
                         {"writes", std::to_string(promises_.size())}});
    return code;
  }

  void answer(write_token token, errc code) {
    const auto found = promises_.find(token);
    if (found == promises_.end())
      return;
    auto promise = std::move(found->second);
    promises_.erase(found);
    promise.deliver(static_cast<std::uint8_t>(code));
  }

  runtime::state_entries snapshot() const {
    runtime::state_entries entries{
      {"group", std::to_string(number_)},
      {"waiting_writes", std::to_string(promises_.size())},
      {"pending_bytes", std::to_string(pending_.size_bytes())},
      {"last_failure", last_code_ == errc::none
                         ? std::string{}
                         : std::string{persistence::name(last_code_)}}};
    if (replica_) {
      const auto& counters = replica_->counters();
      entries.push_back({"writes", std::to_string(counters.writes)});
      entries.push_back({"conflicts", std::to_string(counters.conflicts)});
    }
    return entries;
  }

  group_pointer self_;
  metadata* all_;
  std::uint8_t number_;
  metadata_group_options options_;
  std::optional<replica> replica_;
  persistence::write_batch pending_;
  ticket last_ticket_ = 0;
  ticket committed_ticket_ = 0;
  write_token last_token_ = 0;
  boost::unordered_flat_map<write_token, answer_promise> promises_;
  bool is_commit_due_ = false;
  bool is_sync_due_ = false;
  /// The last commit failed; `pending_` has it.
  bool is_unsettled_ = false;
  errc last_code_ = errc::none;
};

} // namespace

metadata_group spawn_metadata_group(caf::actor_system& system, metadata& all,
                                    std::uint8_t number,
                                    metadata_group_options options) {
  using implementation
    = caf::stateful_actor<metadata_group_state,
                          runtime::introspected<group_actor::impl>>;
  return system.spawn<implementation, caf::detached + caf::hidden>(
    &all, number, options);
}

} // namespace hetzel::cluster
