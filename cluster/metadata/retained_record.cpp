#include "cluster/metadata/retained_record.hpp"

#include "cluster/metadata/value_version.hpp"

namespace hetzel::cluster {

std::string encode(const retained_record& record) {
  std::string bytes;
  bytes.reserve(record.properties.size() + record.payload.size() + 24);
  byte_writer out{bytes};
  out.u8(value_version);
  out.u8(static_cast<std::uint8_t>(record.quality));
  write(out, record.expires_at);
  out.block(record.properties);
  out.block(record.payload);
  return bytes;
}

expected<retained_record, errc>
decode_retained_record(std::string_view bytes) noexcept {
  byte_reader in{bytes};
  const auto written_by = in.u8();
  retained_record record;
  const auto level = in.u8();
  in.require(level <= 2);
  record.quality = static_cast<mqtt::qos>(level);
  record.expires_at = read_unix_time(in);
  record.properties = in.block();
  record.payload = in.block();
  return finished(record, in, written_by);
}

} // namespace hetzel::cluster
