#include "actors/messaging/storage/store_writer.hpp"

#include "actors/messaging/storage/expiry_walk.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/stored_message.hpp"
#include "actors/runtime/log.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

using persistence::durability;
using persistence::errc;

/// A commit takes what waits in the mailbox, up to about this.
constexpr std::size_t commit_bytes_max = std::size_t{4} << 20;
/// How soon a commit that failed is tried again.
constexpr std::chrono::milliseconds repair_interval{500};
/// Records that are looked at for garbage between two messages.
constexpr std::size_t sweep_budget = 2000;
constexpr std::chrono::milliseconds sweep_interval{1000};
/// Expired messages that are looked at at a time; how soon the next are, and
/// how soon it is looked again when there were no more. Queues are told 50,000
/// per second at most.
constexpr std::size_t expiry_budget = 1000;
constexpr std::chrono::milliseconds expiry_pace{20};
constexpr std::chrono::milliseconds expiry_interval{1000};

/// To itself: to commit what came before, to try again, to sweep, to look for
/// what expired.
using writer_actor = store_writer::extend<caf::result<void>(commit_atom),
                                          caf::result<void>(repair_atom),
                                          caf::result<void>(sweep_atom),
                                          caf::result<void>(expire_atom)>;
using writer_pointer = runtime::introspected<writer_actor::impl>*;

/// Makes deliveries of what is read.
class window_reader final : public persistence::entry_sink {
public:
  explicit window_reader(loaded_window& to) : to_(to), now_(read_clocks()) {}

  void on_entry(const persistence::entry_stub& stub,
                const persistence::entry_record& what) override {
    if (auto item = decode_stored(stub, what, now_))
      to_.messages.push_back({stub, std::move(*item),
                              std::string{share_of(what.header)}});
    else
      to_.lost.push_back(stub);
  }

private:
  static both_clocks read_clocks() {
    return at_wall_clock(std::chrono::steady_clock::now());
  }

  loaded_window& to_;
  both_clocks now_;
};

class store_writer_state {
public:
  static inline const char* name = "messaging.store_writer";

  store_writer_state(writer_pointer self, message_disk* disk,
                     std::size_t shard)
    : self_(self),
      disk_(disk),
      number_(shard),
      shard_(disk->shard(shard)),
      expiry_(shard_.read()) {}

  ~store_writer_state() {
    const auto alone = enter();
    commit();
  }

  store_writer_state(const store_writer_state&) = delete;
  store_writer_state& operator=(const store_writer_state&) = delete;

  writer_actor::behavior_type make_behavior() {
    {
      const auto alone = enter();
      if (owed().is_owed())
        repair_later();
    }
    self_->send(itself(), sweep_atom_v);
    self_->send(itself(), expire_atom_v);
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const commit_request_ptr& request) { return on_commit(*request); },
      [this](const window_query_ptr& query) { return on_query(*query); },
      [this](commit_atom) { on_commit_due(); },
      [this](repair_atom) { on_repair(); },
      [this](sweep_atom) { on_sweep(); },
      [this](expire_atom) { on_expire(); },
    };
  }

