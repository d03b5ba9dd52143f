#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

/// What the tool writes into each payload, in the machine's byte order since
/// the same process reads it back:
///
///   bytes 0–7    when it was sent, or was due: steady clock, nanoseconds
///   bytes 8–11   index of the publisher
///   bytes 12–15  sequence number of that publisher, from 0
///   the rest     filler, the same in every message of a run

namespace hetzel::test::load {

struct payload_stamp {
  std::uint64_t sent_ns = 0;
  std::uint32_t publisher = 0;
  std::uint32_t sequence = 0;
};

inline constexpr std::size_t payload_stamp_bytes = 16;
static_assert(sizeof(payload_stamp) == payload_stamp_bytes);

inline void write_stamp(char* payload, const payload_stamp& stamp) noexcept {
  std::memcpy(payload, &stamp, payload_stamp_bytes);
}

/// Precondition: the payload has at least `payload_stamp_bytes`.
[[nodiscard]] inline payload_stamp
read_stamp(mqtt::bytes_view payload) noexcept {
  payload_stamp stamp;
  std::memcpy(&stamp, payload.data(), payload_stamp_bytes);
  return stamp;
}

/// An unstamped payload of `size` bytes, at least `payload_stamp_bytes`.
[[nodiscard]] std::string make_payload(std::size_t size);

/// Tells the payloads of this run from damaged and foreign ones.
class payload_check {
public:
  /// With `verify_filler` every byte is compared; otherwise the size alone.
  payload_check(std::size_t size, bool verify_filler);

  [[nodiscard]] bool accepts(mqtt::bytes_view payload) const noexcept {
    return payload.size() == expected_.size()
           && (!verify_filler_ || has_filler(payload));
  }

private:
  [[nodiscard]] bool has_filler(mqtt::bytes_view payload) const noexcept;

  std::string expected_;
  bool verify_filler_;
};

} // namespace hetzel::test::load
