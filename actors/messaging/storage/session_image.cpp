#include "actors/messaging/storage/session_image.hpp"

#include "cluster/wire/byte_reader.hpp"
#include "cluster/wire/byte_writer.hpp"

namespace hetzel::messaging {

namespace {

constexpr std::uint8_t image_version = 1;

} // namespace

std::string encode(const session_image& image) {
  std::string bytes;
  cluster::byte_writer out{bytes};
  out.u8(image_version);
  out.varint(image.sent_up_to);
  out.varint(image.received.size());
  for (const auto id : image.received)
    out.varint(id);
  return bytes;
}

persistence::expected<session_image, persistence::errc>
decode_session_image(std::string_view bytes) {
  cluster::byte_reader in{bytes};
  if (in.u8() != image_version && !in.has_failed())
    return persistence::unexpected(persistence::errc::newer_layout);
  session_image image;
  image.sent_up_to = in.varint();
  image.received.resize(in.count(1));
  for (auto& id : image.received) {
    const auto number = in.varint();
    in.require(number >= 1 && number <= 65'535);
    id = static_cast<mqtt::packet_id>(number);
  }
  if (in.finish() != cluster::errc::none)
    return persistence::unexpected(persistence::errc::corrupt);
  return image;
}

} // namespace hetzel::messaging
