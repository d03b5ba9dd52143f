#pragma once

#include "cluster/membership/membership_message.hpp"
#include "cluster/membership/steady_time.hpp"
#include "cluster/membership/void_map.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace hetzel::cluster {

struct retirement_options {
  /// Columns that are polled at once.
  std::size_t open_max = 64;
  /// Who has not answered is asked again after this.
  std::chrono::milliseconds retry = std::chrono::seconds{5};
};

class retirement_sink {
public:
  virtual ~retirement_sink() = default;

  /// Also to this node itself: `replica::close`, and after its commit
  /// `column_of`, is the answer.
  virtual void poll(store_id member, const retire_poll& question) = 0;
  /// All have answered: `membership::add_voids`. Nothing to say of a column
  /// that has no gap.
  virtual void on_retired(shard_no shard, actor_id actor,
                          const void_column& column) = 0;
};

/// Closes the columns of actors that count no more (replication.md 2.11). It
/// works only on the member that is to do it (`member_map::coordinator`), and
/// a column is closed only with an answer of every member that is not removed,
/// all of the same version of the members: whoever is absent may hold the only
/// copy of an event. When a store is removed all columns are polled again, for
/// events that only it had are gaps now.
class retirement_desk {
public:
  /// The sink outlives this.
  retirement_desk(store_id own, retirement_options options,
                  retirement_sink& sink)
    : own_(own), options_(options), sink_(sink) {}

  /// The members changed, or whom this node can reach (itself included).
  void set_view(const member_map& members, std::uint8_t shards,
                const std::set<store_id>& reachable, steady_time now);
  void on_answer(store_id from, const retire_answer& answer, steady_time now);
  /// About once a second.
  void tick(steady_time now);

  [[nodiscard]] bool is_at_work() const noexcept { return is_at_work_; }
  /// Columns that are not closed yet.
  [[nodiscard]] std::size_t left() const noexcept {
    return open_.size() + waiting_.size();
  }

private:
  struct column_poll {
    std::map<store_id, retired_column> answers;
    steady_time asked;
  };

  void restart(steady_time now);
  void fill(steady_time now);
  void ask(const void_map::key& at, column_poll& poll, steady_time now);

  store_id own_;
  retirement_options options_;
  retirement_sink& sink_;
  bool is_at_work_ = false;
  std::uint64_t version_ = 0;
  std::uint8_t shards_ = 0;
  std::vector<store_id> members_;
  std::vector<actor_id> actors_;
  std::set<store_id> removed_;
  std::set<void_map::key> closed_;
  std::deque<void_map::key> waiting_;
  std::map<void_map::key, column_poll> open_;
};

/// How a member that was polled answers, once it has closed the column.
[[nodiscard]] retire_answer make_answer(const retire_poll& question,
                                        const member_map& members,
                                        const retired_column& column);

} // namespace hetzel::cluster
