#pragma once

#include "persistence/errc.hpp"

#include <stdexcept>
#include <string>

namespace hetzel::cluster {

/// The store could not be read, or holds what no replica wrote. The replica
/// that met it is of no use any more: drop it, nothing of its step was handed
/// out, and make a new one from the store once that can be read.
class store_failure : public std::runtime_error {
public:
  store_failure(persistence::errc code, const std::string& what)
    : std::runtime_error(what + ": "
                         + std::string(persistence::sentence(code))),
      code_(code) {}

  [[nodiscard]] persistence::errc code() const noexcept { return code_; }

private:
  persistence::errc code_;
};

} // namespace hetzel::cluster
