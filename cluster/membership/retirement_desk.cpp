#include "cluster/membership/retirement_desk.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

namespace {

std::set<store_id> removed_of(const member_map& members) {
  std::set<store_id> removed;
  for (auto& [store, one] : members)
    if (one.is_removed())
      removed.insert(store);
  return removed;
}

} // namespace

void retirement_desk::set_view(const member_map& members, std::uint8_t shards,
                               const std::set<store_id>& reachable,
                               steady_time now) {
  auto version = version_of(members);
  auto is_mine = members.coordinator(reachable) == own_;
  if (is_mine == is_at_work_ && version == version_)
    return;
  auto removed = removed_of(members);
  // Who did not work may have missed what another one was told.
  if (!is_at_work_ || removed != removed_)
    closed_.clear();
  is_at_work_ = is_mine;
  version_ = version;
  shards_ = shards;
  members_ = members.active();
  actors_ = members.retired_actors();
  removed_ = std::move(removed);
  restart(now);
}

void retirement_desk::restart(steady_time now) {
  open_.clear();
  waiting_.clear();
  if (!is_at_work_)
    return;
  for (auto actor : actors_)
    for (std::uint8_t shard = 0; shard < shards_; ++shard)
      if (void_map::key at{shard_no{shard}, actor}; !closed_.contains(at))
        waiting_.push_back(at);
  fill(now);
}

void retirement_desk::fill(steady_time now) {
  while (open_.size() < options_.open_max && !waiting_.empty()) {
    auto at = waiting_.front();
    waiting_.pop_front();
    ask(at, open_[at], now);
  }
}

void retirement_desk::ask(const void_map::key& at, column_poll& poll,
                          steady_time now) {
  poll.asked = now;
  for (auto store : members_)
    if (!poll.answers.contains(store))
      sink_.poll(store, {at.first, at.second, version_});
}

void retirement_desk::on_answer(store_id from, const retire_answer& answer,
                                steady_time now) {
  void_map::key at{answer.shard, answer.actor};
  auto found = open_.find(at);
  if (found == open_.end() || answer.members_version != version_
      || std::find(members_.begin(), members_.end(), from) == members_.end())
    return;
  auto& answers = found->second.answers;
  answers[from] = {answer.dots, answer.bound};
  if (answers.size() < members_.size())
    return;
  std::vector<retired_column> columns;
  std::uint64_t bound = 0;
  for (auto& [store, column] : answers) {
    bound = std::max({bound, column.bound, column.dots.last()});
    columns.push_back(column);
  }
  auto made = retire(columns);
  open_.erase(found);
  closed_.insert(at);
  void_column column{std::move(made.voids), made.needs_levelling ? bound : 0};
  if (column != void_column{})
    sink_.on_retired(at.first, at.second, column);
  fill(now);
}

void retirement_desk::tick(steady_time now) {
  for (auto& [at, poll] : open_)
    if (now >= poll.asked + options_.retry)
      ask(at, poll, now);
}

retire_answer make_answer(const retire_poll& question,
                          const member_map& members,
                          const retired_column& column) {
  return {question.shard, question.actor, version_of(members), column.dots,
          column.bound};
}

} // namespace hetzel::cluster
