// How a process of ours proves to its neighbours who it is.
#pragma once

#include <functional>
#include <string>

namespace orewatch::rpc {

inline constexpr char kAuthorizationHeader[] = "authorization";

// Gives the `authorization` of a call that begins now; empty: none. Null: never any. Thread-safe, and does not block.
using Authorization = std::function<std::string()>;

}  // namespace orewatch::rpc
