#include "actors/net/proxy/layer.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

/// Any bytes at the front of a connection behind a proxy. What a header is, or
/// that it is none, must not depend on how the bytes were cut; and the layer
/// must pass on all that follows it and nothing else.

using namespace hetzel;
using net::transport_layer;
using net::proxy::header;
using net::proxy::read_header;

namespace {

using outcome = decltype(read_header({}));

bool is_decided(const outcome& of) {
  return !of || *of;
}

void check_same(const outcome& first, const outcome& whole) {
  HETZEL_ASSERT(is_decided(whole) && first.has_value() == whole.has_value());
  if (!first) {
    HETZEL_ASSERT(first.error() == whole.error());
    return;
  }
  const auto& a = **first;
  const auto& b = **whole;
  HETZEL_ASSERT(a.size == b.size && a.source == b.source);
  HETZEL_ASSERT(a.is_local == b.is_local);
  HETZEL_ASSERT(a.tls.has_value() == b.tls.has_value());
}

void check_header(const header& found, mqtt::bytes_view bytes) {
  HETZEL_ASSERT(found.size <= bytes.size());
  HETZEL_ASSERT(found.size <= net::proxy::block_size_max);
  HETZEL_ASSERT(found.is_local == found.source.empty());
  for (const unsigned char letter : found.source)
    HETZEL_ASSERT(letter > ' ' && letter <= '~');
}

void check_layer(mqtt::bytes_view bytes, std::size_t piece,
                 const outcome& whole) {
  net::proxy::layer door{{.is_trusted = true}};
  std::string up;
  mqtt::output_buffer down;
  auto status = transport_layer::status::open;
  for (auto rest = bytes;
       !rest.empty() && status == transport_layer::status::open;) {
    status = door.receive(rest.substr(0, piece), up, down);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  HETZEL_ASSERT((status == transport_layer::status::open)
                == whole.has_value());
  HETZEL_ASSERT(door.is_established() == (whole && *whole));
  if (door.is_established())
    HETZEL_ASSERT(up == bytes.substr((*whole)->size));
  HETZEL_ASSERT(down.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const mqtt::bytes_view all(reinterpret_cast<const char*>(bytes), size);
  const auto whole = read_header(all);
  if (whole && *whole)
    check_header(**whole, all);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    const auto first = read_header(all.substr(0, cut));
    if (is_decided(first)) {
      check_same(first, whole);
      break;
    }
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, size + 1})
    check_layer(all, piece, whole);
  return 0;
}
