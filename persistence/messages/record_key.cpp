#include "persistence/messages/record_key.hpp"

#include "persistence/invariant.hpp"

#include <array>
#include <optional>

namespace hetzel::persistence {

namespace {

/// The numbers behind the letter of a key, if it has just so many.
template <std::size_t Count>
std::optional<std::array<std::uint64_t, Count>>
numbers_of(record_kind kind, std::string_view key) {
  if (key.size() != 1 + 8 * Count || key[0] != static_cast<char>(kind))
    return {};
  std::array<std::uint64_t, Count> out{};
  for (std::size_t at = 0; at < 8 * Count; ++at)
    out[at / 8] = out[at / 8] << 8 | static_cast<unsigned char>(key[1 + at]);
  return out;
}

/// No deadline reaches the index that does not fit a signed number.
std::optional<deadline> deadline_of(std::uint64_t count) {
  if (count > static_cast<std::uint64_t>(INT64_MAX))
    return {};
  return deadline(std::chrono::milliseconds(static_cast<std::int64_t>(count)));
}

} // namespace

std::string catalogue_key(const queue_name& name) {
  HETZEL_INVARIANT(name.mountpoint.size() <= 0xffff);
  std::string key(1, static_cast<char>(record_kind::catalogue));
  key += static_cast<char>(name.mountpoint.size() >> 8);
  key += static_cast<char>(name.mountpoint.size() & 0xff);
  key += name.mountpoint;
  key += name.client_id;
  return key;
}

expected<queue_name, errc> parse_catalogue_key(std::string_view key) {
  if (key.size() < 3 || key[0] != static_cast<char>(record_kind::catalogue))
    return unexpected(errc::corrupt);
  const auto size
    = static_cast<std::size_t>(static_cast<unsigned char>(key[1])) << 8
      | static_cast<unsigned char>(key[2]);
  key.remove_prefix(3);
  if (size > key.size())
    return unexpected(errc::corrupt);
  return queue_name{std::string(key.substr(0, size)),
                    std::string(key.substr(size))};
}

expected<body_id, errc> parse_body_key(std::string_view key) {
  const auto parts = numbers_of<1>(record_kind::body, key);
  if (!parts)
    return unexpected(errc::corrupt);
  return static_cast<body_id>((*parts)[0]);
}

expected<entry_key, errc> parse_entry_key(std::string_view key) {
  const auto parts = numbers_of<2>(record_kind::entry, key);
  if (!parts)
    return unexpected(errc::corrupt);
  return entry_key{static_cast<queue_id>((*parts)[0]),
                   static_cast<sequence>((*parts)[1])};
}

expected<queue_id, errc> parse_queue_key(record_kind kind,
                                         std::string_view key) {
  const auto parts = numbers_of<1>(kind, key);
  if (!parts)
    return unexpected(errc::corrupt);
  return static_cast<queue_id>((*parts)[0]);
}

expected<entry_expiry, errc> parse_entry_deadline_key(std::string_view key) {
  const auto parts = numbers_of<3>(record_kind::entry_deadline, key);
  const auto when = parts ? deadline_of((*parts)[0]) : std::nullopt;
  if (!when)
    return unexpected(errc::corrupt);
  return entry_expiry{*when,
                      {static_cast<queue_id>((*parts)[1]),
                       static_cast<sequence>((*parts)[2])}};
}

expected<receive_mark, errc> parse_mark_key(std::string_view key) {
  const auto parts = numbers_of<3>(record_kind::mark, key);
  if (!parts)
    return unexpected(errc::corrupt);
  return receive_mark{(*parts)[0], (*parts)[1], (*parts)[2]};
}

expected<session_expiry, errc>
parse_session_deadline_key(std::string_view key) {
  const auto parts = numbers_of<2>(record_kind::session_deadline, key);
  const auto when = parts ? deadline_of((*parts)[0]) : std::nullopt;
  if (!when)
    return unexpected(errc::corrupt);
  return session_expiry{*when, static_cast<queue_id>((*parts)[1])};
}

} // namespace hetzel::persistence
