#include "cluster/metadata/session_record.hpp"

#include <limits>

namespace hetzel::cluster {

namespace {

constexpr std::uint8_t version = 1;
constexpr auto never = std::numeric_limits<std::uint32_t>::max();

std::uint8_t options_byte(const mqtt::subscription_options& options) {
  return static_cast<std::uint8_t>(
    static_cast<unsigned>(options.quality) | (options.no_local ? 0x04U : 0U)
    | (options.retain_as_published ? 0x08U : 0U)
    | static_cast<unsigned>(options.handling) << 4U);
}

mqtt::subscription_options read_options(byte_reader& in) noexcept {
  const unsigned bits = in.u8();
  const auto level = bits & 0x03U;
  const auto handling = (bits >> 4U) & 0x03U;
  in.require(level != 3 && handling != 3);
  return {static_cast<mqtt::qos>(level), (bits & 0x04U) != 0,
          (bits & 0x08U) != 0, static_cast<mqtt::retain_handling>(handling)};
}

/// A record of a later version has more fields behind those of this one.
template <class Record>
expected<Record, errc> finished(Record record, const byte_reader& in,
                                std::uint8_t written_by) noexcept {
  if (in.has_failed() || written_by == 0
      || (written_by == version && !in.at_end()))
    return unexpected(errc::malformed);
  return record;
}

} // namespace

std::string encode(const session_record& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(version);
  out.varint(record.epoch);
  out.u32(record.expiry ? static_cast<std::uint32_t>(record.expiry->count())
                        : never);
  write(out, record.disconnected_at);
  return bytes;
}

expected<session_record, errc>
decode_session_record(std::string_view bytes) noexcept {
  byte_reader in{bytes};
  const auto written_by = in.u8();
  session_record record;
  record.epoch = in.varint();
  if (const auto expiry = in.u32(); expiry != never)
    record.expiry = std::chrono::seconds{expiry};
  record.disconnected_at = read_unix_time(in);
  return finished(record, in, written_by);
}

std::string encode(const subscription_record& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(version);
  out.u8(options_byte(record.options));
  out.varint(record.subscription_id);
  out.varint(record.epoch);
  return bytes;
}

expected<subscription_record, errc>
decode_subscription_record(std::string_view bytes) noexcept {
  byte_reader in{bytes};
  const auto written_by = in.u8();
  subscription_record record;
  record.options = read_options(in);
  const auto id = in.varint();
  in.require(id <= mqtt::remaining_length_max); // the largest that 5.0 allows
  record.subscription_id = static_cast<std::uint32_t>(id);
  record.epoch = in.varint();
  return finished(record, in, written_by);
}

} // namespace hetzel::cluster
