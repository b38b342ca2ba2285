// The values that a message holds, those within its messages included.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "google/protobuf/message.h"

namespace orewatch::registry {

// One value of a field, or one element of a list. Lives while it is visited.
struct FieldValue {
  const google::protobuf::Message& message;
  const google::protobuf::FieldDescriptor& field;
  // -1: the field is no list.
  int index;
  // What holds the message; null at the top.
  const FieldValue* holder;

  bool IsText() const { return field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING; }
  bool IsMessage() const { return field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE; }
  // Of a text.
  std::string Text() const;
  // Of a field of doubles.
  double Number() const;
  // Of a message.
  const google::protobuf::Message& Nested() const;
  // How many elements the list has.
  int ListSize() const;
  // `outputs[2].grade`, and that of a list: `outputs`.
  std::string Path() const;
  std::string FieldPath() const;
};

enum class Onward {
  // Into the message, if it is one.
  kInto,
  kPast,
  // Past the rest of the list too.
  kPastField,
};

// Visits every value that is set, in the order of the fields' numbers, a message before what it holds. The entries of a
// map are messages in a list.
void VisitValues(const google::protobuf::Message& message, absl::FunctionRef<Onward(const FieldValue&)> visit);

}  // namespace orewatch::registry
