#include "actors/net/socket_handle.hpp"

#include <unistd.h>

namespace hetzel::net {

void socket_handle::close() noexcept {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

} // namespace hetzel::net
