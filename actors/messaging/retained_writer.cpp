#include "actors/messaging/retained_writer.hpp"

#include <utility>

namespace hetzel::messaging {

using persistence::errc;

std::uint32_t retained_writer::group_of(const mqtt::message& topic) const {
  return cluster::group_of(retained_key(topic),
                           static_cast<std::uint32_t>(groups_.size()));
}

std::uint32_t retained_writer::add(entry write) {
  const auto number = group_of(*write.message);
  auto key = encode(retained_key(*write.message));
  const auto [place, is_new]
    = groups_[number].waiting.try_emplace(std::move(key));
  auto& waiting = place->second;
  if (is_new) {
    waiting = std::move(write);
    return number;
  }
  waiting.message = std::move(write.message);
  for (auto& told : write.answers)
    waiting.answers.push_back(std::move(told));
  return number;
}

bool retained_writer::is_pending(const mqtt::message& topic) const {
  const auto& of = groups_[group_of(topic)];
  const auto key = encode(retained_key(topic));
  return of.waiting.contains(key) || of.under_way.contains(key);
}

cluster::metadata_write_ptr retained_writer::take(std::uint32_t number,
                                                  const both_clocks& now) {
  auto& of = groups_[number];
  if (of.waiting.empty() || !of.under_way.empty())
    return nullptr;
  of.under_way = std::exchange(of.waiting, {});
  auto write = std::make_shared<cluster::metadata_write>();
  write->changes.reserve(of.under_way.size());
  for (const auto& [key, one] : of.under_way)
    write->changes.push_back(store_retained(*one.message, now));
  return write;
}

std::vector<retained_writer::entry>
retained_writer::finish(std::uint32_t number, errc code) {
  auto& of = groups_[number];
  auto ended = std::exchange(of.under_way, {});
  std::vector<entry> failed;
  for (auto& [key, one] : ended) {
    for (const auto& told : std::exchange(one.answers, {}))
      told(code);
    if (code == errc::none)
      continue;
    // A newer one that waits has its own chance; then this is what was stored.
    const auto newer = of.waiting.find(key);
    if (newer != of.waiting.end())
      newer->second.stored = std::move(one.stored);
    else
      failed.push_back(std::move(one));
  }
  return failed;
}

std::size_t retained_writer::size() const noexcept {
  std::size_t sum = 0;
  for (const auto& one : groups_)
    sum += one.waiting.size() + one.under_way.size();
  return sum;
}

} // namespace hetzel::messaging
