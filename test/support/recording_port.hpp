#pragma once

#include "plugins/api/plugin.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace hetzel::test {

/// A host that only notes what a plugin publishes. From any thread.
class recording_port final : public plugins::plugin_port {
public:
  void publish(plugins::evaluator_ptr in_place) override {
    const std::lock_guard lock{mutex_};
    evaluator_ = std::move(in_place);
    offer_.reset();
    ++count_;
  }
  void publish(plugins::actor_offer offer) override {
    const std::lock_guard lock{mutex_};
    offer_ = std::move(offer);
    evaluator_.reset();
    ++count_;
  }
  plugins::broker& broker() noexcept override { std::terminate(); }
  caf::actor_system& system() noexcept override { return system_; }

  [[nodiscard]] plugins::evaluator_ptr evaluator() const {
    const std::lock_guard lock{mutex_};
    return evaluator_;
  }
  [[nodiscard]] std::optional<plugins::actor_offer> offer() const {
    const std::lock_guard lock{mutex_};
    return offer_;
  }
  [[nodiscard]] int count() const {
    const std::lock_guard lock{mutex_};
    return count_;
  }

private:
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  mutable std::mutex mutex_;
  plugins::evaluator_ptr evaluator_;
  std::optional<plugins::actor_offer> offer_;
  int count_ = 0;
};

} // namespace hetzel::test
