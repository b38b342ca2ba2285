// What the descriptor of a method says about it.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "orewatch/access/v1/access.pb.h"

namespace orewatch::rpc {

// Whether a method may change something: unless it is declared to have no side effects (idempotency_level) or is a GET
// of REST. What only operators may do counts as a change, whatever it does.
bool MayChangeSomething(const google::protobuf::MethodDescriptor& method);

// What becomes of what a method creates: the last segment of its REST path (`minerals`); empty: none is declared.
std::string CollectionOf(const google::protobuf::MethodDescriptor& method);

// `package.Service/Method`.
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// What a request may take that is decoded wherever it arrives; larger ones wait for a thread of ours.
inline constexpr int kSmallRequestBytes = 64 * 1024;

// What an option leaves out filled in: READ, a cost of 1, and small requests.
access::v1::Access AccessOf(const google::protobuf::MethodDescriptor& method);

}  // namespace orewatch::rpc
