#include "actors/net/websocket/layer.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

/// What a client sends to a WebSocket listener. The first byte chooses: bit 0,
/// frames only, behind a good upgrade; bit 1, with permessage-deflate; bit 2,
/// through a trusted proxy. What comes of it must not depend on how the bytes
/// were cut, and is bounded.

using namespace hetzel;
using net::transport_layer;
using namespace net::websocket;

namespace {

constexpr mqtt::bytes_view good_upgrade{
  "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n"
  "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"};

/// More than the longest input can inflate to.
constexpr std::size_t inflated_max = 16 << 20;

std::shared_ptr<const layer_options> make_options(unsigned choice) {
  auto options = std::make_shared<layer_options>();
  options->upgrade.is_compression_on = (choice & 2U) != 0;
  options->upgrade.is_forwarded = (choice & 4U) != 0;
  options->upgrade.takes_common_name = true;
  options->upgrade.trusted = *net::parse_network_list("10.0.0.0/8");
  options->upgrade.request_line_max = 100;
  options->upgrade.header_value_max = 60;
  options->frames = {.size_max = 2'000, .inflated_max = inflated_max};
  return options;
}

struct visit {
  explicit visit(unsigned choice)
    : door(make_options(choice), true) {
    if ((choice & 1U) != 0)
      HETZEL_ASSERT(feed(good_upgrade, good_upgrade.size()));
  }

  bool feed(mqtt::bytes_view bytes, std::size_t piece) {
    while (!bytes.empty() && status == transport_layer::status::open) {
      status = door.receive(bytes.substr(0, piece), up, down);
      bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return status == transport_layer::status::open;
  }

  std::string answers() const {
    std::array<mqtt::bytes_view, 4> parts;
    const auto used = down.gather(parts);
    HETZEL_ASSERT(used <= 1);
    return used == 0 ? std::string() : std::string(parts[0]);
  }

  layer door;
  std::string up;
  mqtt::output_buffer down;
  transport_layer::status status = transport_layer::status::open;
};

void check_same(const visit& whole, const visit& cut) {
  HETZEL_ASSERT(whole.status == cut.status);
  HETZEL_ASSERT(whole.door.fault() == cut.door.fault());
  HETZEL_ASSERT(whole.door.is_established() == cut.door.is_established());
  HETZEL_ASSERT(whole.answers() == cut.answers());
  // What inflated in front of a fault depends on the pieces.
  if (whole.status != transport_layer::status::failed)
    HETZEL_ASSERT(whole.up == cut.up);
}

void check_send(visit& through) {
  mqtt::output_buffer output;
  output.tail().append(300, 'x');
  const auto before = through.down.size();
  through.door.send(output, through.down, 200);
  HETZEL_ASSERT(through.door.is_established() == (output.size() < 300));
  HETZEL_ASSERT(through.down.size() <= before + 200 + 4);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  mqtt::bytes_view all(reinterpret_cast<const char*>(bytes), size);
  if (all.empty())
    return 0;
  const auto choice = static_cast<unsigned char>(all.front());
  all.remove_prefix(1);
  visit whole{choice};
  whole.feed(all, all.size());
  HETZEL_ASSERT(whole.up.size() <= inflated_max + size);
  for (const std::size_t piece : {1, 3, 50}) {
    visit cut{choice};
    cut.feed(all, piece);
    check_same(whole, cut);
  }
  if (whole.status == transport_layer::status::open)
    check_send(whole);
  return 0;
}
