#pragma once

#include "persistence/reader.hpp"
#include "persistence/write_batch.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hetzel::persistence {

/// A reader with a pending batch on top of another reader: read your own
/// uncommitted writes. Hand `batch()` to the store, then `clear()` once it was
/// written; between the two, both reads agree. Layers may be stacked.
///
/// Not thread-safe. The reader below must live as long; a cursor must not be
/// used after the overlay was changed.
class overlay final : public reader {
public:
  explicit overlay(const reader& below) : below_(below) {}

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);

  /// Adds the operations of a batch that was made elsewhere.
  void apply(const write_batch& later);

  /// Everything since the last `clear`, in order.
  [[nodiscard]] const write_batch& batch() const noexcept { return batch_; }

  /// Forgets the batch, after it was written or to give it up.
  void clear() noexcept;

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view key) const override;

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const override;

private:
  class merging_cursor;

  void index(std::string_view key, std::size_t position);

  const reader& below_;
  write_batch batch_;
  // The last operation of each key, by its position in the batch.
  std::map<std::string, std::size_t, std::less<>> last_;
};

} // namespace hetzel::persistence
