#include "persistence/record.hpp"

#include "persistence/crc32c.hpp"
#include "persistence/little_endian.hpp"

#include <algorithm>

namespace hetzel::persistence {

std::uint32_t record_checksum(std::string_view key,
                              std::string_view payload) noexcept {
  const auto size = to_little_endian(static_cast<std::uint32_t>(key.size()));
  const auto head = crc32c({size.data(), size.size()});
  return crc32c(payload, crc32c(key, head));
}

void seal_record(std::string_view key, std::string_view payload,
                 char* out) noexcept {
  std::ranges::copy(to_little_endian(record_checksum(key, payload)), out);
}

expected<std::string_view, errc>
open_record(std::string_view key, std::string_view sealed) noexcept {
  if (sealed.size() < seal_size)
    return unexpected(errc::corrupt);
  const auto payload = sealed.substr(seal_size);
  if (from_little_endian<std::uint32_t>(sealed)
      != record_checksum(key, payload))
    return unexpected(errc::corrupt);
  return payload;
}

} // namespace hetzel::persistence
