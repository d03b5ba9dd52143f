#pragma once

#include "persistence/errc.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hetzel::persistence {

/// Walks over records in the order of their keys. For one thread at a time;
/// must not outlive the reader that made it (a cursor of a store or of its
/// snapshot keeps what it needs alive itself).
///
///   auto records = reader.scan(from, to);
///   for (; records->valid(); records->next())
///     use(records->key(), records->value());
///   if (records->status() != errc::none)
///     ... // what was seen is sound, but there may be more
class cursor {
public:
  virtual ~cursor() = default;

  /// Whether there is a record. False at the end, and for good after an error.
  [[nodiscard]] virtual bool valid() const = 0;

  /// Precondition: `valid()`.
  virtual void next() = 0;

  /// Valid until `next`. Precondition: `valid()`.
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;

  /// Why the walk ended; `errc::none` at the end of the range.
  [[nodiscard]] virtual errc status() const = 0;
};

/// An ordered view of records. Keys are strings of any bytes, compared as
/// unsigned bytes, a prefix before what it is a prefix of. Every record's
/// checksum is verified whenever it is read; a record that fails is
/// `errc::corrupt`, never a wrong value and never an absent one.
class reader {
public:
  virtual ~reader() = default;

  /// The value, or nothing when there is no such key.
  [[nodiscard]] virtual expected<std::optional<std::string>, errc>
  get(std::string_view key) const = 0;

  /// The records with `from <= key < to`, as they are at this moment; an empty
  /// `to` means to the end. Never null.
  [[nodiscard]] virtual std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const = 0;

  /// The same records from the last to the first. What is here reads the whole
  /// range into memory first; the stores have better.
  [[nodiscard]] virtual std::unique_ptr<cursor>
  scan_back(std::string_view from, std::string_view to) const;
};

/// The first key behind all keys that begin with `prefix`, as the `to` of a
/// scan: empty when there is none.
[[nodiscard]] std::string behind_prefix(std::string_view prefix);

} // namespace hetzel::persistence
