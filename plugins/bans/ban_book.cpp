#include "plugins/bans/ban_book.hpp"

#include "actors/runtime/log.hpp"
#include "plugins/files/text_file.hpp"

#include <chrono>
#include <utility>

namespace hetzel::plugins {

namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

} // namespace

ban_book::ban_book(options chosen)
  : options_(std::move(chosen)), flapping_(options_.flapping) {}

mqtt::expected<void, std::string> ban_book::open() {
  if (!stamp_of(options_.file))
    return {};
  const auto text = read_text_file(options_.file);
  if (!text)
    return mqtt::unexpected(text.error());
  auto parsed = ban_list::parse(*text);
  if (!parsed)
    return mqtt::unexpected(options_.file.string() + ":"
                            + std::to_string(parsed.error().line) + ": "
                            + parsed.error().what);
  const std::lock_guard lock{change_mutex_};
  list_ = std::move(*parsed);
  list_.sweep(system_clock::now());
  publish();
  return {};
}

// -- asking -------------------------------------------------------------------

bool ban_book::is_banned(mqtt::bytes_view peer) const {
  if (is_empty_.load(std::memory_order_relaxed))
    return false;
  const auto address = ip_address::parse_peer(peer);
  if (!address
      || index()->find(*address, system_clock::now()) == nullptr)
    return false;
  options_.counters->add(guard_fact::ban_refused);
  return true;
}

bool ban_book::is_banned(mqtt::bytes_view client_id,
                         std::optional<mqtt::bytes_view> user_name) const {
  if (is_empty_.load(std::memory_order_relaxed)
      || index()->find(client_id, user_name, system_clock::now()) == nullptr)
    return false;
  options_.counters->add(guard_fact::ban_refused);
  return true;
}

// -- changing -----------------------------------------------------------------

mqtt::expected<void, std::string> ban_book::add(ban made) {
  const std::lock_guard lock{change_mutex_};
  list_.sweep(system_clock::now());
  if (auto added = list_.add(std::move(made)); !added)
    return added;
  publish();
  return save();
}

mqtt::expected<bool, std::string>
ban_book::remove(ban::target what, const std::string& whom) {
  const std::lock_guard lock{change_mutex_};
  list_.sweep(system_clock::now());
  if (!list_.remove(what, whom))
    return false;
  publish();
  if (auto saved = save(); !saved)
    return mqtt::unexpected(std::move(saved.error()));
  return true;
}

std::vector<ban> ban_book::all() const {
  const std::lock_guard lock{change_mutex_};
  auto copy = list_;
  copy.sweep(system_clock::now());
  return copy.all();
}

bool ban_book::on_disconnect(const std::string& client_id) {
  if (options_.flapping.disconnects_max == 0)
    return false;
  const std::lock_guard lock{change_mutex_};
  if (!flapping_.on_disconnect(client_id, steady_clock::now()))
    return false;
  list_.sweep(system_clock::now());
  auto added = list_.add({ban::target::client_id, client_id,
                          system_clock::now() + options_.flapping.ban_time,
                          "flapping"});
  if (!added)
    return false;
  publish();
  options_.counters->add(guard_fact::ban_flapping);
  log::warning("ban.flapping", {{"client_id", client_id}});
  return true;
}

ban_book::index_ptr ban_book::index() const {
  const std::lock_guard lock{index_mutex_};
  return index_;
}

void ban_book::publish() {
  auto fresh = std::make_shared<const ban_index>(list_.all());
  is_empty_.store(fresh->empty(), std::memory_order_relaxed);
  const std::lock_guard lock{index_mutex_};
  index_.swap(fresh);
}

mqtt::expected<void, std::string> ban_book::save() const {
  return replace_text_file(options_.file, list_.text());
}

} // namespace hetzel::plugins
