#pragma once

#include "cluster/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hetzel::cluster {

/// What a record of the metadata store is about: the first byte of its key.
/// On disk and on the wire: never change a letter, add new ones.
enum class record_kind : char {
  session = 's',      ///< a Session that outlives its connections
  subscription = 'f', ///< one topic filter of such a Session
  retained = 'r',     ///< a retained message
};

/// Keys, as the store orders them:
///
///   | byte 0  | kind                                            |
///   | then    | mountpoint: varint length, bytes                |
///   | then    | client id, or topic name of a retained message  |
///   | then    | topic filter as the client wrote it ('f' only)  |
///
/// so that the filters of one Session stand next to each other.
struct metadata_key {
  record_kind kind{};
  std::string_view mountpoint;
  /// Client id or topic name.
  std::string_view subject;
  /// Only of a subscription.
  std::string_view topic_filter;

  bool operator==(const metadata_key&) const = default;
};

[[nodiscard]] std::string encode(const metadata_key& key);

/// Views into `bytes`.
[[nodiscard]] expected<metadata_key, errc>
decode_metadata_key(std::string_view bytes) noexcept;

/// The first key that a subscription of that Session could have, and the first
/// behind all of them.
[[nodiscard]] std::pair<std::string, std::string>
subscription_key_range(std::string_view mountpoint,
                       std::string_view client_id);

/// The group whose store a record is in, of `groups`: all of one Session are
/// in one. The same on every node and for ever, since it says where the record
/// is found.
[[nodiscard]] std::uint32_t group_of(const metadata_key& key,
                                     std::uint32_t groups) noexcept;

} // namespace hetzel::cluster
