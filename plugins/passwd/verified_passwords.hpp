#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace hetzel::plugins {

/// Passwords that were found right a moment ago, so that a fleet that comes
/// back at once is not hashed slowly again one by one. What is kept is a MAC
/// over user, hash and password under a key that lives as long as this: neither
/// a password nor a digest that anybody could compute. Who can read the memory
/// of the process can guess fast at passwords of the last `lifetime`; zero
/// keeps none. Wrong passwords are never kept.
class verified_passwords {
public:
  static constexpr std::size_t size_max = 20'000;

  explicit verified_passwords(mqtt::duration lifetime);

  /// What a password is kept as; cheap enough for any thread's turn.
  [[nodiscard]] std::string mark(mqtt::bytes_view user, mqtt::bytes_view hash,
                                 mqtt::bytes_view password) const;

  [[nodiscard]] bool contains(const std::string& mark,
                              mqtt::time_point now) const noexcept;

  /// A full one forgets what is too old, or else all.
  void insert(std::string mark, mqtt::time_point now);

  [[nodiscard]] std::size_t size() const noexcept { return marks_.size(); }

private:
  mqtt::duration lifetime_;
  std::string key_;
  std::unordered_map<std::string, mqtt::time_point> marks_;
};

} // namespace hetzel::plugins
