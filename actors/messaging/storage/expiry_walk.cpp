#include "actors/messaging/storage/expiry_walk.hpp"

#include <map>
#include <utility>

namespace hetzel::messaging {

using persistence::errc;

expiry_walk::step expiry_walk::next(persistence::deadline now,
                                    std::size_t budget,
                                    persistence::message_batch& out) {
  restart_now_and_then(now);
  const auto list = index_.messages(now, budget);
  std::map<persistence::queue_id, messages> by_queue;
  for (const auto& one : list.found)
    by_queue[one.entry.queue].push_back(one);
  step made;
  made.at_end = list.at_end || list.status != errc::none;
  for (const auto& [queue, found] : by_queue)
    read(queue, found, made, out);
  return made;
}

/// Clocks step back as well.
void expiry_walk::restart_now_and_then(persistence::deadline now) {
  if (began_ <= now && now < began_ + round)
    return;
  began_ = now;
  index_.restart();
}

/// A queue without a name was erased: the sweep takes all that it had. A record
/// that cannot be read is met by who loads it.
void expiry_walk::read(persistence::queue_id queue, const messages& found,
                       step& into, persistence::message_batch& out) const {
  const auto name = from_.name_of(queue);
  if (!name || !*name)
    return;
  expired_messages list{{(*name)->mountpoint, (*name)->client_id}, queue,
                        {}, 0};
  for (const auto& one : found) {
    const auto entry = from_.find_entry(one.entry);
    if (entry && *entry)
      list.messages.push_back(**entry);
    else if (entry)
      out.forget_deadline(one);
  }
  if (!list.messages.empty())
    into.queues.push_back(std::move(list));
}

} // namespace hetzel::messaging
