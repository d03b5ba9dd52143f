#include "actors/messaging/storage/share_names.hpp"

#include "actors/messaging/index/subscription_table.hpp"
#include "protocol/topic.hpp"

#include <utility>

namespace hetzel::messaging {

/// A number is not given out again as long as this process can count.
std::string_view share_names::name_of(mqtt::share_id id) {
  if (id == 0)
    return {};
  if (const auto known = names_.find(id); known != names_.end())
    return known->second;
  const auto group = table_.share_group(id);
  if (!group)
    return {};
  if (names_.size() >= kept_max)
    names_.clear();
  auto name = "$share/" + group->share_group + '/' + group->topic_filter;
  return names_.emplace(id, std::move(name)).first->second;
}

mqtt::share_id share_names::number_of(mqtt::bytes_view mountpoint,
                                      std::string_view name) const {
  const auto filter = mqtt::parse_topic_filter(name, {0, 65'535});
  if (!filter || filter->share_group.empty())
    return 0;
  const auto group = table_.share_group(mountpoint, *filter);
  return group ? group->id : 0;
}

} // namespace hetzel::messaging
