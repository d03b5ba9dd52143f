#include "cluster/broadcast/eager_choice.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <tuple>

namespace hetzel::cluster {

namespace {

/// The places of all others in the ring, in the order of preference.
std::vector<std::size_t> by_preference(
  const std::vector<eager_candidate>& ring, std::size_t self) {
  auto n = ring.size();
  auto first_child = (eager_arity(n) * self + 1) % n;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < n; ++i)
    if (i != self)
      places.push_back(i);
  auto rank = [&](std::size_t place) {
    return std::pair{round_trip_class(ring[place].round_trip),
                     (place + n - first_child) % n};
  };
  std::sort(places.begin(), places.end(),
            [&](auto a, auto b) { return rank(a) < rank(b); });
  return places;
}

bool is_elsewhere(const eager_candidate& one, const eager_candidate& other) {
  return !one.zone.empty() && !other.zone.empty() && one.zone != other.zone;
}

} // namespace

std::size_t eager_arity(std::size_t nodes) {
  if (nodes <= 4)
    return 1;
  if (nodes <= 9)
    return 2;
  return static_cast<std::size_t>(
    std::lround(std::log(static_cast<double>(nodes)) + 1));
}

unsigned round_trip_class(std::chrono::microseconds round_trip) noexcept {
  // All within a millisecond is one machine room.
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(round_trip);
  return static_cast<unsigned>(
    std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(
      ms.count(), 0))));
}

std::vector<store_id> choose_eager(const std::vector<eager_candidate>& ring,
                                   store_id self) {
  auto found = std::find_if(ring.begin(), ring.end(),
                            [&](auto& c) { return c.store == self; });
  HETZEL_ASSERT(found != ring.end());
  if (ring.size() == 1)
    return {};
  auto own = static_cast<std::size_t>(found - ring.begin());
  auto next = (own + 1) % ring.size();
  std::vector<std::size_t> chosen{next};
  auto preferred = by_preference(ring, own);
  for (auto place : preferred)
    if (chosen.size() < eager_arity(ring.size()) && place != next)
      chosen.push_back(place);
  auto is_far = [&](std::size_t place) {
    return is_elsewhere(ring[place], *found);
  };
  if (std::none_of(chosen.begin(), chosen.end(), is_far)) {
    auto far = std::find_if(preferred.begin(), preferred.end(), is_far);
    // The next in the ring keeps its place in any case.
    if (far != preferred.end() && chosen.size() > 1)
      chosen.back() = *far;
    else if (far != preferred.end())
      chosen.push_back(*far);
  }
  std::vector<store_id> stores;
  for (auto place : chosen)
    stores.push_back(ring[place].store);
  std::sort(stores.begin(), stores.end());
  return stores;
}

} // namespace hetzel::cluster
