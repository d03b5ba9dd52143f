#include "cluster/metadata/record_key.hpp"

#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

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

/// The shortest key that is behind all that begin with `prefix`.
std::string behind(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

} // namespace

std::string encode(const record_key& key) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(static_cast<std::uint8_t>(key.kind));
  out.block(key.mountpoint);
  out.block(key.subject);
  if (key.kind == record_kind::subscription)
    out.block(key.topic_filter);
  return bytes;
}

expected<record_key, errc> decode_record_key(std::string_view bytes) noexcept {
  if (bytes.empty() || !is_known(bytes.front()))
    return unexpected(errc::unknown_version);
  record_key key;
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
  auto last = behind(first);
  return {std::move(first), std::move(last)};
}

std::uint32_t group_of(const record_key& key, std::uint32_t groups) noexcept {
  const auto seed
    = XXH3_64bits(key.mountpoint.data(), key.mountpoint.size());
  const auto hash
    = XXH3_64bits_withSeed(key.subject.data(), key.subject.size(), seed);
  return static_cast<std::uint32_t>(hash % groups);
}

} // namespace hetzel::cluster
