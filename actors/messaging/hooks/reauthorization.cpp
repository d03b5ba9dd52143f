#include "actors/messaging/hooks/reauthorization.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "actors/messaging/hooks/topic_rulings.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

using plugins::hook;

/// One run over the subscriptions of a Session; owned by what it waits for.
class reauthorization
  : public std::enable_shared_from_this<reauthorization> {
public:
  using on_done = std::function<void(std::optional<plugins::reauthorized>)>;

  reauthorization(site& local, const queue& owner,
                  std::optional<std::string> user_name, on_done done)
    : local_(local),
      id_(owner.id()),
      user_name_(std::move(user_name)),
      done_(std::move(done)),
      left_(owner.subscriptions().begin(), owner.subscriptions().end()) {}

  void run() {
    while (!left_.empty()) {
      auto* const owner = local_.queues.find(id_);
      if (!owner || owner->is_retired())
        return done_(std::nullopt);
      const auto said = ask(owner->key());
      if (!said)
        return;
      settle(*owner, *said);
    }
    done_(std::move(changed_));
  }

private:
  [[nodiscard]] mqtt::subscribe_entry current() const {
    return {left_.back().topic_filter, left_.back().options};
  }

  std::optional<plugins::subscribe_verdict> ask(const subscriber_key& key) {
    const std::array topics{current()};
    plugins::subscribe_request request;
    request.client.id = subscriber_of(key);
    if (user_name_)
      request.client.user_name = *user_name_;
    request.client.version = mqtt::protocol_version::v5;
    request.topics = topics;
    request.subscription_id = left_.back().subscription_id;
    const auto form = request.client.form();
    if (!local_.hooks.has(hook::auth_on_subscribe, form))
      return plugins::subscribe_verdict::ok();
    return decide<hook::auth_on_subscribe>(
      local_.hooks, local_.hooks.chain_of(hook::auth_on_subscribe, form, {}),
      request, {local_.config->limits.topics, {}}, weak_from_this(),
      [self = shared_from_this()](const plugins::subscribe_verdict& late,
                                  const plugins::subscribe_request&) {
        if (auto* const owner = self->local_.queues.find(self->id_);
            owner && !owner->is_retired())
          self->settle(*owner, late);
        self->run();
      });
  }

  void settle(queue& owner, const plugins::subscribe_verdict& said) {
    const std::array topics{current()};
    const std::array codes{
      static_cast<mqtt::reason_code>(topics[0].options.quality)};
    const auto ruling = rule(topics, codes, said);
    // A copy: the ruling has views of it.
    const auto former = left_.back();
    std::vector<subscription_list::entry> wanted;
    for (std::size_t i = 0; i < ruling.entries.size(); ++i)
      if (!mqtt::is_error(ruling.codes[i]))
        wanted.push_back({std::string{ruling.entries[i].topic_filter},
                          ruling.entries[i].options, former.subscription_id});
    left_.pop_back();
    const bool is_same = wanted.size() == 1
                         && wanted[0].topic_filter == former.topic_filter
                         && wanted[0].options == former.options;
    if (is_same)
      return;
    changed_.removed.push_back(former.topic_filter);
    for (const auto& one : wanted)
      changed_.added.push_back(one.topic_filter);
    owner.replace(former.topic_filter, std::move(wanted));
  }

  site& local_;
  queue_id id_;
  std::optional<std::string> user_name_;
  on_done done_;
  std::vector<subscription_list::entry> left_;
  plugins::reauthorized changed_;
};

} // namespace

void reauthorize(
  site& local, queue& owner, const std::optional<std::string>& user_name,
  std::function<void(std::optional<plugins::reauthorized>)> done) {
  std::make_shared<reauthorization>(local, owner, user_name, std::move(done))
    ->run();
}

} // namespace hetzel::messaging
