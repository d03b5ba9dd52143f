#pragma once

#include "persistence/errc.hpp"
#include "persistence/messages/ids.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/message_reader.hpp"
#include "persistence/messages/record_key.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hetzel::persistence {

template <class Expiry>
struct expired_list {
  std::vector<Expiry> found;
  /// Nothing more has expired by now.
  bool at_end = false;
  /// What ended the walk early; what was found is sound.
  errc status = errc::none;
};

/// Finds the messages and sessions of a shard whose deadline has passed, in
/// the order of their deadlines and without looking at others. It erases
/// nothing: whoever runs the queue decides, since a message in flight does not
/// expire. Each is found once until `restart`, which makes the walk begin with
/// the earliest deadline again; do that now and then, for clocks step back.
///
/// Reads what is committed. For one thread at a time.
class message_expiry {
public:
  /// `from` must outlive this.
  explicit message_expiry(const message_reader& from);

  /// Up to `budget` messages that expire at `now` or before.
  [[nodiscard]] expired_list<entry_expiry> messages(deadline now,
                                                    std::size_t budget);

  /// The same of sessions. What the index still says of a session that has
  /// another deadline by now is erased in `out`.
  [[nodiscard]] expired_list<session_expiry>
  sessions(deadline now, std::size_t budget, message_batch& out);

  void restart();

  /// Drops messages that `messages` found from a queue that nobody runs: reads
  /// what it holds and erases them in `out`, which must be empty. How many
  /// were there.
  [[nodiscard]] expected<std::size_t, errc>
  drop(queue_id queue, std::span<const entry_expiry> expired,
       message_batch& out) const;

  /// Messages and sessions that were found.
  [[nodiscard]] std::uint64_t found_messages() const noexcept {
    return found_messages_;
  }
  [[nodiscard]] std::uint64_t found_sessions() const noexcept {
    return found_sessions_;
  }

private:
  const message_reader& from_;
  std::string next_message_;
  std::string next_session_;
  std::uint64_t found_messages_ = 0;
  std::uint64_t found_sessions_ = 0;
};

} // namespace hetzel::persistence
