#include "test/load/payload.hpp"

#include <algorithm>

namespace hetzel::test::load {

std::string make_payload(std::size_t size) {
  std::string payload(std::max(size, payload_stamp_bytes), '\0');
  // A period prime to any power of two shows a shifted or swapped block.
  for (std::size_t i = payload_stamp_bytes; i < payload.size(); ++i)
    payload[i] = static_cast<char>('!' + i % 89);
  return payload;
}

payload_check::payload_check(std::size_t size, bool verify_filler)
  : expected_(make_payload(size)), verify_filler_(verify_filler) {}

bool payload_check::has_filler(mqtt::bytes_view payload) const noexcept {
  return payload.substr(payload_stamp_bytes)
         == mqtt::bytes_view{expected_}.substr(payload_stamp_bytes);
}

} // namespace hetzel::test::load
