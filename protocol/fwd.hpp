#pragma once

namespace hetzel::mqtt {

class message;
class message_ptr;
class property_view;
struct publish;

enum class protocol_version : unsigned char;
enum class qos : unsigned char;
enum class reason_code : unsigned char;

} // namespace hetzel::mqtt
