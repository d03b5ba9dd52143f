#include "actors/runtime/supervision_errc.hpp"

#include <array>
#include <cstddef>

namespace hetzel::runtime {

namespace {

constexpr std::array<const char*, 8> names{
  "none",
  "unknown_child",
  "name_taken",
  "child_not_running",
  "child_not_stopped",
  "start_failed",
  "restarts_exceeded",
  "ending",
};

} // namespace

std::string to_string(supervision_errc code) {
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names[index] : "unknown";
}

bool from_string(caf::string_view text, supervision_errc& code) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (text == names[i]) {
      code = static_cast<supervision_errc>(i);
      return true;
    }
  }
  return false;
}

bool from_integer(std::underlying_type_t<supervision_errc> number,
                  supervision_errc& code) {
  if (number >= names.size())
    return false;
  code = static_cast<supervision_errc>(number);
  return true;
}

} // namespace hetzel::runtime
