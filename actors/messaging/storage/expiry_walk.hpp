#pragma once

#include "actors/messaging/storage/expired_messages.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/message_expiry.hpp"
#include "persistence/messages/message_reader.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace hetzel::messaging {

/// Finds the messages of a shard whose deadline has passed, by the index of
/// deadlines and in bounded steps. What is found and not erased, as it was in
/// flight or being loaded, is found again after `restart`, which each new round
/// begins with. For the shard's writer.
class expiry_walk {
public:
  /// How long a round lasts at least.
  static constexpr std::chrono::seconds round{60};

  struct step {
    std::vector<expired_messages> queues;
    /// Nothing more has expired by now, or could be read.
    bool at_end = false;
  };

  /// `from` must outlive this.
  explicit expiry_walk(const persistence::message_reader& from)
    : from_(from), index_(from) {}

  /// The next step begins at the earliest deadline.
  void restart() noexcept { index_.restart(); }

  /// Looks at up to `budget` messages that expire at `now` or before. Deadlines
  /// of messages that are gone are erased in `out`.
  [[nodiscard]] step next(persistence::deadline now, std::size_t budget,
                          persistence::message_batch& out);

private:
  using messages = std::vector<persistence::entry_expiry>;

  void restart_now_and_then(persistence::deadline now);
  void read(persistence::queue_id queue, const messages& found, step& into,
            persistence::message_batch& out) const;

  const persistence::message_reader& from_;
  persistence::message_expiry index_;
  persistence::deadline began_{};
};

} // namespace hetzel::messaging
