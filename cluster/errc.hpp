#pragma once

#include "protocol/expected.hpp"

#include <cstdint>
#include <string_view>

namespace hetzel::cluster {

using mqtt::expected;
using mqtt::unexpected;

/// Why bytes from a peer or from the store were refused.
enum class errc : std::uint8_t {
  /// Nothing was refused.
  none,
  /// Not what the format says: cut off, overlapping, out of order, out of
  /// range, or bytes left over.
  malformed,
  /// Of a version that this program does not know.
  unknown_version,
  /// Longer than what this program is willing to take.
  too_large,
};

/// A sentence a person understands, without a full stop.
[[nodiscard]] constexpr std::string_view sentence(errc code) noexcept {
  switch (code) {
    case errc::none:
      return "nothing was refused";
    case errc::malformed:
      return "the bytes are not of the format they claim";
    case errc::unknown_version:
      return "the bytes are of a version this program does not know";
    case errc::too_large:
      return "the bytes are more than this program takes at once";
  }
  return "";
}

} // namespace hetzel::cluster
