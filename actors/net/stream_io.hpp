#pragma once

#include "protocol/output_buffer.hpp"

#include <cstddef>

namespace hetzel::net {

enum class write_result : unsigned char { drained, would_block, failed };

struct write_outcome {
  write_result result;
  std::size_t bytes;
  int error; ///< errno when failed
};

/// Writes `output` with gathered non-blocking sends until it is empty or the
/// socket takes no more.
[[nodiscard]] write_outcome write_some(int descriptor,
                                       mqtt::output_buffer& output) noexcept;

} // namespace hetzel::net
