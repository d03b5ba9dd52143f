#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "persistence/errc.hpp"
#include "persistence/messages/message_batch.hpp"
#include "persistence/messages/record_key.hpp"
#include "protocol/basic_types.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace hetzel::messaging {

struct site;

/// What somebody waits for.
struct store_ticket {
  enum class what : unsigned char {
    publish, ///< PUBACK or PUBREC, at `number` in an `answer_line`
    release, ///< PUBCOMP: the marks of `id` are erased
    will,    ///< the metadata forgets the will of `connection`
    given,   ///< `stored` of the waiter is erased: another member has it
  };

  what kind = what::publish;
  queue_id waiter;
  /// Of the connection, among those of `waiter`.
  std::uint32_t connection = 0;
  std::uint32_t number = 0;
  mqtt::packet_id id = 0;
  mqtt::qos quality{};
  /// It must survive a loss of power.
  bool is_synced = false;
  /// For a PUBLISH of QoS 2 or a will of a stored queue: its address, under
  /// which each receiver keeps a mark of that id; 0: none.
  std::uint64_t mark_owner = 0;
  std::uint64_t mark_id = 0;
  std::uint64_t stored = 0;
};

/// What came of it.
struct settlement {
  store_ticket ticket;
  persistence::errc code = persistence::errc::none;
  std::vector<persistence::receive_mark> marks;
};

/// Held by everybody who still has to store something of one ticket; when the
/// last lets go, the waiter's site gets the settlement. From any thread.
class receipt : public boost::intrusive_ref_counter<receipt> {
public:
  receipt(site& origin, const store_ticket& ticket,
          std::vector<std::uint64_t> has_it = {}) noexcept
    : origin_(origin), ticket_(ticket), has_it_(std::move(has_it)) {}
  receipt(const receipt&) = delete;
  receipt& operator=(const receipt&) = delete;
  ~receipt();

  /// Somebody could not store it; the publisher hears the last such reason.
  void fail(persistence::errc why) noexcept {
    code_.store(why, std::memory_order_relaxed);
  }

  [[nodiscard]] const store_ticket& ticket() const noexcept { return ticket_; }

  /// The receiver got the message before the server died.
  [[nodiscard]] bool has_it(std::uint64_t receiver) const noexcept {
    return std::find(has_it_.begin(), has_it_.end(), receiver)
           != has_it_.end();
  }

  /// Puts the mark of `receiver` into `batch` and remembers it.
  void add_mark(persistence::message_batch& batch, std::uint64_t receiver);

private:
  site& origin_;
  store_ticket ticket_;
  std::vector<std::uint64_t> has_it_;
  std::mutex mutex_;
  std::vector<persistence::receive_mark> marks_;
  std::atomic<persistence::errc> code_ = persistence::errc::none;
};

using receipt_ptr = boost::intrusive_ptr<receipt>;

/// Makes the receipt of a PUBLISH when the first asks for it: most messages go
/// to nobody who stores them.
class receipt_source {
public:
  /// Nobody waits.
  receipt_source() = default;
  receipt_source(site& origin, const store_ticket& ticket,
                 std::vector<std::uint64_t> has_it = {}) noexcept
    : origin_(&origin), ticket_(ticket), has_it_(std::move(has_it)) {}
  /// For who got one along with the message.
  explicit receipt_source(receipt_ptr given) noexcept
    : made_(std::move(given)) {}

  /// Null when nobody waits.
  [[nodiscard]] const receipt_ptr& take() {
    if (!made_ && origin_)
      made_ = receipt_ptr{new receipt{*origin_, ticket_, has_it_}};
    return made_;
  }

  [[nodiscard]] bool was_taken() const noexcept { return made_ != nullptr; }

  [[nodiscard]] bool has_it(std::uint64_t receiver) const noexcept {
    if (made_)
      return made_->has_it(receiver);
    return std::find(has_it_.begin(), has_it_.end(), receiver)
           != has_it_.end();
  }

private:
  site* origin_ = nullptr;
  store_ticket ticket_;
  std::vector<std::uint64_t> has_it_;
  receipt_ptr made_;
};

} // namespace hetzel::messaging
