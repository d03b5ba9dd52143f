#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace hetzel::persistence {

/// Longest key and value of a record; longer ones are the caller's bug. An
/// MQTT packet ends at 256 MiB.
inline constexpr std::size_t key_size_max = std::size_t{1} << 20;
inline constexpr std::size_t value_size_max = std::size_t{1} << 29;

/// Puts and erases that a store applies together or not at all, in the order
/// they were added: the last one of a key prevails.
///
/// One contiguous buffer: adding allocates only to grow it, `clear` keeps it.
/// The checksum of a record is made here, as early as can be, and travels with
/// the value to the disk and back.
class write_batch {
public:
  struct operation {
    /// Views into the batch; valid until it is changed or gone.
    std::string_view key;
    /// Empty for an erase.
    std::string_view value;
    /// The value behind its checksum, as stores keep it; empty for an erase.
    std::string_view sealed;
    bool erases = false;
  };

  class iterator;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);

  /// Adds what `later` holds behind what this one holds; `later` may be this.
  void append(const write_batch& later);

  /// Empty again, with the memory kept.
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// How many operations.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  /// Keys, values and the cost of keeping them: what a limit of a batch and a
  /// log of it are measured by.
  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return buffer_.size();
  }

  [[nodiscard]] iterator begin() const noexcept;
  [[nodiscard]] iterator end() const noexcept;

  /// Where the next operation will stand, and the one that stands there.
  [[nodiscard]] std::size_t position() const noexcept { return buffer_.size(); }
  [[nodiscard]] operation at(std::size_t position) const noexcept;

  friend bool operator==(const write_batch&, const write_batch&) = default;

private:
  void add_head(bool erases, std::string_view key, std::size_t value_size);

  // In memory only, of this machine's byte order:
  //   u32 key size with the top bit set for an erase | u32 value size
  //   | key | for a put: u32 checksum (little-endian) | value
  std::string buffer_;
  std::size_t count_ = 0;
};

class write_batch::iterator {
public:
  using iterator_category = std::forward_iterator_tag;
  using iterator_concept = std::forward_iterator_tag;
  using value_type = operation;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = operation;

  iterator() = default;
  iterator(const write_batch& batch, std::size_t position) noexcept
    : batch_(&batch), position_(position) {}

  operation operator*() const noexcept { return batch_->at(position_); }
  iterator& operator++() noexcept;
  iterator operator++(int) noexcept;

  [[nodiscard]] std::size_t position() const noexcept { return position_; }

  friend bool operator==(const iterator&, const iterator&) = default;

private:
  const write_batch* batch_ = nullptr;
  std::size_t position_ = 0;
};

inline write_batch::iterator write_batch::begin() const noexcept {
  return {*this, 0};
}

inline write_batch::iterator write_batch::end() const noexcept {
  return {*this, buffer_.size()};
}

} // namespace hetzel::persistence
