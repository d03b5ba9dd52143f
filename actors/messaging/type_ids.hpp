#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>

namespace hetzel::net {
struct accepted_client;
} // namespace hetzel::net

namespace hetzel::mqtt {
class message_ptr;
} // namespace hetzel::mqtt

namespace hetzel::messaging {

template <class T>
struct transit_batch;

struct commit_request;
struct loaded_window;
struct restored_sessions;
struct retained_changes;
struct retained_reply;
struct retained_request;
struct shard_contents;
struct subscription_changes;
struct window_query;

using commit_request_ptr = std::shared_ptr<const commit_request>;
using loaded_window_ptr = std::shared_ptr<const loaded_window>;
using window_query_ptr = std::shared_ptr<const window_query>;
using accepted_client_ptr = std::shared_ptr<net::accepted_client>;
using retained_batch_ptr = std::shared_ptr<transit_batch<mqtt::message_ptr>>;
using restored_sessions_ptr = std::shared_ptr<const restored_sessions>;
using retained_changes_ptr = std::shared_ptr<const retained_changes>;
using retained_reply_ptr = std::shared_ptr<const retained_reply>;
using retained_request_ptr = std::shared_ptr<const retained_request>;
using shard_contents_ptr = std::shared_ptr<const shard_contents>;
using subscription_changes_ptr = std::shared_ptr<const subscription_changes>;

} // namespace hetzel::messaging

// Fixed base, append only: the numbers are wire format between nodes.
CAF_BEGIN_TYPE_ID_BLOCK(hetzel_messaging, 560)

  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::accepted_client_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::retained_batch_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::retained_reply_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::retained_request_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::shard_contents_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging,
                  (hetzel::messaging::subscription_changes_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::mqtt::message_ptr))

  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, cancel_walk_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, disconnect_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, resubscribe_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, shut_down_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, wake_atom)

  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::restored_sessions_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::retained_changes_ptr))

  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::commit_request_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::loaded_window_ptr))
  CAF_ADD_TYPE_ID(hetzel_messaging, (hetzel::messaging::window_query_ptr))
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, commit_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, repair_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, sweep_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, expire_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, measure_atom)
  CAF_ADD_ATOM(hetzel_messaging, hetzel::messaging, shed_atom)

CAF_END_TYPE_ID_BLOCK(hetzel_messaging)

// None of these leaves the process: they hold sockets, or memory shared
// between reactors.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::accepted_client_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::restored_sessions_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::commit_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::loaded_window_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::window_query_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::retained_batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::retained_changes_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::retained_reply_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::retained_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::shard_contents_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::messaging::subscription_changes_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hetzel::mqtt::message_ptr)
