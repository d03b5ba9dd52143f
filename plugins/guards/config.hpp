#pragma once

#include "plugins/bans/flap_watch.hpp"
#include "plugins/jwt/jwt_check.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>

namespace hetzel::plugins {

/// What the built-in guards are configured with; plain values, checked when the
/// configuration was read. Defaults and ranges stand in the table of keys.

/// Of each that has a place in the chains.
struct guard_switch {
  /// `plugins.<name>`
  bool is_on = false;
  /// `plugins.<name>.priority`
  std::optional<int> priority;
};

struct passwd_config {
  /// `vmq_passwd.password_file`
  std::filesystem::path file{"./etc/hetzel.passwd"};
  /// `vmq_passwd.password_reload_interval`; zero: only when it is told.
  std::chrono::seconds reload_interval{10};
  /// Slow hashes at work at once, each on a thread of its own; 1…64.
  std::size_t hash_workers = 2;
  /// CONNECTs that wait for one; further ones are refused.
  std::size_t hash_waiting_max = 100;
  /// How long a password that was right is known; zero: not at all.
  std::chrono::seconds cache_time{60};
  guard_switch chosen{};
};

struct acl_config {
  /// `vmq_acl.acl_file`
  std::filesystem::path file{"./etc/hetzel.acl"};
  /// `vmq_acl.acl_reload_interval`
  std::chrono::seconds reload_interval{10};
  /// `vmq_acl.shared_by_plain_rules`: see `acl_options`.
  bool covers_shared = false;
  /// New rules are held against what clients have subscribed to already.
  bool revoke_subscriptions = false;
  guard_switch chosen{};
};

struct jwt_config {
  /// Each may be empty.
  std::filesystem::path secret_file{};
  std::filesystem::path key_file{};
  std::filesystem::path jwks_file{};
  std::chrono::seconds reload_interval{10};
  jwt_options options{};
  guard_switch chosen{};
};

struct scram_config {
  std::filesystem::path file{"./etc/hetzel.passwd"};
  std::chrono::seconds reload_interval{10};
  guard_switch chosen{};
};

struct bans_config {
  flap_options flapping;
};

struct guards_config {
  passwd_config passwd;
  acl_config acl;
  jwt_config jwt;
  scram_config scram;
  bans_config bans;
};

} // namespace hetzel::plugins
