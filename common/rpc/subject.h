// What a call is about, read off its messages.
#pragma once

#include <cstdint>
#include <string>

#include "absl/types/optional.h"
#include "common/rpc/call_ledger.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orewatch::rpc {

// By the names that fields have in the API: `name`, `names`, the resource itself or its id below `parent`, a list of
// changes or rows; and `request_id`. What is missing is left empty.
Subject SubjectOf(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request);

// Adds a further message of the same call.
void AddSubject(const Subject& more, Subject& subject);

// `name` of an answer that is a resource; empty: it has none.
std::string NameOf(const google::protobuf::Message& answer);

// `revision` of an answer, or of its metadata.
absl::optional<int64_t> RevisionOf(const google::protobuf::Message& answer);

}  // namespace orewatch::rpc
