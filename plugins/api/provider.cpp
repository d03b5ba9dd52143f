#include "plugins/api/provider.hpp"

#include <utility>

namespace hetzel::plugins {

namespace {

/// Only the decisions: changes and notifications need no stand-in.
hook_set decisions_of(hook_set all) noexcept {
  return hook_set{all.only(hook_family::authentication)}.insert(
    all.only(hook_family::authorisation));
}

class refusal final : public evaluator {
public:
  explicit refusal(hook_set hooks) noexcept : hooks_(decisions_of(hooks)) {}

  hook_set hooks() const noexcept override { return hooks_; }

  register_verdict auth_on_register(const register_request&) const override {
    return register_verdict::error();
  }
  publish_verdict auth_on_publish(const publish_request&) const override {
    return publish_verdict::error();
  }
  subscribe_verdict
  auth_on_subscribe(const subscribe_request&) const override {
    return subscribe_verdict::error();
  }
  auth_verdict on_auth(const auth_request&, auth_state_ptr&) const override {
    return auth_verdict::error();
  }

private:
  hook_set hooks_;
};

} // namespace

provider_ptr make_provider(std::string name, std::optional<int> priority,
                           evaluator_ptr in_place) {
  auto made = std::make_shared<provider>();
  made->name = std::move(name);
  made->priority = priority;
  made->hooks = in_place->hooks();
  made->in_place = std::move(in_place);
  return made;
}

provider_ptr make_provider(std::string name, std::optional<int> priority,
                           actor_offer offer) {
  auto made = std::make_shared<provider>();
  made->name = std::move(name);
  made->priority = priority;
  made->hooks = offer.hooks;
  made->elsewhere = std::move(offer);
  return made;
}

provider_ptr make_refusal(std::string name, std::optional<int> priority,
                          hook_set hooks) {
  return make_provider(std::move(name), priority,
                       std::make_shared<const refusal>(hooks));
}

} // namespace hetzel::plugins
