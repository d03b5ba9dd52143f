#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/storage/expired_messages.hpp"
#include "actors/messaging/storage/journal.hpp"
#include "actors/messaging/storage/receipt.hpp"
#include "actors/messaging/storage/session_image.hpp"
#include "actors/messaging/storage/shared_body.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/messaging/subscriber_key.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "protocol/delivery.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::messaging {

struct site;

/// Names a stored queue within the node, for the marks of QoS 2: the number of
/// its shard in the top byte.
[[nodiscard]] constexpr std::uint64_t
address_of(std::size_t shard, persistence::queue_id id) noexcept {
  return std::uint64_t{shard} << 56 | persistence::number(id);
}

[[nodiscard]] constexpr std::size_t shard_at(std::uint64_t address) noexcept {
  return static_cast<std::size_t>(address >> 56);
}

/// The marks of a PUBLISH of QoS 2 have its Packet Identifier, those of a will
/// a number above all of these: of the connection with that epoch.
inline constexpr std::uint64_t packet_id_max = 65'535;
[[nodiscard]] constexpr std::uint64_t will_mark(std::uint64_t epoch) noexcept {
  return packet_id_max + 1 + epoch;
}

/// How a message is stored.
struct storing {
  receipt_source* waits = nullptr; ///< null: nobody waits
  shared_body* body = nullptr;     ///< null: none is shared
};

/// What the store has of a Session at the start of the node.
struct stored_origin {
  persistence::queue_id id = persistence::queue_id::none;
  persistence::queue_ledger ledger;
  session_image image;
  std::vector<persistence::receive_mark> marks;
};

/// The part of a queue that is on disk: the messages of QoS 1 and 2 of a
/// Session that outlives its connection. It decides which of them are in memory
/// as well, and turns what becomes of each into changes for the store. Used by
/// its queue.
///
/// In memory are the next `resident_max` messages, and those in flight; a queue
/// without a session has none but the latter.
class stored_queue {
public:
  static constexpr std::size_t resident_max = 1000;
  static constexpr std::size_t window_count = 500;
  static constexpr std::size_t window_bytes = std::size_t{256} << 10;

  /// One that is not in the store yet; its messages begin with `first`.
  stored_queue(site& local, queue_id owner, const subscriber_key& key,
               std::uint64_t first);
  /// Goes on with what the store has.
  stored_queue(site& local, queue_id owner, const subscriber_key& key,
               const stored_origin& from);

  /// The Session is over: nothing of it stays.
  void remove();

  // -- messages --------------------------------------------------------------

  /// The store does not take any: `append` would be in vain.
  [[nodiscard]] persistence::errc failure() const noexcept;

  /// Stores a message and gives it its number; who waits is let go of when it
  /// is on disk. True: it is the caller's to keep in memory; false: it will be
  /// loaded.
  [[nodiscard]] bool append(mqtt::delivery& item, const storing& how,
                            bool is_online);

  /// It is done with: acknowledged, expired, dropped, or given away.
  void erase(const mqtt::delivery& item);

  /// Erases those that are not in memory; how many. What is in flight does not
  /// expire. Nullopt: the others cannot be told from it now.
  std::optional<std::size_t> expire(const expired_messages& found);

  /// One that was given away stays on disk until its new owner has it there:
  /// as if in flight meanwhile.
  void note_given(const mqtt::delivery& item) { note_sent(item); }
  /// It has, or (false) could not: it is to be loaded again.
  void end_given(std::uint64_t stored, bool is_taken);

  /// It is in flight from now on.
  void note_sent(const mqtt::delivery& item);

  /// The store has it, so that one of QoS 2 may be sent.
  [[nodiscard]] bool is_committed(const mqtt::delivery& item) const;

  /// Those that were not sent.
  [[nodiscard]] std::size_t waiting() const noexcept;
  /// What they take on disk.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept;

  /// A session takes messages from here on. Those that are sent may be sent
  /// again by the next life of the server, which has to say so (DUP).
  void go_online();

  // -- memory ----------------------------------------------------------------

  /// There are messages that were not loaded.
  [[nodiscard]] bool has_more() const noexcept { return has_more_; }

  /// Forgets a waiting message that is the caller's, which drops it; it will be
  /// loaded again. The oldest first (FIFO: behind them none may stay).
  void evict(const mqtt::delivery& item);

  /// What to ask the writer for; nullopt: nothing, or it was asked already, or
  /// it could not answer and is not to be asked before `ask_again`.
  [[nodiscard]] std::optional<window_query> next_window();

