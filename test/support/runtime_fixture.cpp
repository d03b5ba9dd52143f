#include "test/support/runtime_fixture.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/register_types.hpp"

namespace hetzel::test {

namespace {

// Before main, whichever main that is: CAF wants it before the first system.
const bool types_are_registered = [] {
  runtime::register_types();
  // Tests provoke failures; their lines would only hide the one that matters.
  runtime::log::set_threshold(runtime::log::level::off);
  return true;
}();

} // namespace

runtime_fixture::runtime_fixture(std::size_t reactors)
  : system(config), pool(system, reactors) {
  pool.start();
}

runtime_fixture::~runtime_fixture() { pool.stop(); }

} // namespace hetzel::test
