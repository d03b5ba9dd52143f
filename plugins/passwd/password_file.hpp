#pragma once

#include "plugins/files/text_lines.hpp"
#include "plugins/passwd/password_hash.hpp"
#include "protocol/expected.hpp"

#include <optional>
#include <string>

/// The text of a password file and how it is edited, without touching a file.
/// Lines that are not meant stay as they are. A user may have one hash and one
/// entry for each mechanism of SCRAM (plugins/scram).

namespace hetzel::plugins {

/// Null when `user` may stand in front of a ':', else what is wrong with it.
[[nodiscard]] const char* fault_of_user(mqtt::bytes_view user) noexcept;

/// `text` with `entry` (what stands behind the ':') as that of `user`: in the
/// place of its first one of the same kind, or at the end.
[[nodiscard]] std::string with_user(mqtt::bytes_view text,
                                    mqtt::bytes_view user,
                                    mqtt::bytes_view entry);

/// Nullopt when there is no such user.
[[nodiscard]] std::optional<std::string> without_user(mqtt::bytes_view text,
                                                      mqtt::bytes_view user);

/// Every `<user>:<password>` with its password hashed. What is hashed already
/// stays, and so does an entry for SCRAM.
[[nodiscard]] mqtt::expected<std::string, text_fault>
with_hashed_passwords(mqtt::bytes_view text, password_scheme scheme);

} // namespace hetzel::plugins
