#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::test::load {

/// Which numbers of one publisher have arrived anywhere: for deliveries that
/// are spread over several subscribers or come in no order. `mark` may be
/// called from any thread. Memory is taken in pages of 8 KiB as numbers come.
class arrival_map {
public:
  arrival_map() = default;
  arrival_map(const arrival_map&) = delete;
  arrival_map& operator=(const arrival_map&) = delete;
  ~arrival_map();

  /// False when `sequence` was marked before, or is beyond `sequence_max`.
  bool mark(std::uint32_t sequence);

  /// How many numbers below `sent` are unmarked.
  [[nodiscard]] std::uint64_t missing(std::uint32_t sent) const noexcept;

  static constexpr std::uint32_t sequence_max = (1U << 28) - 1;

private:
  static constexpr unsigned page_bits = 16;
  using page = std::array<std::atomic<std::uint64_t>, (1U << page_bits) / 64>;
  using page_table
    = std::array<std::atomic<page*>, (sequence_max >> page_bits) + 1>;

  page& page_of(std::uint32_t sequence);

  std::unique_ptr<page_table> pages_ = std::make_unique<page_table>();
};

} // namespace hetzel::test::load