  /// The answer. Returns what is to be added to those that wait, the next one
  /// first. False in `is_sound`: nothing came, to be asked for again later.
  [[nodiscard]] std::vector<mqtt::delivery> on_window(const loaded_window& seen,
                                                      bool& is_sound);

  /// So many of those that are not in memory are too many, by the rule of the
  /// order: they do not count any more, and go with the next windows.
  void give_up(std::size_t count) noexcept { surplus_ += count; }
  /// Or as many as have so many bytes together.
  void give_up_bytes(std::size_t bytes) noexcept;
  void ask_again() noexcept { is_resting_ = false; }
  /// True: the store fails, and `ask_again` is to be called in a while.
  [[nodiscard]] bool rest_if_failing() noexcept;
  [[nodiscard]] bool is_asking() const noexcept { return is_asking_; }
  [[nodiscard]] bool has_surplus() const noexcept {
    return surplus_ > 0 || surplus_bytes_ > 0;
  }
  struct drop_count {
    std::size_t messages = 0;
    /// Of these, for their bytes alone.
    std::size_t for_bytes = 0;
  };
  /// The answer to a query for that. How many were dropped.
  drop_count drop(const loaded_window& seen);

  // -- QoS 2 -----------------------------------------------------------------

  /// PUBREC came: the message is erased, its id kept until PUBCOMP.
  void note_received(const mqtt::delivery& item, mqtt::packet_id id);
  void forget_received(mqtt::packet_id id);

  /// Somebody waits for a message that this queue got before; it may not be
  /// on disk yet, or never get there.
  void await_stored(const receipt_ptr& waits);

  /// Has its queue called (`on_committed`) about the next batch, which brings
  /// what an earlier one could not.
  void await_batch();

  /// A PUBLISH of this client: kept until `erase_marks`.
  void put_mark(const receipt_ptr& waits);
  void keep_marks(std::uint64_t id,
                  const std::vector<persistence::receive_mark>& marks);
  /// PUBREL came; `waits` is let go of when they are gone. False: there were
  /// none.
  bool erase_marks(std::uint64_t id, receipt_source* waits);
  /// Who had a message of that id before the server died; empty: nobody.
  [[nodiscard]] std::vector<std::uint64_t> receivers_of(std::uint64_t id);
  /// Erases those of all wills but that one.
  void forget_wills_but(std::uint64_t id);

  /// This queue, for the marks of others.
  [[nodiscard]] std::uint64_t address() const noexcept {
    return address_of(shard_, disk_.id());
  }

  [[nodiscard]] std::size_t shard() const noexcept { return shard_; }
  [[nodiscard]] const session_image& image() const noexcept { return image_; }

  /// What the next life would begin with.
  [[nodiscard]] stored_origin origin() const;

private:
  struct resident {
    persistence::entry_stub stub;
    batch_number batch = 0;
    bool is_sent = false;
  };

  [[nodiscard]] journal& log() const noexcept;
  [[nodiscard]] bool keeps(bool is_online) const noexcept;
  std::size_t forget_lost(const loaded_window& seen);
  void forget(const persistence::entry_stub& stub);
  void leave_flight(const resident& one) noexcept;
  [[nodiscard]] std::size_t surplus_bytes() const noexcept;
  void load_again(std::uint64_t stored);
  void put_image();
  void note_sending(std::uint64_t up_to);

  site& local_;
  queue_id owner_;
  std::size_t shard_;
  persistence::queue_name name_;
  persistence::durable_queue disk_;
  bool is_lifo_;
  /// What is in memory of those that wait or are in flight.
  boost::unordered_flat_map<std::uint64_t, resident> residents_;
  std::size_t in_flight_ = 0;
  std::size_t in_flight_bytes_ = 0;
  /// What is to be loaded: from here on, or (LIFO) what is before.
  std::uint64_t border_ = 0;
  std::uint64_t asked_next_ = 0;
  bool has_more_ = false;
  bool is_asking_ = false;
  bool is_resting_ = false;
  std::size_t surplus_ = 0;
  std::size_t surplus_bytes_ = 0;
  /// The batch with the last erase.
  batch_number erased_in_ = 0;
  session_image image_;
  /// What a former life may have sent.
  std::uint64_t sent_before_ = 0;
  boost::unordered_flat_map<std::uint64_t,
                            std::vector<persistence::receive_mark>>
    marks_;
};

} // namespace hetzel::messaging
