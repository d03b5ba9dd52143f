#pragma once

#include <string>

struct sockaddr_storage;

namespace hetzel::net {

/// "127.0.0.1:1883", "[::1]:1883"; "?" for another family.
[[nodiscard]] std::string to_string(const sockaddr_storage& address);

/// The same of a connected socket's peer; "unix:<process id>/<user id>" when it
/// came through a local socket.
[[nodiscard]] std::string peer_name(int descriptor,
                                    const sockaddr_storage& peer);

} // namespace hetzel::net
