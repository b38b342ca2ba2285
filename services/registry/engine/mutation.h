// One write that a caller asks for, and what can be said about it before storage is asked.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {

struct Mutation {
  enum class Operation { kCreate, kUpdate, kDelete, kUndelete };
  Operation operation = Operation::kCreate;
  Kind kind = Kind::kMineral;
  // Resource name, or key of a statistic.
  std::string key;
  // To create or update. Without metadata.
  v1::Entry entry;
  // To update: empty or `*` for all.
  google::protobuf::FieldMask mask;
  // If set it must match.
  std::string etag;
  // To update: create what is missing. To delete: pass over what is missing.
  bool allow_missing = false;
  // Path of the entry within the request, to name bad fields by: `mineral.`.
  std::string path;
  // Path of the mutation itself, for its mask: `` or `mutations[3].`.
  std::string outer_path;
};

// A change set holds at most this many.
inline constexpr size_t kMaxMutations = 250'000;

// The key under which an entry is stored.
std::string KeyOf(Kind kind, const v1::Entry& entry);
// The mutation that creates or updates an entry, with its etag taken from the metadata.
Mutation PutOf(Mutation::Operation operation, v1::Entry entry);

// OK, or INVALID_ARGUMENT naming the first bad fields: names, masks, values, an entry that is written twice. Updates
// under a mask are validated once they are merged.
absl::Status CheckMutations(const std::vector<Mutation>& mutations);

// Whether a mask names everything.
bool IsWhole(const google::protobuf::FieldMask& mask);
// `live` with the masked fields of `wanted`; all of `wanted` if the mask is empty or `*`. A visibility that is not
// given stays, so that nothing is published by being left out.
void Merge(Kind kind, const v1::Entry& wanted, const google::protobuf::FieldMask& mask, v1::Entry& live);

}  // namespace orewatch::registry
