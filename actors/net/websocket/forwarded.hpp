#pragma once

#include "actors/net/network_list.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hetzel::net::websocket {

/// Whom X-Forwarded-For names, as "192.0.2.1:0" or "[2001:db8::1]:0", with the
/// port if the entry has one. `entries` are the values of all such headers with
/// commas between them; empty ones are skipped.
///
/// Each proxy appends who it heard from, so what stands in front of the last
/// entry that is not `trusted` may be anybody's word: that one is the client.
/// When all are trusted it is the first. Empty: nobody is named. nullopt: that
/// entry is no address.
[[nodiscard]] std::optional<std::string>
forwarded_client(std::string_view entries, const network_list& trusted);

} // namespace hetzel::net::websocket
