// The question of a health check, asked by the binary itself: an image has no other program that could.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace orewatch::app {

// Whether the process that serves `admin_address` on this machine is ready: OK, or UNAVAILABLE with what it says. An
// address that stands for every interface is asked on the loopback.
absl::Status AskReadiness(const std::string& admin_address);

}  // namespace orewatch::app
