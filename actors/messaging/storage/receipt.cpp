#include "actors/messaging/storage/receipt.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/site.hpp"

#include <caf/send.hpp>

namespace hetzel::messaging {

void receipt::add_mark(persistence::message_batch& batch,
                       std::uint64_t receiver) {
  const persistence::receive_mark mark{ticket_.mark_owner, ticket_.mark_id,
                                       receiver};
  batch.put_mark(mark);
  const std::lock_guard guard{mutex_};
  marks_.push_back(mark);
}

receipt::~receipt() {
  if (origin_.settlements.put({ticket_, code_.load(), std::move(marks_)}))
    caf::anon_send(origin_.node.couriers[origin_.home.index()].get(),
                   wake_atom_v);
}

} // namespace hetzel::messaging
