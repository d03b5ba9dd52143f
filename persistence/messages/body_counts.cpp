#include "persistence/messages/body_counts.hpp"

#include "persistence/invariant.hpp"

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
  const auto known = counts_.find(number(id));
  const auto change = staged_.find(number(id));
  const auto before = known == counts_.end() ? tally() : known->second;
  const auto by = change == staged_.end() ? 0 : change->second.change;
  return before.references + by == 0 && (is_new(id) || before.is_met);
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
    const auto [found, added] = counts_.try_emplace(id);
    found->second.references += entry.change;
    if (found->second.references == 0)
      counts_.erase(found);
  }
  staged_.clear();
}

void body_counts::add_found(const reference_change& change) {
  if (is_new(change.body) || settled_)
    return;
  counts_[number(change.body)].references += change.change;
}

bool body_counts::meet(body_id id) {
  HETZEL_INVARIANT(settled_ && !is_new(id));
  const auto known = counts_.find(number(id));
  if (known == counts_.end())
    return true;
  known->second.is_met = true;
  return false;
}

} // namespace hetzel::persistence
