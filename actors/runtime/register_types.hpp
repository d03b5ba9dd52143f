#pragma once

namespace hetzel::runtime {

/// Makes CAF know the types of `type_ids.hpp`. Once per program, before the
/// first actor system; CAF's own (`caf::core::init_global_meta_objects`) too,
/// so that a program that lists its folders' calls needs no other.
void register_types();

} // namespace hetzel::runtime
