#include "test/simulation/oracle.hpp"

#include <cstring>

namespace hetzel::test {

event_set event_set::of_bytes(std::string_view bytes) {
  event_set made;
  made.words_.resize(bytes.size() / 8);
  if (!bytes.empty())
    std::memcpy(made.words_.data(), bytes.data(), made.words_.size() * 8);
  return made;
}

std::string event_set::bytes() const {
  std::string made(words_.size() * 8, '\0');
  if (!words_.empty())
    std::memcpy(made.data(), words_.data(), made.size());
  return made;
}

bool event_set::includes(const event_set& other) const noexcept {
  for (std::size_t w = 0; w < other.words_.size(); ++w)
    if ((other.words_[w] & ~(w < words_.size() ? words_[w] : 0)) != 0)
      return false;
  return true;
}

void event_set::insert(std::size_t event) {
  if (words_.size() <= event / 64)
    words_.resize(event / 64 + 1);
  words_[event / 64] |= std::uint64_t{1} << event % 64;
}

void event_set::unite(const event_set& other) {
  if (words_.size() < other.words_.size())
    words_.resize(other.words_.size());
  for (std::size_t w = 0; w < other.words_.size(); ++w)
    words_[w] |= other.words_[w];
}

void event_set::subtract(const event_set& other) noexcept {
  for (std::size_t w = 0; w < words_.size() && w < other.words_.size(); ++w)
    words_[w] &= ~other.words_[w];
}

std::size_t oracle::record(event happened) {
  auto [place, is_new] = numbers_.emplace(happened.id, events_.size());
  if (!is_new)
    throw broken_rule("R4: dot " + to_string(happened.id)
                      + " was issued twice");
  events_.push_back(std::move(happened));
  return place->second;
}

void oracle::forget(std::size_t number) {
  events_[number].is_forgotten = true;
  numbers_.erase(events_[number].id);
}

std::optional<std::size_t> oracle::find(cluster::dot id) const {
  auto found = numbers_.find(id);
  if (found == numbers_.end())
    return std::nullopt;
  return found->second;
}

event_set oracle::visible(const event_set& incorporated) const {
  event_set puts;
  incorporated.each([&](std::size_t e) {
    if (events_[e].is_put)
      puts.insert(e);
  });
  incorporated.each(
    [&](std::size_t e) { puts.subtract(events_[e].observed); });
  return puts;
}

event_set oracle::with_observed(const event_set& events) const {
  auto all = events;
  events.each([&](std::size_t e) { all.unite(events_[e].observed); });
  return all;
}

std::string to_string(cluster::dot id) {
  return "(" + std::to_string(static_cast<std::uint64_t>(id.actor)) + ","
         + std::to_string(id.counter) + ")";
}

} // namespace hetzel::test
