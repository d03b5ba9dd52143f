#pragma once

#include "plugins/crypto/digest.hpp"
#include "plugins/passwd/password_hash.hpp"

#include <string>
#include <utility>

namespace hetzel::plugins {

/// A password on its way to a worker, and the hash that it should have.
struct password_check {
  password_check(password_hash wanted, std::string secret)
    : hash(std::move(wanted)), password(std::move(secret)) {}
  password_check(const password_check&) = delete;
  password_check& operator=(const password_check&) = delete;
  ~password_check() { wipe(password); }

  password_hash hash;
  std::string password;
};

} // namespace hetzel::plugins
