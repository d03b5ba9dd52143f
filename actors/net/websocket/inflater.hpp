#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace hetzel::net::websocket {

/// Inflates one message of permessage-deflate (RFC 7692, 7.2.2); the next one
/// needs another, for there is no context takeover. Some 40 KB while it lives.
class inflater {
public:
  enum class outcome : unsigned char { done, corrupt, too_large };

  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Appends what `deflated` gives to `out`: at most `size_max` bytes, or it is
  /// too large. Nothing is held back.
  [[nodiscard]] outcome write(mqtt::bytes_view deflated, std::string& out,
                              std::size_t size_max);

  /// The end of the message, which its sender left out.
  [[nodiscard]] outcome finish(std::string& out, std::size_t size_max);

private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::net::websocket
