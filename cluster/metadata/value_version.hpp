#pragma once

#include "cluster/errc.hpp"
#include "cluster/wire/byte_reader.hpp"

#include <cstdint>
#include <utility>

namespace hetzel::cluster {

/// The first byte of every value of the metadata, unless its kind knows more
/// versions. A later one adds fields behind those of an earlier one, which
/// ignores them.
inline constexpr std::uint8_t value_version = 1;

/// What a decoder returns once it has read the fields of the versions up to
/// `known`; `written_by` is the first byte.
template <class Record>
[[nodiscard]] expected<Record, errc>
finished(Record record, const byte_reader& in, std::uint8_t written_by,
         std::uint8_t known = value_version) noexcept {
  if (in.has_failed() || written_by == 0
      || (written_by <= known && !in.at_end()))
    return unexpected(errc::malformed);
  return record;
}

} // namespace hetzel::cluster
