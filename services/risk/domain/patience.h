// Whether somebody still waits for what is computed.
#pragma once

#include <functional>

namespace orewatch::risk {

// Asked now and again from the thread that computes; what comes after a no is of no use. Null: always.
using Patience = std::function<bool()>;

inline bool Lasts(const Patience& patience) { return patience == nullptr || patience(); }

}  // namespace orewatch::risk
