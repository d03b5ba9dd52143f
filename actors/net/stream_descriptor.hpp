#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace hetzel::net {

/// Asio's stream descriptor that names its executor's type: a pending wait is
/// some 50 bytes smaller than with one that could be any.
using stream_descriptor
  = boost::asio::posix::basic_stream_descriptor<
    boost::asio::io_context::executor_type>;

} // namespace hetzel::net
