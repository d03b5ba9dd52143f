#pragma once

#include "plugins/api/evaluator.hpp"
#include "plugins/bans/ban_book.hpp"
#include "plugins/files/file_plugin.hpp"

#include <memory>

namespace hetzel::plugins {

inline constexpr hook_set ban_hooks{hook::on_client_offline,
                                    hook::on_client_gone};

/// Tells the book of connections that end; it outlives the provider.
[[nodiscard]] evaluator_ptr make_ban_evaluator(ban_book& book);

/// The same as a plugin that has no file.
[[nodiscard]] std::unique_ptr<file_backed> make_ban_watch(ban_book& book);

} // namespace hetzel::plugins
