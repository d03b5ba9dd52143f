#include "plugins/bans/ban_plugin.hpp"

#include <string>
#include <vector>

namespace hetzel::plugins {

namespace {

class ban_evaluator final : public evaluator {
public:
  explicit ban_evaluator(ban_book& book) noexcept : book_(book) {}

  hook_set hooks() const noexcept override { return ban_hooks; }

  void on_client_offline(const session_event& event) const override {
    on_disconnect(event);
  }
  void on_client_gone(const session_event& event) const override {
    on_disconnect(event);
  }

private:
  void on_disconnect(const session_event& event) const {
    book_.on_disconnect(std::string{event.id.client_id});
  }

  ban_book& book_;
};

class ban_watch final : public file_backed {
public:
  explicit ban_watch(ban_book& book) noexcept : book_(book) {}

  std::vector<std::filesystem::path> files() const override { return {}; }

  mqtt::expected<void, std::string> load(plugin_port& port) override {
    port.publish(make_ban_evaluator(book_));
    return {};
  }

  runtime::state_entries snapshot() const override {
    return {{"bans", std::to_string(book_.all().size())}};
  }

private:
  ban_book& book_;
};

} // namespace

evaluator_ptr make_ban_evaluator(ban_book& book) {
  return std::make_shared<const ban_evaluator>(book);
}

std::unique_ptr<file_backed> make_ban_watch(ban_book& book) {
  return std::make_unique<ban_watch>(book);
}

} // namespace hetzel::plugins
