#include "actors/messaging/overload/slow_clients.hpp"

#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace hetzel::messaging {

namespace {

/// Of so many clients one goes at a time.
constexpr std::size_t clients_per_victim = 100;

} // namespace

std::size_t disconnect_slowest(site& local) {
  std::vector<queue*> slow;
  local.queues.for_each([&](queue& one) {
    if (one.is_connected() && one.waiting() > 0)
      slow.push_back(&one);
  });
  if (slow.empty())
    return 0;
  const auto count = 1 + slow.size() / clients_per_victim;
  const auto end = slow.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(slow.begin(), end, slow.end(),
                    [](const queue* left, const queue* right) {
                      return left->waiting() > right->waiting();
                    });
  std::vector<queue_id> victims;
  for (auto one = slow.begin(); one != end; ++one)
    victims.push_back((*one)->id());
  // The end of one may be that of others.
  for (const auto id : victims)
    if (auto* const victim = local.queues.find(id)) {
      runtime::log::info("overload.disconnected",
                         {{"client_id", victim->key().client_id()},
                          {"waiting", victim->waiting()}});
      local.metrics.add(metric::overload_disconnected);
      victim->end_session(mqtt::reason_code::server_busy);
    }
  return victims.size();
}

} // namespace hetzel::messaging
