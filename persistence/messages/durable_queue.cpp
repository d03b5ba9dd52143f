#include "persistence/messages/durable_queue.hpp"

#include <algorithm>

namespace hetzel::persistence {

entry_stub durable_queue::append(message_batch& to, const entry_record& what) {
  const entry_stub stub{ledger_.next, what.bytes(), what.reference.id,
                        what.expires};
  ledger_.next = behind(ledger_.next);
  ++ledger_.count;
  ledger_.bytes += stub.bytes;
  to.put_entry({id_, stub.at}, {what, ledger_.count, ledger_.bytes});
  return stub;
}

void durable_queue::erase(message_batch& to, const entry_stub& what) {
  // After a power loss the counts may be off.
  ledger_.count -= std::min<std::uint64_t>(ledger_.count, 1);
  ledger_.bytes -= std::min<std::uint64_t>(ledger_.bytes, what.bytes);
  to.erase_entry(id_, what);
  to.put_ledger(id_, ledger_);
}

void durable_queue::clear(message_batch& to) {
  ledger_.floor = ledger_.next;
  ledger_.count = 0;
  ledger_.bytes = 0;
  to.sweep_below(id_, ledger_.next);
  to.put_ledger(id_, ledger_);
}

void durable_queue::raise_floor(sequence floor) noexcept {
  ledger_.floor = std::clamp(floor, ledger_.floor, ledger_.next);
}

} // namespace hetzel::persistence
