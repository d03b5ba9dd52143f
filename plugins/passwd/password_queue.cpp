#include "plugins/passwd/password_queue.hpp"

namespace hetzel::plugins {

bool password_queue::submit(job which, mqtt::time_point deadline) {
  if (waiting_.size() >= bounds_.waiting_max)
    return false;
  waiting_.push_back({which, deadline});
  return true;
}

std::optional<password_queue::job>
password_queue::take(mqtt::time_point now, std::vector<job>& late) {
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    late.push_back(waiting_.front().which);
    waiting_.pop_front();
  }
  if (waiting_.empty() || busy_ >= bounds_.workers)
    return std::nullopt;
  const auto next = waiting_.front().which;
  waiting_.pop_front();
  ++busy_;
  return next;
}

} // namespace hetzel::plugins
