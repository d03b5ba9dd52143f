#include "plugins/passwd/verified_passwords.hpp"

#include "plugins/crypto/digest.hpp"

#include <utility>

namespace hetzel::plugins {

namespace {

constexpr std::size_t key_size = 32;

} // namespace

verified_passwords::verified_passwords(mqtt::duration lifetime)
  : lifetime_(lifetime), key_(random_bytes(key_size)) {}

/// The sizes in front, so that no two triples make the same text.
std::string verified_passwords::mark(mqtt::bytes_view user,
                                     mqtt::bytes_view hash,
                                     mqtt::bytes_view password) const {
  auto text = std::to_string(user.size()) + ":" + std::to_string(hash.size())
              + ":";
  text.reserve(text.size() + user.size() + hash.size() + password.size());
  text += user;
  text += hash;
  text += password;
  auto made = hmac_of(digest::sha256, key_, text);
  wipe(text);
  return made;
}

bool verified_passwords::contains(const std::string& mark,
                                  mqtt::time_point now) const noexcept {
  const auto found = marks_.find(mark);
  return found != marks_.end() && found->second > now;
}

void verified_passwords::insert(std::string mark, mqtt::time_point now) {
  if (lifetime_ <= mqtt::duration::zero())
    return;
  if (marks_.size() >= size_max)
    std::erase_if(marks_, [&](const auto& one) { return one.second <= now; });
  if (marks_.size() >= size_max)
    marks_.clear();
  marks_.insert_or_assign(std::move(mark), now + lifetime_);
}

} // namespace hetzel::plugins
