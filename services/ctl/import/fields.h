// Text to a field of a message and back, by the type of the field.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {

// Sets the column's field of `resource` to the text of a cell that is not blank; kEmptyText makes only the messages
// that hold the field. INVALID_ARGUMENT says what is wrong: not a number, date, flag or value of the enumeration, no
// such country, or a second value where only one may be given.
absl::Status SetField(const Column& column, absl::string_view text, google::protobuf::Message& resource);

// The text of the column's field, taking element `element` of a group; blank: unset, or the group has fewer elements.
std::string FieldText(const Column& column, const google::protobuf::Message& resource, int element);

// Whether the message that holds the column's field is there.
bool HasParent(const Column& column, const google::protobuf::Message& resource, int element);

// Elements of the group on the column's path; -1: the path has no group.
int GroupSize(const Column& column, const google::protobuf::Message& resource);

}  // namespace orewatch::ctl
