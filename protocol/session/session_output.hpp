#pragma once

#include "protocol/property_writer.hpp"
#include "protocol/session/session.hpp"

#include <string>
#include <utility>

/// How the session's sources write packets; nobody else includes this.

namespace hetzel::mqtt {

/// Calls `write(std::string&)`, which appends one packet, and takes it back
/// when it is larger than the client accepts [MQTT-3.1.2-24]. Returns whether
/// it was sent.
template <class Encode>
bool session::send(packet_type type, reason_code code, Encode&& write) {
  auto& out = output_.tail();
  auto start = out.size();
  write(out);
  if (out.size() - start > client_packet_size_max_) {
    out.resize(start);
    return false;
  }
  sink_.count_packet(type, code, true);
  return true;
}

/// Calls `write(std::string&, property_view)` with a Reason String when the
/// client wants one and has room, else with no properties.
template <class Encode>
bool session::explain(packet_type type, reason_code code, bytes_view reason,
                      Encode&& write) {
  if (wants_problem_reasons_ && !reason.empty()) {
    std::string coded;
    property_writer{coded}.value(property_id::reason_string, reason);
    auto is_sent = send(type, code, [&](std::string& out) {
      write(out, property_view{coded});
    });
    if (is_sent)
      return true;
  }
  return send(type, code,
              [&](std::string& out) { write(out, property_view{}); });
}

} // namespace hetzel::mqtt
