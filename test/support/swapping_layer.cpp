#include "test/support/swapping_layer.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace hetzel::test {

std::string swapped(std::string_view text) {
  std::string out{text};
  for (auto& letter : out)
    if (std::isalpha(static_cast<unsigned char>(letter)))
      letter = static_cast<char>(letter ^ 0x20);
  return out;
}

net::layered_ptr make_swapping() {
  return std::make_unique<net::layered_transport>(
    std::make_unique<swapping_layer>());
}

net::transport_layer::status
swapping_layer::receive(mqtt::bytes_view received, std::string& up,
                        mqtt::output_buffer& down) {
  for (const char byte : received) {
    if (!is_established_) {
      if (byte != 'H') {
        fault_ = net::transport_fault::foreign;
        return status::failed;
      }
      is_established_ = true;
      down.tail() += 'h';
    } else if (byte == '?') {
      down.tail() += '!';
    } else if (byte == '.') {
      return status::ended;
    } else if (byte == '*') {
      fault_ = net::transport_fault::malformed;
      down.tail() += "bad";
      return status::failed;
    } else {
      up += swapped({&byte, 1});
    }
  }
  return status::open;
}

void swapping_layer::send(mqtt::output_buffer& output,
                          mqtt::output_buffer& down, std::size_t bytes_max) {
  while (is_established_ && bytes_max > 0 && !output.empty()) {
    std::array<mqtt::bytes_view, 1> part;
    static_cast<void>(output.gather(part));
    const auto bytes = part[0].substr(0, bytes_max);
    down.tail() += swapped(bytes);
    bytes_max -= bytes.size();
    output.consume(bytes.size());
  }
}

void swapping_layer::describe(net::peer_identity& into) const {
  into.address = "198.51.100.7:7";
  into.user_name = "known";
}

} // namespace hetzel::test
