#include "actors/messaging/restore.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/runtime/log.hpp"
#include "cluster/metadata/metadata.hpp"
#include "cluster/metadata/session_record.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

using cluster::metadata_key;
using cluster::record_kind;
using persistence::errc;

constexpr std::chrono::seconds step_timeout{60};
constexpr std::chrono::milliseconds index_check{1};
/// Sessions or messages per message to an actor, each answered before the
/// next: what is on its way stays small.
constexpr std::size_t batch_size = 1000;

class restoration {
public:
  restoration(exchange& node, caf::scoped_actor& self)
    : node_(node),
      self_(self),
      now_(at_wall_clock(std::chrono::steady_clock::now())),
      sessions_(node.reactor_count()),
      retained_(node.retained_shards.size()) {}

  [[nodiscard]] errc run() {
    for (const auto step : {&restoration::read_sessions,
                            &restoration::read_subscriptions,
                            &restoration::read_queues,
                            &restoration::read_retained})
      if (const auto code = (this->*step)(); code != errc::none)
        return code;
    hand_over_sessions();
    await_index();
    delete_outdated();
    if (node_.messages)
      node_.messages->listener = &node_;
    return errc::none;
  }

  [[nodiscard]] const restore_report& report() const { return report_; }

private:
  // -- reading ---------------------------------------------------------------

  errc read_sessions() {
    return node_.metadata->for_each(
      record_kind::session,
      [this](const metadata_key& key, std::string_view value) {
        auto record = cluster::decode_session_record(value);
        subscriber_key of{key.mountpoint, key.subject};
        std::string text{of.text()};
        if (!record) {
          unreadable_.insert(std::move(text));
          return note_unreadable(key);
        }
        // A will is published before its Session ends.
        if (is_expired(*record) && !record->will)
          return discard(key);
        known_.emplace(std::move(text),
                       restored_session{std::move(of), std::move(*record),
                                        {}, {}});
      });
  }

  [[nodiscard]] bool
  is_expired(const cluster::session_record& record) const {
    return record.disconnected_at && record.expiry
           && *record.disconnected_at + *record.expiry <= now_.wall;
  }

  errc read_subscriptions() {
    return node_.metadata->for_each(
      record_kind::subscription,
      [this](const metadata_key& key, std::string_view value) {
        const auto record = cluster::decode_subscription_record(value);
        const subscriber_key of{key.mountpoint, key.subject};
        const std::string text{of.text()};
        if (unreadable_.contains(text))
          return;
        const auto found = known_.find(text);
        if (found == known_.end())
          return discard(key);
        if (!record)
          return note_unreadable(key);
        found->second.subscriptions.push_back({std::string{key.topic_filter},
                                               record->options,
                                               record->subscription_id});
        ++report_.subscriptions;
      });
  }

  // -- the message store -----------------------------------------------------

  errc read_queues() {
    if (!node_.messages)
      return errc::none;
    for (std::size_t shard = 0; shard < node_.messages->shard_count(); ++shard)
      if (const auto code = read_marks(shard); code != errc::none)
        return code;
    for (std::size_t shard = 0; shard < node_.messages->shard_count(); ++shard)
      if (const auto code = read_queues_of(shard); code != errc::none)
        return code;
    return errc::none;
  }

  errc read_marks(std::size_t shard) {
    const auto found = node_.messages->shard(shard).read().list_marks();
    if (!found)
      return found.error();
    for (const auto& mark : *found)
      marks_[mark.sender].push_back(mark);
    return errc::none;
  }

  errc read_queues_of(std::size_t shard) {
    const auto& from = node_.messages->shard(shard).read();
    auto orphans = std::make_shared<persistence::message_batch>();
    std::optional<persistence::queue_name> last;
    for (;;) {
      const auto page = from.list_queues(last, batch_size);
      if (!page)
        return page.error();
      for (const auto& [name, id] : *page)
        if (const auto code = read_queue(shard, name, id, *orphans);
            code != errc::none)
          return code;
      if (page->size() < batch_size)
        break;
      last = page->back().first;
    }
    if (!orphans->empty()) {
      auto request = std::make_shared<commit_request>();
      request->batch = std::move(orphans);
      self_->send(node_.messages->writer(shard).get(),
                  commit_request_ptr{std::move(request)});
    }
    return errc::none;
  }

  /// A queue whose Session is not there any more goes.
  errc read_queue(std::size_t shard, const persistence::queue_name& name,
                  persistence::queue_id id,
                  persistence::message_batch& orphans) {
    const subscriber_key of{name.mountpoint, name.client_id};
    const std::string text{of.text()};
    if (unreadable_.contains(text))
      return errc::none;
    const auto session = known_.find(text);
    if (session == known_.end()) {
      ++report_.outdated;
      orphans.erase_queue(id, name, persistence::no_deadline);
      return errc::none;
    }
    const auto& from = node_.messages->shard(shard).read();
    const auto ledger = from.ledger_of(id);
    const auto record = from.session_of(id);
    if (!ledger || !record)
      return ledger ? record.error() : ledger.error();
    stored_origin origin{id, *ledger, {}, {}};
    if (*record) {
      auto image = decode_session_image((*record)->image);
      if (!image)
        return image.error();
      origin.image = std::move(*image);
    }
    if (const auto marks = marks_.find(address_of(shard, id));
        marks != marks_.end())
      origin.marks = std::move(marks->second);
    report_.messages += static_cast<std::size_t>(ledger->count);
    session->second.stored = std::move(origin);
    return errc::none;
  }

