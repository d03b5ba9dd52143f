#include "plugins/acl/revocation.hpp"

#include <memory>

namespace hetzel::plugins {

namespace {

/// Clients that are asked about at once.
constexpr std::size_t under_way_max = 64;

/// Lives as long as one of its clients is asked about.
class revocation : public std::enable_shared_from_this<revocation> {
public:
  revocation(broker& node, std::vector<known_clients::entry> of,
             guard_counters& counters)
    : node_(node), left_(std::move(of)), counters_(counters) {}

  /// The next one, if there is any. Each answer brings another.
  void step() {
    std::optional<known_clients::entry> next;
    {
      const std::lock_guard lock{mutex_};
      if (left_.empty())
        return;
      next = std::move(left_.back());
      left_.pop_back();
    }
    node_.reauthorize(
      next->id, std::move(next->user_name),
      [self = shared_from_this()](const std::optional<reauthorized>& became) {
        if (became)
          self->counters_.add(guard_fact::subscription_revoked,
                              became->removed.size());
        self->step();
      });
  }

private:
  broker& node_;
  std::mutex mutex_;
  std::vector<known_clients::entry> left_;
  guard_counters& counters_;
};

} // namespace

void known_clients::put(const client& who) {
  std::optional<std::string> user;
  if (who.user_name)
    user.emplace(*who.user_name);
  const std::lock_guard lock{mutex_};
  clients_.insert_or_assign({std::string{who.id.mountpoint},
                             std::string{who.id.client_id}},
                            std::move(user));
}

void known_clients::remove(const subscriber& whom) {
  const std::lock_guard lock{mutex_};
  clients_.erase({std::string{whom.mountpoint}, std::string{whom.client_id}});
}

std::vector<known_clients::entry> known_clients::all() const {
  const std::lock_guard lock{mutex_};
  std::vector<entry> copies;
  copies.reserve(clients_.size());
  for (const auto& [id, user] : clients_)
    copies.push_back({{id.first, id.second}, user});
  return copies;
}

void revoke_subscriptions(broker& node, std::vector<known_clients::entry> of,
                          guard_counters& counters) {
  const auto begun
    = std::make_shared<revocation>(node, std::move(of), counters);
  for (std::size_t i = 0; i < under_way_max; ++i)
    begun->step();
}

} // namespace hetzel::plugins
