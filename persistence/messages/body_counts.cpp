#include "persistence/messages/body_counts.hpp"

namespace hetzel::persistence {

void body_counts::begin() {
  staged_.clear();
}

void body_counts::stage_body(body_id id, std::int32_t references) {
  auto& entry = staged_[number(id)];
  entry.change += references;
  entry.is_put = true;
}

/// A reference to an old body that went before it was found was never counted,
/// and one to a new body was counted with the body.
void body_counts::stage(const reference_change& change) {
  const bool counted = is_new(change.body) ? change.change < 0
                                           : change.was_found;
  if (counted)
    staged_[number(change.body)].change += change.change;
}

bool body_counts::is_gone(body_id id) const {
  return count_of(id) == 0 && (is_new(id) || settled_);
}

const std::vector<body_id>& body_counts::find_gone() {
  gone_.clear();
  for (const auto& [id, entry] : staged_)
    if (!entry.is_put && is_gone(static_cast<body_id>(id)))
      gone_.push_back(static_cast<body_id>(id));
  return gone_;
}

void body_counts::keep() {
  for (const auto& [id, entry] : staged_) {
    const auto [found, added] = counts_.try_emplace(id, 0);
    found->second += entry.change;
    if (found->second == 0)
      counts_.erase(found);
  }
  staged_.clear();
}

void body_counts::add_found(const reference_change& change) {
  if (is_new(change.body) || settled_)
    return;
  counts_[number(change.body)] += change.change;
}

bool body_counts::is_orphan(body_id id) const {
  return settled_ && !is_new(id) && !counts_.contains(number(id));
}

std::int32_t body_counts::count_of(body_id id) const {
  const auto known = counts_.find(number(id));
  const auto change = staged_.find(number(id));
  return (known == counts_.end() ? 0 : known->second)
         + (change == staged_.end() ? 0 : change->second.change);
}

} // namespace hetzel::persistence
