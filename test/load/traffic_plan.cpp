#include "test/load/traffic_plan.hpp"

namespace hetzel::test::load {

namespace {

std::string numbered(const std::string& base, std::uint32_t number) {
  return base + "/" + std::to_string(number);
}

void add_publishers(traffic_plan& plan, const std::string& base,
                    std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i)
    plan.publishers.push_back({numbered(base, i)});
}

void plan_pairs(traffic_plan& plan, const std::string& base,
                std::uint32_t count) {
  add_publishers(plan, base, count);
  for (std::uint32_t i = 0; i < count; ++i)
    plan.subscribers.push_back({plan.publishers[i].topic_name, i, 1});
}

void plan_fanout(traffic_plan& plan, const std::string& base,
                 std::uint32_t count) {
  plan.publishers.push_back({base});
  plan.subscribers.assign(count, {base, 0, 1});
  plan.deliveries_per_message = count;
}

void plan_fanin(traffic_plan& plan, const std::string& base,
                std::uint32_t count) {
  add_publishers(plan, base, count);
  plan.subscribers.push_back({base + "/+", 0, count});
}

void plan_shared(traffic_plan& plan, const std::string& base,
                 const options& chosen) {
  add_publishers(plan, base, chosen.clients);
  plan.subscribers.assign(chosen.members,
                          {"$share/bench/" + base + "/+", 0, chosen.clients});
  plan.is_shared = true;
}

} // namespace

traffic_plan plan_traffic(const options& chosen) {
  traffic_plan plan;
  const auto base = chosen.topic_prefix + "/" + to_string(chosen.kind);
  switch (chosen.kind) {
  case scenario::pairs:
  case scenario::rate:
  case scenario::offline:
    plan_pairs(plan, base, chosen.clients);
    break;
  case scenario::fanout:
    plan_fanout(plan, base, chosen.clients);
    break;
  case scenario::fanin:
    plan_fanin(plan, base, chosen.clients);
    break;
  case scenario::shared:
    plan_shared(plan, base, chosen);
    break;
  case scenario::connect:
  case scenario::retained:
    break; // no publishers of their own kind
  }
  return plan;
}

} // namespace hetzel::test::load
