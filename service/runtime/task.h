#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace harvest::runtime {

/// A coroutine that runs on one lane. It names the lane's own executor: Asio's default, which may be any, costs an
/// allocation and an indirect call at each resumption.
template <typename T>
using Task = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

/// The completion token that makes an asynchronous operation awaitable in a Task.
using UseTask = boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>;
inline constexpr UseTask kUseTask;

}  // namespace harvest::runtime