private:
  using answer_promise = caf::typed_response_promise<std::uint8_t>;
  using stubs = std::vector<persistence::entry_stub>;

  [[nodiscard]] std::unique_lock<std::mutex> enter() {
    return std::unique_lock{disk_->guard(number_)};
  }

  writer_actor itself() {
    return caf::actor_cast<writer_actor>(self_->ctrl());
  }

  /// What was not written yet: here while it is gathered, and for as long as
  /// the store does not take it.
  persistence::message_batch& owed() { return disk_->owed(number_); }

  runtime::state_entries snapshot() {
    const auto alone = enter();
    const auto seen = shard_.statistics();
    const auto health = disk_->health(number_);
    const bool is_failing = health.failure != errc::none;
    return {{"shard", std::to_string(number_)},
            {"queues", std::to_string(seen.totals.queues)},
            {"messages", std::to_string(seen.totals.entries)},
            {"bytes", std::to_string(seen.totals.bytes)},
            {"bodies", std::to_string(seen.totals.bodies)},
            {"commits", std::to_string(seen.commits)},
            {"failed_commits", std::to_string(seen.failed_commits)},
            {"waiting", std::to_string(answers_.size())},
            {"refused", std::to_string(disk_->counters().refused)},
            {"failure", std::string{persistence::name(health.failure)}},
            {is_failing ? "failing_seconds" : "working_seconds",
             std::to_string(health.unchanged_for.count())}};
  }

  // -- commits ---------------------------------------------------------------

  caf::result<std::uint8_t> on_commit(const commit_request& request) {
    auto promise = self_->make_response_promise<std::uint8_t>();
    if (!is_next(request)) {
      promise.deliver(caf::make_error(caf::sec::unexpected_message));
      return promise;
    }
    const auto alone = enter();
    disk_->counters().operations += request.batch->count();
    owed().append(*request.batch);
    level_ = std::max(level_, request.level);
    answers_.push_back(promise);
    if (owed().size_bytes() >= commit_bytes_max)
      commit();
    else if (!std::exchange(is_commit_due_, true))
      self_->send(itself(), commit_atom_v);
    return promise;
  }

  void on_commit_due() {
    const auto alone = enter();
    is_commit_due_ = false;
    commit();
  }

  bool is_next(const commit_request& request) {
    if (request.reactor == commit_request::no_reactor)
      return true;
    auto& last = last_[request.reactor];
    if (!request.is_anew && request.number != last + 1)
      return false;
    last = request.number;
    return true;
  }

  void commit() {
    if (answers_.empty() && owed().empty())
      return;
    const auto code = shard_.commit(owed(), level_);
    if (code == errc::none)
      ++disk_->counters().commits;
    else
      ++disk_->counters().failed_commits;
    note(code);
    if (code == errc::none)
      tell_others();
    level_ = durability::written;
    for (auto& promise : std::exchange(answers_, {}))
      promise.deliver(static_cast<std::uint8_t>(code));
  }

  /// References of bodies in other shards that came or went.
  void tell_others() {
    std::map<unsigned, std::shared_ptr<persistence::message_batch>> batches;
    for (const auto& change : shard_.take_changes()) {
      auto& batch = batches[persistence::shard_of(change.body)];
      if (!batch)
        batch = std::make_shared<persistence::message_batch>();
      batch->change_references(change);
    }
    for (auto& [shard, batch] : batches) {
      auto request = std::make_shared<commit_request>();
      request->batch = std::move(batch);
      caf::anon_send(disk_->writer(shard).get(),
                     commit_request_ptr{std::move(request)});
    }
  }

  void note(errc code) {
    const auto before = disk_->failure(number_);
    disk_->set_failure(number_, code);
    if (code != errc::none)
      repair_later();
    if (code == before)
      return;
    const auto shard = std::to_string(number_);
    if (code == errc::none)
      runtime::log::info("store.recovered", {{"shard", shard}});
    else
      runtime::log::error("store.failed",
                          {{"shard", shard},
                           {"error", persistence::name(code)}});
  }

  void repair_later() {
    if (!std::exchange(is_repair_due_, true))
      self_->delayed_send(itself(), repair_interval, repair_atom_v);
  }

  void on_repair() {
    const auto alone = enter();
    is_repair_due_ = false;
    if (disk_->failure(number_) != errc::none || owed().is_owed())
      commit();
  }

  // -- reading ---------------------------------------------------------------

  caf::result<loaded_window_ptr> on_query(const window_query& query) {
    const auto alone = enter();
    commit();
    auto reply = std::make_shared<loaded_window>();
    reply->is_drop = query.is_drop;
    // What is owed is not there to be read.
    if (owed().is_owed()) {
      reply->status = disk_->failure(number_);
      return loaded_window_ptr{std::move(reply)};
    }
    window_reader reader{*reply};
    const auto seen = shard_.read_window(query.queue, query.what, reader);
    ++disk_->counters().windows;
    for (const auto* gone : {&seen.dangling, &seen.damaged})
      reply->lost.insert(reply->lost.end(), gone->begin(), gone->end());
    reply->at_end = seen.at_end;
    reply->rest = seen.rest;
    reply->status = seen.status;
    end_before_what_comes(*reply, seen.dangling);
    count_lost(*reply);
    return loaded_window_ptr{std::move(reply)};
  }

  /// When a writer or a keeper is started anew, an entry may be here before the
  /// body, which is sent again with all of its reactor's batches.
  void end_before_what_comes(loaded_window& window, const stubs& dangling) {
    const auto first = std::find_if(
      dangling.begin(), dangling.end(), [this](const auto& stub) {
        return disk_->is_to_come(stub.body);
      });
    if (first == dangling.end())
      return;
    const bool is_backwards = window.rest.newest_first;
    const auto is_behind = [&](const persistence::entry_stub& stub) {
      return is_backwards ? stub.at <= first->at : stub.at >= first->at;
    };
    std::erase_if(window.messages,
                  [&](const auto& one) { return is_behind(one.stub); });
    std::erase_if(window.lost, is_behind);
    window.status = errc::io_error;
  }

  void count_lost(const loaded_window& window) {
    if (window.lost.empty())
      return;
    disk_->counters().lost += window.lost.size();
    runtime::log::warning("store.messages_lost",
                          {{"shard", std::to_string(number_)},
                           {"messages", std::to_string(window.lost.size())}});
  }

  // -- upkeep ----------------------------------------------------------------

  void on_sweep() {
    const auto alone = enter();
    bool is_idle = true;
    if (owed().empty() && !owed().is_owed()) {
      const auto report = shard_.sweep(sweep_budget, owed());
      is_idle = report.idle || report.status != errc::none;
      commit();
      // What they found was sent before they said so.
      if (report.marked && !is_settled_ && disk_->note_marked(number_)) {
        is_settled_ = true;
        shard_.settle();
      }
    }
    if (is_idle)
      self_->delayed_send(itself(), sweep_interval, sweep_atom_v);
    else
      self_->send(itself(), sweep_atom_v);
  }

  // -- expiry ----------------------------------------------------------------

  void on_expire() {
    const auto alone = enter();
    commit();
    auto* const listener = disk_->listener.load();
    const bool is_all = !listener || owed().is_owed() || expire(*listener);
    self_->delayed_send(itself(), is_all ? expiry_interval : expiry_pace,
                        expire_atom_v);
  }

  /// One step; false: there is more. The queues erase what they are told of.
  bool expire(expiry_listener& listener) {
    if (disk_->take_tells_again(number_))
      expiry_.restart();
    auto found = expiry_.next(read_wall_clock(), expiry_budget, owed());
    commit();
    for (auto& queue : found.queues) {
      const auto reactor = listener.reactor_of(queue.key);
      queue.seen = last_[static_cast<std::uint32_t>(reactor)];
      listener.on_expired(reactor, std::move(queue));
    }
    return found.at_end;
  }

  static persistence::deadline read_wall_clock() {
    return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  }

  writer_pointer self_;
  message_disk* disk_;
  std::size_t number_;
  persistence::message_store& shard_;
  expiry_walk expiry_;
  durability level_ = durability::written;
  std::vector<answer_promise> answers_;
  std::map<std::uint32_t, std::uint64_t> last_; // by reactor
  bool is_commit_due_ = false;
  bool is_repair_due_ = false;
  bool is_settled_ = false;
};

} // namespace

store_writer spawn_store_writer(caf::actor_system& system, message_disk& disk,
                                std::size_t shard) {
  using implementation
    = caf::stateful_actor<store_writer_state,
                          runtime::introspected<writer_actor::impl>>;
  return system.spawn<implementation, caf::detached + caf::hidden>(&disk,
                                                                   shard);
}

} // namespace hetzel::messaging
