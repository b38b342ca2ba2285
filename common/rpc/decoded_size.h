// What a message takes once it is decoded, found out without decoding it.
#pragma once

#include <cstddef>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace orewatch::rpc {

// About what a message of the type takes in memory, to within a factor of two: a few bytes may become dozens. Of bytes
// that are no such message, of as much as can be read. Reads each field once, and allocates nothing for it.
size_t DecodedSize(google::protobuf::io::ZeroCopyInputStream& encoded, const google::protobuf::Descriptor& type);

}  // namespace orewatch::rpc
