#include "actors/net/transport_layer.hpp"

#include <limits>
#include <utility>

namespace hetzel::net {

const char* to_string(transport_fault fault) noexcept {
  switch (fault) {
    case transport_fault::none:
      return "none";
    case transport_fault::foreign:
      return "foreign";
    case transport_fault::malformed:
      return "malformed";
    case transport_fault::no_common:
      return "no_common";
    case transport_fault::peer_refused:
      return "peer_refused";
    case transport_fault::certificate_missing:
      return "certificate_missing";
    case transport_fault::certificate_expired:
      return "certificate_expired";
    case transport_fault::certificate_revoked:
      return "certificate_revoked";
    case transport_fault::certificate_untrusted:
      return "certificate_untrusted";
    case transport_fault::psk_refused:
      return "psk_refused";
    case transport_fault::untrusted_proxy:
      return "untrusted_proxy";
    case transport_fault::limit:
      return "limit";
    case transport_fault::internal:
      return "internal";
  }
  return "none";
}

mqtt::output_buffer last_bytes(layered_ptr layered,
                               mqtt::output_buffer output) {
  if (!layered)
    return output;
  auto& layer = *layered->layer;
  if (layered->status == transport_layer::status::open
      && layer.is_established()) {
    layer.send(output, layered->down, std::numeric_limits<std::size_t>::max());
    layer.close(layered->down);
  }
  return std::move(layered->down);
}

} // namespace hetzel::net
