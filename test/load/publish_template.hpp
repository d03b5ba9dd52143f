#pragma once

#include "protocol/basic_types.hpp"
#include "test/load/payload.hpp"

#include <cstddef>
#include <string>

namespace hetzel::test::load {

/// A PUBLISH encoded once; each message is a copy with the packet id and the
/// stamp of its payload written over.
class publish_template {
public:
  publish_template() = default;

  publish_template(mqtt::bytes_view topic_name, std::size_t payload_size,
                   mqtt::qos quality, bool retain,
                   mqtt::protocol_version version);

  /// `id` is ignored for QoS 0.
  void append_to(std::string& out, mqtt::packet_id id,
                 const payload_stamp& stamp) const {
    const auto start = out.size();
    out.append(packet_);
    auto* const copy = out.data() + start;
    if (id_offset_ != 0) {
      copy[id_offset_] = static_cast<char>(id >> 8);
      copy[id_offset_ + 1] = static_cast<char>(id & 0xFF);
    }
    write_stamp(copy + payload_offset_, stamp);
  }

  [[nodiscard]] std::size_t size() const noexcept { return packet_.size(); }

private:
  std::string packet_;
  std::size_t id_offset_ = 0;
  std::size_t payload_offset_ = 0;
};

} // namespace hetzel::test::load
