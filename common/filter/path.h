// Paths of names, bound to the fields of a message type.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "common/filter/literal.h"
#include "common/filter/source.h"
#include "common/filter/syntax.h"
#include "common/filter/value.h"
#include "google/protobuf/descriptor.h"

namespace orewatch::filter {

struct MapKey {
  // Of the entry's message.
  TypedField field;
  Operand value;
};

// From a message to the messages in one of its fields: the one, each element, or the entry of a map with this key.
struct Step {
  const google::protobuf::FieldDescriptor* field = nullptr;
  absl::optional<MapKey> key;
};

struct FieldPath {
  // To the message that holds the field. A map's entry is a message whose field is `value`.
  std::vector<Step> steps;
  TypedField leaf;
  // As a filter spells it.
  std::string text;
};

// INVALID_ARGUMENT with the column if a name is no field of the message where it stands, follows a field without
// fields of its own, or is no key of its map's type.
absl::StatusOr<FieldPath> BindPath(const Source& source, const google::protobuf::Descriptor& type,
                                   const std::vector<Segment>& path);

// The field is the value of an entry of a map: it is there if the entry is.
bool IsMapValue(const google::protobuf::FieldDescriptor& field);

}  // namespace orewatch::filter
