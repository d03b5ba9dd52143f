#include "actors/net/listener_layers.hpp"

#include "actors/net/layer_stack.hpp"
#include "actors/net/proxy/layer.hpp"
#include "actors/net/websocket/layer.hpp"

#include <utility>

namespace hetzel::net {

namespace {

using layer_ptr = std::unique_ptr<transport_layer>;

/// The permissions of its file say who reaches a local socket.
bool is_trusted(const network_list& by, const std::optional<ip_address>& peer) {
  return !peer || by.contains(*peer);
}

layer_ptr stack(layer_ptr lower, layer_ptr upper) {
  if (!lower)
    return upper;
  if (!upper)
    return lower;
  return std::make_unique<layer_stack>(std::move(lower), std::move(upper));
}

} // namespace

std::unique_ptr<transport_layer>
stack_layers(const std::shared_ptr<listener_context>& listener,
             const std::optional<ip_address>& peer) {
  const auto& config = listener->config;
  layer_ptr layers;
  if (config.proxy.is_on)
    layers = std::make_unique<proxy::layer>(proxy::layer_options{
      .is_trusted = is_trusted(config.proxy.trusted, peer),
      .takes_common_name = config.proxy.takes_common_name});
  if (listener->layers)
    layers = stack(std::move(layers), listener->layers->make());
  if (config.kind == listener_kind::ws || config.kind == listener_kind::wss)
    layers = stack(
      std::move(layers),
      std::make_unique<websocket::layer>(
        std::shared_ptr<const websocket::layer_options>{listener,
                                                        &config.websocket},
        is_trusted(config.websocket.upgrade.trusted, peer)));
  return layers;
}

} // namespace hetzel::net
