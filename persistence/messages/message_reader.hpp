#pragma once

#include "persistence/errc.hpp"
#include "persistence/messages/ids.hpp"
#include "persistence/messages/operation.hpp"
#include "persistence/messages/record_key.hpp"
#include "persistence/messages/record_value.hpp"
#include "persistence/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::persistence {

/// Where a window of a queue begins and how much it may hold.
struct window_request {
  /// Messages with `from <= sequence < to`.
  sequence from{1};
  sequence to = sequence::last;
  /// From the back of the queue (LIFO).
  bool newest_first = false;
  std::size_t count_max = 100;
  /// Reached by the last message; headers and bodies. At least one comes.
  std::size_t bytes_max = std::size_t{1} << 20;
};

/// What a read window held besides the messages.
struct window {
  std::size_t count = 0;
  std::size_t bytes = 0;
  /// There is no more.
  bool at_end = false;
  /// How to read on.
  window_request rest;
  /// Messages whose body is not there: they were never acknowledged to their
  /// publisher, or they were acknowledged by their subscriber. Erase them.
  std::vector<entry_stub> dangling;
  /// Messages whose body is damaged. Lost; erase them.
  std::vector<entry_stub> damaged;
  /// What ended the window early; what was read is sound.
  errc status = errc::none;
};

/// Takes the messages of a window.
class entry_sink {
public:
  virtual ~entry_sink() = default;

  /// `what` has its body in any case, and `reference` if it came from one. The
  /// views hold until this returns.
  virtual void on_entry(const entry_stub& stub, const entry_record& what) = 0;
};

/// Reads a shard as it was committed. Thread-safe as its readers are; they
/// must outlive it.
class message_reader {
public:
  /// `bodies` are the shards of the node by number; a shard that is alone may
  /// leave them out.
  explicit message_reader(const reader& records,
                          std::vector<const reader*> bodies = {});

  [[nodiscard]] expected<std::optional<queue_id>, errc>
  find_queue(const queue_name& name) const;

  [[nodiscard]] expected<std::optional<queue_name>, errc>
  name_of(queue_id queue) const;

  [[nodiscard]] expected<std::optional<session_record>, errc>
  session_of(queue_id queue) const;

  /// For a `durable_queue`. Looks at two records, whatever the queue holds.
  /// After a power loss that took unsynced batches the counts may be off.
  [[nodiscard]] expected<queue_ledger, errc> ledger_of(queue_id queue) const;

  /// At most `count_max` queues in the order of their names, behind the queue
  /// `after`.
  [[nodiscard]] expected<std::vector<std::pair<queue_name, queue_id>>, errc>
  list_queues(const std::optional<queue_name>& after,
              std::size_t count_max) const;

  /// All marks of this shard, those of one sender together.
  [[nodiscard]] expected<std::vector<receive_mark>, errc> list_marks() const;

  [[nodiscard]] window read_window(queue_id queue, const window_request& what,
                                   entry_sink& to) const;

  /// What erasing an entry needs; nothing when it is not there.
  [[nodiscard]] expected<std::optional<entry_stub>, errc>
  find_entry(const entry_key& key) const;

  [[nodiscard]] const reader& records() const noexcept { return *records_; }

private:
  class window_walk;

  [[nodiscard]] expected<std::optional<std::string>, errc>
  body_of(const body_reference& reference) const;

  const reader* records_;
  std::vector<const reader*> bodies_;
};

[[nodiscard]] entry_stub stub_of(sequence at, const entry_record& what);

} // namespace hetzel::persistence
