#include "cluster/metadata/metadata_key.hpp"

#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"
#include "persistence/reader.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hetzel::cluster {

namespace {

bool is_known(char kind) noexcept {
  switch (static_cast<record_kind>(kind)) {
    case record_kind::session:
    case record_kind::subscription:
    case record_kind::retained:
      return true;
  }
  return false;
}

} // namespace

std::string encode(const metadata_key& key) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(static_cast<std::uint8_t>(key.kind));
  out.block(key.mountpoint);
  out.block(key.subject);
  if (key.kind == record_kind::subscription)
    out.block(key.topic_filter);
  return bytes;
}

expected<metadata_key, errc>
decode_metadata_key(std::string_view bytes) noexcept {
  if (bytes.empty() || !is_known(bytes.front()))
    return unexpected(errc::unknown_version);
  metadata_key key;
  key.kind = static_cast<record_kind>(bytes.front());
  byte_reader in{bytes.substr(1)};
  key.mountpoint = in.block();
  key.subject = in.block();
  if (key.kind == record_kind::subscription)
    key.topic_filter = in.block();
  if (const auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return key;
}

std::pair<std::string, std::string>
subscription_key_range(std::string_view mountpoint,
                       std::string_view client_id) {
  std::string first;
  byte_writer out{first};
  out.u8(static_cast<std::uint8_t>(record_kind::subscription));
  out.block(mountpoint);
  out.block(client_id);
  auto last = persistence::behind_prefix(first);
  return {std::move(first), std::move(last)};
}

std::uint32_t group_of(const metadata_key& key, std::uint32_t groups) noexcept {
  const auto seed
    = XXH3_64bits(key.mountpoint.data(), key.mountpoint.size());
  const auto hash
    = XXH3_64bits_withSeed(key.subject.data(), key.subject.size(), seed);
  return static_cast<std::uint32_t>(hash % groups);
}

} // namespace hetzel::cluster
