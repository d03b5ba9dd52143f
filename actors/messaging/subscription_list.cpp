#include "actors/messaging/subscription_list.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

template <class Entries>
auto position_of(Entries& entries, mqtt::bytes_view topic_filter) {
  return std::lower_bound(entries.begin(), entries.end(), topic_filter,
                          [](const auto& entry, mqtt::bytes_view filter) {
                            return entry.topic_filter < filter;
                          });
}

} // namespace

const subscription_list::entry*
subscription_list::find(mqtt::bytes_view topic_filter) const {
  const auto at = position_of(entries_, topic_filter);
  return at != entries_.end() && at->topic_filter == topic_filter ? &*at
                                                                  : nullptr;
}

bool subscription_list::set(entry added) {
  const auto at = position_of(entries_, added.topic_filter);
  if (at != entries_.end() && at->topic_filter == added.topic_filter) {
    *at = std::move(added);
    return false;
  }
  // Most clients subscribe once or twice: no room to spare at the start.
  if (entries_.size() == entries_.capacity() && entries_.size() < 4) {
    const auto offset = at - entries_.begin();
    entries_.reserve(entries_.size() + 1);
    entries_.insert(entries_.begin() + offset, std::move(added));
  } else {
    entries_.insert(at, std::move(added));
  }
  return true;
}

bool subscription_list::erase(mqtt::bytes_view topic_filter) {
  const auto at = position_of(entries_, topic_filter);
  if (at == entries_.end() || at->topic_filter != topic_filter)
    return false;
  entries_.erase(at);
  return true;
}

} // namespace hetzel::messaging
