#include "cluster/membership/probe_relay.hpp"

#include <iterator>
#include <utility>

namespace hetzel::cluster {

bool probe_relay::add(store_id target, request open) {
  if (size_ == size_max)
    return false;
  open_[target].push_back(open);
  ++size_;
  return true;
}

std::vector<probe_relay::request> probe_relay::take(store_id target) {
  auto found = open_.find(target);
  if (found == open_.end())
    return {};
  auto requests = std::move(found->second);
  size_ -= requests.size();
  open_.erase(found);
  return requests;
}

void probe_relay::expire(duration now) {
  for (auto at = open_.begin(); at != open_.end();) {
    size_ -= std::erase_if(at->second, [this, now](const request& open) {
      return now - open.at > patience_;
    });
    at = at->second.empty() ? open_.erase(at) : std::next(at);
  }
}

} // namespace hetzel::cluster
