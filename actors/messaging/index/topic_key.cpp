#include "actors/messaging/index/topic_key.hpp"

#include "actors/messaging/index/levels.hpp"

namespace hetzel::messaging {

void topic_key::assign(std::uint64_t hash_seed, mqtt::bytes_view mountpoint,
                       mqtt::bytes_view topic_name) {
  name_ = topic_name;
  name_hash_ = hash_bytes(hash_seed, topic_name);
  mountpoint_ = {mountpoint, hash_bytes(hash_seed, mountpoint)};
  plus_hash_ = hash_bytes(hash_seed, "+");
  levels_.clear();
  for (level_reader reader{topic_name}; reader.has_next();) {
    const auto text = reader.next();
    levels_.push_back({text, hash_bytes(hash_seed, text)});
  }
}

} // namespace hetzel::messaging
