#include "actors/messaging/storage/stored_message.hpp"

#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

constexpr std::uint8_t message_version = 1;
constexpr std::uint8_t shared_version = 2;
constexpr std::uint8_t quality_bits = 3;
constexpr std::uint8_t retain_bit = 4;

bool read_header(std::string_view bytes, mqtt::delivery& into) {
  cluster::byte_reader in{bytes};
  const auto written = in.u8();
  in.require(written == message_version || written == shared_version);
  const auto flags = in.u8();
  const auto quality = static_cast<std::uint8_t>(flags & quality_bits);
  in.require(quality >= 1 && quality <= 2);
  into.quality = static_cast<mqtt::qos>(quality);
  into.retain = (flags & retain_bit) != 0;
  if (written == shared_version)
    static_cast<void>(in.block());
  std::vector<std::uint32_t> ids(in.count(1));
  for (auto& id : ids)
    id = static_cast<std::uint32_t>(in.varint());
  if (!ids.empty())
    into.ids
      = std::make_shared<const std::vector<std::uint32_t>>(std::move(ids));
  return in.finish() == cluster::errc::none;
}

} // namespace

void encode_header(std::string& out, const mqtt::delivery& item,
                   std::string_view share) {
  cluster::byte_writer to{out};
  to.u8(share.empty() ? message_version : shared_version);
  to.u8(static_cast<std::uint8_t>(static_cast<unsigned>(item.quality)
                                  | (item.retain ? retain_bit : 0U)));
  if (!share.empty())
    to.block(share);
  to.varint(item.ids ? item.ids->size() : 0);
  if (item.ids)
    for (const auto id : *item.ids)
      to.varint(id);
}

std::string_view share_of(std::string_view header) {
  cluster::byte_reader in{header};
  in.require(in.u8() == shared_version);
  static_cast<void>(in.u8());
  return in.block();
}

void encode_body(std::string& out, const mqtt::message& message) {
  cluster::byte_writer to{out};
  to.u8(message_version);
  to.block(message.mountpoint());
  to.block(message.topic_name());
  to.block(message.properties().bytes());
  out += message.payload();
}

persistence::deadline deadline_of(const mqtt::message& message,
                                  const both_clocks& now) {
  const auto at = message.expires_at();
  if (!at)
    return persistence::no_deadline;
  return now.wall
         + std::chrono::ceil<std::chrono::milliseconds>(*at - now.steady);
}

std::optional<mqtt::delivery>
decode_stored(const persistence::entry_stub& stub,
              const persistence::entry_record& record,
              const both_clocks& now) {
  mqtt::delivery item;
  cluster::byte_reader in{record.body};
  mqtt::message_fields fields;
  in.require(in.u8() == message_version);
  fields.mountpoint = in.block();
  fields.topic_name = in.block();
  fields.properties = in.block();
  fields.payload = in.take(in.left());
  if (in.has_failed() || !read_header(record.header, item))
    return std::nullopt;
  fields.quality = item.quality;
  fields.retain = item.retain;
  if (stub.expires != persistence::no_deadline)
    fields.expires_at = now.steady + (stub.expires - now.wall);
  item.message = mqtt::message::make(fields);
  item.stored = persistence::number(stub.at);
  return item;
}

} // namespace hetzel::messaging
