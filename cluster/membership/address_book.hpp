#pragma once

#include "cluster/membership/member_map.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

/// Where to find members, of which some come back with another address: a
/// member says its own when it can be talked to, which takes an address. So
/// the name that a seed greets with counts too, on this node only.
class address_book {
public:
  /// Most addresses that are kept for a name; the latest stay.
  static constexpr std::size_t places_max = 4;

  /// Somebody of this name greeted from there.
  void note(std::string_view name, const endpoint& place);
  /// Keeps what is of use for members.
  void set_members(const member_map& members);

  /// Where to try, the best first: what the member says itself, then what was
  /// noted, the latest first. Empty for a store that is no member.
  [[nodiscard]] std::vector<endpoint> places_of(const member_map& members,
                                                store_id store) const;

private:
  std::map<std::string, std::vector<endpoint>, std::less<>> noted_;
};

} // namespace hetzel::cluster
