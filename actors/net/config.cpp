#include "actors/net/config.hpp"

namespace hetzel::net {

const char* to_string(listener_kind kind) noexcept {
  switch (kind) {
    case listener_kind::tcp:
      return "tcp";
    case listener_kind::ssl:
      return "ssl";
    case listener_kind::ws:
      return "ws";
    case listener_kind::wss:
      return "wss";
  }
  return "tcp";
}

} // namespace hetzel::net