  errc read_retained() {
    const auto code = node_.metadata->for_each(
      record_kind::retained,
      [this](const metadata_key& key, std::string_view value) {
        auto message = retained_message(key, value, now_);
        if (!message)
          return note_unreadable(key);
        if (message->is_expired(now_.steady))
          return discard(key);
        const auto shard
          = node_.retained_shard_of(key.mountpoint, key.subject);
        auto& waiting = retained_[shard];
        waiting.push_back(std::move(message));
        ++report_.retained;
        if (waiting.size() == batch_size)
          hand_over_retained(shard);
      });
    for (std::size_t shard = 0; shard < retained_.size(); ++shard)
      hand_over_retained(shard);
    return code;
  }

  // -- handing over ----------------------------------------------------------

  void hand_over_retained(std::size_t shard) {
    if (retained_[shard].empty())
      return;
    auto changes = std::make_shared<retained_changes>();
    changes->messages = std::exchange(retained_[shard], {});
    deliver(node_.retained_shards[shard].get(),
            retained_changes_ptr{std::move(changes)});
  }

  void hand_over_sessions() {
    report_.sessions = known_.size();
    for (auto& [text, session] : known_) {
      const auto home = node_.home_of(session.key);
      sessions_[home].push_back(std::move(session));
      if (sessions_[home].size() == batch_size)
        hand_over_sessions_of(home);
    }
    for (std::size_t home = 0; home < sessions_.size(); ++home)
      hand_over_sessions_of(home);
    known_.clear();
  }

  void hand_over_sessions_of(std::size_t home) {
    if (sessions_[home].empty())
      return;
    auto batch = std::make_shared<restored_sessions>();
    batch->sessions = std::exchange(sessions_[home], {});
    deliver(node_.registrars[home].get(),
            restored_sessions_ptr{std::move(batch)});
  }

  /// A publisher must not meet an index without the subscriptions of clients
  /// that are away: what it is told was accepted would not reach them.
  void await_index() {
    auto left = node_.restoring.load();
    auto deadline = std::chrono::steady_clock::now() + step_timeout;
    while (left > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(index_check);
      if (node_.restoring < left)
        deadline = std::chrono::steady_clock::now() + step_timeout;
      left = node_.restoring;
    }
    if (left > 0)
      runtime::log::error("restore.index_late",
                          {{"sessions", std::to_string(left)}});
  }

  template <class Handle, class Message>
  void deliver(const Handle& to, Message message) {
    self_->request(to, step_timeout, std::move(message))
      .receive([] {},
               [](const caf::error& why) {
                 runtime::log::error("restore.failed",
                                     {{"error", to_string(why)}});
               });
  }

  // -- what is of no use any more --------------------------------------------

  /// Of a later version, or a fault: to delete it would be for good.
  void note_unreadable(const metadata_key& key) {
    ++report_.unreadable;
    runtime::log::error("restore.unreadable_record",
                        {{"kind", std::string(1, static_cast<char>(key.kind))},
                         {"subject", std::string{key.subject}}});
  }

  void discard(const metadata_key& key) {
    ++report_.outdated;
    outdated_[node_.metadata->group_number(key)].push_back(
      {encode(key), std::nullopt});
  }

  void delete_outdated() {
    for (auto& [group, changes] : outdated_) {
      auto write = std::make_shared<cluster::metadata_write>();
      write->changes = std::move(changes);
      self_->send(node_.metadata->group(group),
                  cluster::metadata_write_ptr{std::move(write)});
    }
  }

  exchange& node_;
  caf::scoped_actor& self_;
  both_clocks now_;
  restore_report report_;
  boost::unordered_flat_map<std::string, restored_session> known_;
  /// Who has a session record that is not understood.
  boost::unordered_flat_set<std::string> unreadable_;
  boost::unordered_flat_map<std::uint64_t,
                            std::vector<persistence::receive_mark>>
    marks_; // by sender
  std::vector<std::vector<restored_session>> sessions_;
  std::vector<std::vector<mqtt::message_ptr>> retained_;
  boost::unordered_flat_map<std::uint8_t,
                            std::vector<cluster::metadata_change>>
    outdated_;
};

} // namespace

persistence::expected<restore_report, errc> restore(exchange& node,
                                                    caf::scoped_actor& self) {
  if (!node.metadata)
    return restore_report{};
  restoration work{node, self};
  node.is_restoring = true;
  const auto code = work.run();
  node.is_restoring = false;
  if (code != errc::none)
    return persistence::unexpected(code);
  return work.report();
}

} // namespace hetzel::messaging
