#include "cluster/membership/address_book.hpp"

namespace hetzel::cluster {

void address_book::note(std::string_view name, const endpoint& place) {
  auto at = noted_.find(name);
  if (at == noted_.end()) {
    // Names come from peers: no more of them than there may be members.
    if (noted_.size() >= members_max)
      return;
    at = noted_.try_emplace(std::string{name}).first;
  }
  auto& places = at->second;
  std::erase(places, place);
  places.insert(places.begin(), place);
  if (places.size() > places_max)
    places.pop_back();
}

void address_book::set_members(const member_map& members) {
  std::erase_if(noted_, [&members](auto& entry) {
    return members.named(entry.first) == nullptr;
  });
}

std::vector<endpoint> address_book::places_of(const member_map& members,
                                              store_id store) const {
  std::vector<endpoint> places;
  auto* one = members.find(store);
  if (one == nullptr || one->is_removed())
    return places;
  auto& own = one->facts.addresses.control;
  if (!own.host.empty())
    places.push_back(own);
  if (auto noted = noted_.find(one->facts.name); noted != noted_.end())
    for (auto& place : noted->second)
      if (place != own)
        places.push_back(place);
  return places;
}

} // namespace hetzel::cluster
