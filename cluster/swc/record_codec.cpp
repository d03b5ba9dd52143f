#include "cluster/swc/record_codec.hpp"

#include "cluster/swc/clock_codec.hpp"

namespace hetzel::cluster {

std::string encode_record(const container& record) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(record_version);
  out.varint(record.versions.size());
  for (auto& v : record.versions) {
    out.u64(static_cast<std::uint64_t>(v.id.actor));
    out.varint(v.id.counter);
    out.u64(v.hlc);
    out.block(v.value);
  }
  encode(out, record.context);
  return bytes;
}

expected<container, errc> decode_record(std::string_view bytes) {
  byte_reader in{bytes};
  container record;
  in.require(in.u8() == record_version, errc::unknown_version);
  auto siblings = in.count(18);
  in.require(siblings <= columns_max, errc::too_large);
  dot last;
  for (; siblings != 0 && !in.has_failed(); --siblings) {
    version v;
    v.id.actor = actor_id{in.u64()};
    v.id.counter = in.varint();
    v.hlc = in.u64();
    v.value = in.block();
    in.require(v.id > last && v.id.actor != actor_id{});
    in.require(v.id.counter >= 1 && v.id.counter <= counter_max);
    last = v.id;
    record.versions.push_back(std::move(v));
  }
  record.context = decode_version_vector(in);
  if (auto fault = in.finish(); fault != errc::none)
    return unexpected(fault);
  return record;
}

} // namespace hetzel::cluster
