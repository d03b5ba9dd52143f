#include "cluster/metadata/will_record.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::cluster {

namespace {

constexpr unsigned quality_bits = 3;
constexpr unsigned retain_bit = 4;
constexpr unsigned expires_bit = 8;
constexpr unsigned due_bit = 16;
constexpr unsigned all_bits = 31;

/// Of topic name and payload, by CONNECT.
constexpr std::size_t field_size_max = 65'535;

std::uint32_t count(std::chrono::seconds time) noexcept {
  return static_cast<std::uint32_t>(time.count());
}

} // namespace

void write(byte_writer& out, const will_record& will) {
  out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(will.quality)
                                   | (will.retain ? retain_bit : 0)
                                   | (will.expiry_interval ? expires_bit : 0)
                                   | (will.due ? due_bit : 0)));
  out.u32(count(will.delay));
  if (will.expiry_interval)
    out.u32(count(*will.expiry_interval));
  if (will.due)
    write(out, will.due);
  out.block(will.topic_name);
  out.block(will.properties);
  out.block(will.payload);
}

will_record read_will(byte_reader& in) {
  will_record will;
  const unsigned flags = in.u8();
  in.require((flags & quality_bits) <= 2 && (flags & ~all_bits) == 0);
  will.quality = static_cast<mqtt::qos>(flags & quality_bits);
  will.retain = (flags & retain_bit) != 0;
  will.delay = std::chrono::seconds{in.u32()};
  if ((flags & expires_bit) != 0)
    will.expiry_interval = std::chrono::seconds{in.u32()};
  if ((flags & due_bit) != 0) {
    will.due = read_unix_time(in);
    in.require(will.due.has_value());
  }
  will.topic_name = in.block();
  will.properties = in.block();
  will.payload = in.block();
  in.require(!will.topic_name.empty()
             && will.topic_name.size() <= field_size_max
             && will.payload.size() <= field_size_max);
  return will;
}

} // namespace hetzel::cluster
