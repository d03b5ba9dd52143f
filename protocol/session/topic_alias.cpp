#include "protocol/session/topic_alias.hpp"

namespace hetzel::mqtt {

// -- inbound ----------------------------------------------------------------

void inbound_aliases::bind(std::uint16_t alias, bytes_view topic_name) {
  if (topic_names_.size() < alias)
    topic_names_.resize(alias);
  topic_names_[alias - std::size_t{1}].assign(topic_name);
}

bytes_view inbound_aliases::resolve(std::uint16_t alias) const noexcept {
  if (alias == 0 || alias > topic_names_.size())
    return {};
  return topic_names_[alias - std::size_t{1}];
}

// -- outbound ---------------------------------------------------------------

outbound_aliases::choice outbound_aliases::choose(bytes_view topic_name) const {
  if (auto found = aliases_.find(topic_name); found != aliases_.end())
    return {found->second, true};
  if (aliases_.size() >= maximum_)
    return {};
  return {static_cast<std::uint16_t>(aliases_.size() + 1), false};
}

void outbound_aliases::remember(bytes_view topic_name, choice sent) {
  if (sent.alias != 0 && !sent.is_known)
    aliases_.emplace(topic_name, sent.alias);
}

} // namespace hetzel::mqtt
