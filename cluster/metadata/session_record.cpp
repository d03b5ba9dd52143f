#include "cluster/metadata/session_record.hpp"

#include "cluster/metadata/value_version.hpp"
#include "protocol/subscription_options.hpp"

#include <limits>
#include <utility>

namespace hetzel::cluster {

namespace {

constexpr auto never = std::numeric_limits<std::uint32_t>::max();

/// The version that can have a will. A record without one is written as the
/// version before it.
constexpr std::uint8_t will_version = 2;

/// Faults of the will are faults of the record.
std::optional<will_record> read_will_block(byte_reader& in) {
  const auto bytes = in.block();
  if (bytes.empty())
    return std::nullopt;
  byte_reader inner{bytes};
  auto will = read_will(inner);
  in.require(inner.finish() == errc::none);
  return will;
}

} // namespace

std::string encode(const session_record& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(record.will ? will_version : value_version);
  out.varint(record.epoch);
  out.u32(record.expiry ? static_cast<std::uint32_t>(record.expiry->count())
                        : never);
  write(out, record.disconnected_at);
  if (!record.will)
    return bytes;
  std::string will;
  byte_writer inner{will};
  write(inner, *record.will);
  out.block(will);
  return bytes;
}

expected<session_record, errc>
decode_session_record(std::string_view bytes) {
  byte_reader in{bytes};
  const auto written_by = in.u8();
  session_record record;
  record.epoch = in.varint();
  if (const auto expiry = in.u32(); expiry != never)
    record.expiry = std::chrono::seconds{expiry};
  record.disconnected_at = read_unix_time(in);
  if (written_by >= will_version)
    record.will = read_will_block(in);
  return finished(std::move(record), in, written_by, will_version);
}

std::string encode(const subscription_record& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(value_version);
  out.u8(mqtt::options_byte(record.options));
  out.varint(record.subscription_id);
  out.varint(record.epoch);
  return bytes;
}

expected<subscription_record, errc>
decode_subscription_record(std::string_view bytes) noexcept {
  byte_reader in{bytes};
  const auto written_by = in.u8();
  subscription_record record;
  const auto options = mqtt::options_of(in.u8());
  in.require(options.has_value());
  record.options = options.value_or(mqtt::subscription_options{});
  const auto id = in.varint();
  in.require(id <= mqtt::remaining_length_max); // the largest that 5.0 allows
  record.subscription_id = static_cast<std::uint32_t>(id);
  record.epoch = in.varint();
  return finished(record, in, written_by);
}

} // namespace hetzel::cluster
