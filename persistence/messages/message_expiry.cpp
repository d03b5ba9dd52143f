#include "persistence/messages/message_expiry.hpp"

#include "persistence/invariant.hpp"
#include "persistence/messages/durable_queue.hpp"

#include <algorithm>

namespace hetzel::persistence {

namespace {

/// Before all keys of an index, and behind those of what has expired.
std::string first_key(record_kind index) {
  return std::string(record_key(index).view());
}

std::string behind_expired(record_kind index, deadline now) {
  constexpr std::chrono::milliseconds tick(1);
  const auto behind = std::min(now, no_deadline - tick) + tick;
  return std::string(index == record_kind::entry_deadline
                       ? record_key(behind, entry_key()).view()
                       : record_key(behind, queue_id::none).view());
}

/// The smallest key behind this one.
std::string behind_key(std::string_view key) {
  return std::string(key) + '\0';
}

} // namespace

message_expiry::message_expiry(const message_reader& from) : from_(from) {
  restart();
}

void message_expiry::restart() {
  next_message_ = first_key(record_kind::entry_deadline);
  next_session_ = first_key(record_kind::session_deadline);
}

expired_list<entry_expiry> message_expiry::messages(deadline now,
                                                    std::size_t budget) {
  expired_list<entry_expiry> list;
  const auto at = from_.records().scan(
    next_message_, behind_expired(record_kind::entry_deadline, now));
  for (; at->valid() && list.found.size() < budget; at->next()) {
    const auto what = parse_entry_deadline_key(at->key());
    next_message_ = behind_key(at->key());
    if (!what) {
      list.status = what.error();
      return list;
    }
    list.found.push_back(*what);
  }
  list.status = at->status();
  list.at_end = !at->valid() && list.status == errc::none;
  found_messages_ += list.found.size();
  return list;
}

expired_list<session_expiry>
message_expiry::sessions(deadline now, std::size_t budget,
                         message_batch& out) {
  expired_list<session_expiry> list;
  const auto at = from_.records().scan(
    next_session_, behind_expired(record_kind::session_deadline, now));
  for (; at->valid() && list.found.size() < budget; at->next()) {
    const auto what = parse_session_deadline_key(at->key());
    // Also behind a session that cannot be read: it must not hold up others.
    next_session_ = behind_key(at->key());
    const auto session
      = what ? from_.session_of(what->queue) : unexpected(what.error());
    if (!session) {
      list.status = session.error();
      return list;
    }
    if (*session && (*session)->expires == what->when)
      list.found.push_back(*what);
    else
      out.forget_deadline(*what);
  }
  list.status = at->status();
  list.at_end = !at->valid() && list.status == errc::none;
  found_sessions_ += list.found.size();
  return list;
}

expected<std::size_t, errc>
message_expiry::drop(queue_id queue, std::span<const entry_expiry> expired,
                     message_batch& out) const {
  HETZEL_INVARIANT(out.empty());
  const auto ledger = from_.ledger_of(queue);
  if (!ledger)
    return unexpected(ledger.error());
  durable_queue owner(queue, *ledger);
  std::size_t dropped = 0;
  for (const auto& what : expired) {
    HETZEL_INVARIANT(what.entry.queue == queue);
    const auto found = from_.find_entry(what.entry);
    if (!found)
      return unexpected(found.error());
    // Garbage is not counted any more; the sweep takes it, deadline and all.
    if (!*found)
      out.forget_deadline(what);
    else if (what.entry.at >= ledger->floor) {
      owner.erase(out, **found);
      ++dropped;
    }
  }
  return dropped;
}

} // namespace hetzel::persistence
