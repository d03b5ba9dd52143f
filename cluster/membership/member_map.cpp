#include "cluster/membership/member_map.hpp"

#include <algorithm>

namespace hetzel::cluster {

const member* member_map::find(store_id store) const noexcept {
  auto found = members_.find(store);
  return found == members_.end() ? nullptr : &found->second;
}

bool member_map::is_member(store_id store) const noexcept {
  auto* found = find(store);
  return found != nullptr && !found->is_removed();
}

bool member_map::is_removed(store_id store) const noexcept {
  auto* found = find(store);
  return found != nullptr && found->is_removed();
}

const member* member_map::named(std::string_view name) const noexcept {
  for (auto& [store, one] : members_)
    if (!one.is_removed() && one.facts.name == name)
      return &one;
  return nullptr;
}

bool member_map::merge(const member& one) {
  auto [at, is_new] = members_.try_emplace(one.store, one);
  return is_new || join(at->second, one);
}

bool member_map::merge(const member_map& other) {
  bool changed = false;
  for (auto& [store, one] : other)
    changed = merge(one) || changed;
  return changed;
}

std::vector<store_id> member_map::active() const {
  std::vector<store_id> stores;
  for (auto& [store, one] : members_)
    if (!one.is_removed())
      stores.push_back(store);
  return stores;
}

std::vector<store_id> member_map::voting() const {
  auto stores = active();
  std::erase_if(stores, [this](store_id store) {
    return find(store)->state == member_state::joining;
  });
  return stores;
}

std::set<std::string> member_map::disputed_names() const {
  std::set<std::string> seen;
  std::set<std::string> disputed;
  for (auto& [store, one] : members_)
    if (!one.is_removed() && !seen.insert(one.facts.name).second)
      disputed.insert(one.facts.name);
  return disputed;
}

std::vector<shard_member> member_map::shard_view() const {
  std::vector<shard_member> view;
  for (auto& [store, one] : members_)
    view.push_back({store, one.facts.opened, one.state});
  return view;
}

std::vector<actor_id> member_map::retired_actors() const {
  std::vector<actor_id> actors;
  for (auto& [store, one] : members_) {
    auto& retired = one.facts.retired;
    actors.insert(actors.end(), retired.begin(), retired.end());
    if (one.is_removed())
      actors.push_back(one.facts.actor);
  }
  std::sort(actors.begin(), actors.end());
  actors.erase(std::unique(actors.begin(), actors.end()), actors.end());
  return actors;
}

store_id
member_map::coordinator(const std::set<store_id>& reachable) const noexcept {
  for (auto& [store, one] : members_)
    if (one.state == member_state::up && reachable.contains(store))
      return store;
  return store_id{};
}

std::string to_bitmap(const member_map& members,
                      const std::set<store_id>& chosen) {
  std::string bitmap((members.size() + 7) / 8, '\0');
  std::size_t bit = 0;
  for (auto& [store, one] : members) {
    if (chosen.contains(store))
      bitmap[bit / 8]
        = static_cast<char>(static_cast<unsigned char>(bitmap[bit / 8])
                            | 1U << bit % 8);
    ++bit;
  }
  return bitmap;
}

std::set<store_id> from_bitmap(const member_map& members,
                               std::string_view bitmap) {
  std::set<store_id> chosen;
  std::size_t bit = 0;
  for (auto& [store, one] : members) {
    if (bit / 8 >= bitmap.size())
      break;
    if ((static_cast<unsigned char>(bitmap[bit / 8]) >> bit % 8 & 1U) != 0)
      chosen.insert(chosen.end(), store);
    ++bit;
  }
  return chosen;
}

} // namespace hetzel::cluster
