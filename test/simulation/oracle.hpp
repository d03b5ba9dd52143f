#pragma once

#include "cluster/swc/dot.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// A rule of replication that a run has broken.
class broken_rule : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Numbers of events, in one word for each 64 of them.
class event_set {
public:
  event_set() = default;
  [[nodiscard]] static event_set of_bytes(std::string_view bytes);
  [[nodiscard]] std::string bytes() const;

  [[nodiscard]] bool contains(std::size_t event) const noexcept {
    return event / 64 < words_.size()
           && (words_[event / 64] >> event % 64 & 1U) != 0;
  }
  [[nodiscard]] bool includes(const event_set& other) const noexcept;

  void insert(std::size_t event);
  void unite(const event_set& other);
  void subtract(const event_set& other) noexcept;

  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (auto left = words_[w]; left != 0; left &= left - 1)
        visit(w * 64 + static_cast<std::size_t>(__builtin_ctzll(left)));
  }

private:
  std::vector<std::uint64_t> words_;
};

/// The truth about a run: every event there was, and which events of the same
/// key its writer had incorporated. Never looks at clocks or contexts.
class oracle {
public:
  struct event {
    cluster::dot id;
    std::string key;
    bool is_put = false;
    event_set observed;
    /// It never left the memory of a process that ended.
    bool is_forgotten = false;
  };

  /// Throws `broken_rule` if the dot was used before.
  std::size_t record(event happened);

  /// So the dot may be used again.
  void forget(std::size_t number);

  [[nodiscard]] const event& at(std::size_t number) const {
    return events_[number];
  }
  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
  [[nodiscard]] std::optional<std::size_t> find(cluster::dot id) const;

  /// Of what somebody has incorporated on a key, the puts that no other event
  /// of it has observed.
  [[nodiscard]] event_set visible(const event_set& incorporated) const;

  /// The events and all that they have observed.
  [[nodiscard]] event_set with_observed(const event_set& events) const;

private:
  std::vector<event> events_;
  std::map<cluster::dot, std::size_t> numbers_;
};

[[nodiscard]] std::string to_string(cluster::dot id);

} // namespace hetzel::test
