#include "actors/messaging/index/match_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hetzel::messaging {

namespace {

bool is_grouped(std::span<const subscription> list) noexcept {
  return std::ranges::is_sorted(
    list, {}, [](const subscription& s) { return s.queue.reactor(); });
}

/// What one subscription alone grants; identifiers apart.
match_target target_of(const subscription& one) noexcept {
  return {one.queue, 0, one.options.quality, one.options.retain_as_published,
          one.options.no_local ? own_rule::none : own_rule::same};
}

/// Adds what another subscription of the same queue grants.
void widen(match_target& target, const subscription& by) noexcept {
  target.quality = std::max(target.quality, by.options.quality);
  target.retain_as_published |= by.options.retain_as_published;
}

} // namespace

void match_builder::add(const subscription& one) {
  gathered_.push_back(one);
  ++filters_;
}

void match_builder::add(std::span<const subscription> several) {
  gathered_.insert(gathered_.end(), several.begin(), several.end());
  ++filters_;
}

void match_builder::build(match_set& out) {
  out.targets_.clear();
  out.shared_.clear();
  out.ids_.clear();
  out.own_.clear();
  out.shared_.swap(shared_);
  if (!gathered_.empty()) {
    order();
    make_targets(out);
    gathered_.clear();
    single_ids_.clear();
  }
  filters_ = 0;
}

void match_builder::order() {
  if (filters_ > 1) {
    // Brings together what belongs to one queue, and by its high bits to one
    // reactor.
    std::ranges::sort(gathered_, {}, &subscription::queue);
    return;
  }
  if (is_grouped(gathered_))
    return;
  // One filter has each queue once: counting is enough, and for a thousand
  // subscribers ten times faster than sorting.
  std::array<std::uint32_t, 256> starts{};
  for (const auto& s : gathered_)
    ++starts[s.queue.reactor()];
  std::uint32_t next = 0;
  for (auto& start : starts)
    next += std::exchange(start, next);
  ordered_.resize(gathered_.size());
  for (const auto& s : gathered_)
    ordered_[starts[s.queue.reactor()]++] = s;
  gathered_.swap(ordered_);
}

void match_builder::make_targets(match_set& out) {
  out.targets_.reserve(gathered_.size());
  const std::span<const subscription> all{gathered_};
  for (std::size_t i = 0; i < all.size();) {
    auto end = i + 1;
    if (filters_ > 1)
      while (end < all.size() && all[end].queue == all[i].queue)
        ++end;
    out.targets_.push_back(merge(all.subspan(i, end - i), out));
    i = end;
  }
}

match_target match_builder::merge(std::span<const subscription> same_queue,
                                  match_set& out) {
  auto target = target_of(same_queue.front());
  if (same_queue.size() == 1) {
    target.ids = add_single_id(same_queue.front().subscription_id, out);
    return target;
  }
  for (const auto& s : same_queue)
    widen(target, s);
  target.ids = add_ids(same_queue, out);
  const auto is_local
    = [](const subscription& s) { return !s.options.no_local; };
  const auto heard = std::ranges::count_if(same_queue, is_local);
  if (heard == 0 || heard == std::ssize(same_queue)) {
    target.own = heard == 0 ? own_rule::none : own_rule::same;
    return target;
  }
  target.own = own_rule::part;
  heard_.clear();
  std::ranges::copy_if(same_queue, std::back_inserter(heard_), is_local);
  auto own = target_of(heard_.front());
  for (const auto& s : heard_)
    widen(own, s);
  own.ids = add_ids(heard_, out);
  out.own_.push_back(own);
  return target;
}

std::uint32_t match_builder::add_ids(std::span<const subscription> same_queue,
                                     match_set& out) {
  // The same identifier twice stays twice (MQTT 5, 3.3.4).
  std::vector<std::uint32_t> ids;
  for (const auto& s : same_queue)
    if (s.subscription_id != 0)
      ids.push_back(s.subscription_id);
  if (ids.size() <= 1)
    return add_single_id(ids.empty() ? 0 : ids.front(), out);
  out.ids_.push_back(
    std::make_shared<const std::vector<std::uint32_t>>(std::move(ids)));
  return static_cast<std::uint32_t>(out.ids_.size());
}

std::uint32_t match_builder::add_single_id(std::uint32_t id, match_set& out) {
  if (id == 0)
    return 0;
  const auto [known, is_new] = single_ids_.try_emplace(id, 0);
  if (is_new) {
    out.ids_.push_back(
      std::make_shared<const std::vector<std::uint32_t>>(1, id));
    known->second = static_cast<std::uint32_t>(out.ids_.size());
  }
  return known->second;
}

} // namespace hetzel::messaging
