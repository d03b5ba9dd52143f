#pragma once

#include "test/load/options.hpp"
#include "test/load/report.hpp"

/// The scenarios; each runs to its end and says what it found. A server that
/// cannot be reached is a violation in the report; a host that cannot be
/// resolved is a std::runtime_error.

namespace hetzel::test::load {

/// pairs, fanout, fanin, shared, rate.
[[nodiscard]] report run_traffic(const options& chosen);

[[nodiscard]] report run_connect(const options& chosen);

[[nodiscard]] report run_retained(const options& chosen);

[[nodiscard]] report run_offline(const options& chosen);

[[nodiscard]] inline report run(const options& chosen) {
  switch (chosen.kind) {
  case scenario::pairs:
  case scenario::fanout:
  case scenario::fanin:
  case scenario::shared:
  case scenario::rate:
    return run_traffic(chosen);
  case scenario::connect:
    return run_connect(chosen);
  case scenario::retained:
    return run_retained(chosen);
  case scenario::offline:
    return run_offline(chosen);
  }
  return {};
}

} // namespace hetzel::test::load
