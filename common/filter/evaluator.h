// Decides whether a message meets a condition.
#pragma once

#include "absl/strings/string_view.h"
#include "common/filter/checker.h"
#include "google/protobuf/message.h"

namespace orewatch::filter {

// True or false, never unknown: a comparison with an unknown value is false, and NOT turns that into true. The message
// is of the type that the condition was checked for. Takes time in proportion to the number of tests times the size of
// the message.
bool Holds(const Condition& condition, const google::protobuf::Message& message);

}  // namespace orewatch::filter
