// How much of an entry an answer holds.
#pragma once

#include "google/protobuf/message.h"
#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::registry {

// Leaves of a resource what the view asks for: BASIC is without lists of messages and without provenance.
void Trim(v1::ResourceView view, google::protobuf::Message& resource);
void TrimEntry(v1::ResourceView view, v1::Entry& entry);

}  // namespace orewatch::registry
