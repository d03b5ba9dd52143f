#pragma once

#include "cluster/swc/frame.hpp"
#include "cluster/swc/node_clock.hpp"
#include "persistence/reader.hpp"
#include "test/simulation/oracle.hpp"

#include <map>
#include <string>
#include <string_view>

namespace hetzel::test {

// What is told of a run, in as few words as can be.
[[nodiscard]] std::string text(const cluster::container& record);
[[nodiscard]] std::string text(const cluster::frame& delta);
[[nodiscard]] std::string text(const cluster::node_clock& clock);
[[nodiscard]] std::string text(const cluster::version_vector& vector);

/// Where the oracle's histories are in a store: beyond all tables.
[[nodiscard]] std::string history_key(std::string_view key);
[[nodiscard]] std::map<std::string, event_set>
histories_in(const persistence::reader& from);

} // namespace hetzel::test
