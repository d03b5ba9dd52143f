#pragma once

#include "actors/runtime/type_ids.hpp"

#include <caf/default_enum_inspect.hpp>
#include <caf/fwd.hpp>
#include <caf/is_error_code_enum.hpp>
#include <caf/string_view.hpp>

#include <cstdint>
#include <string>
#include <type_traits>

namespace hetzel::runtime {

enum class supervision_errc : std::uint8_t {
  none = 0,
  unknown_child, ///< no child has that name
  name_taken, ///< a child has that name already
  child_not_running, ///< it has no actor at the moment
  child_not_stopped, ///< it has to be terminated first
  start_failed, ///< the context says why
  restarts_exceeded, ///< the context says which child failed last and why
  ending, ///< the supervisor is about to end
};

std::string to_string(supervision_errc code);
bool from_string(caf::string_view text, supervision_errc& code);
bool from_integer(std::underlying_type_t<supervision_errc> number,
                  supervision_errc& code);

template <class Inspector>
bool inspect(Inspector& f, supervision_errc& x) {
  return caf::default_enum_inspect(f, x);
}

} // namespace hetzel::runtime

CAF_ERROR_CODE_ENUM(hetzel::runtime::supervision_errc)
