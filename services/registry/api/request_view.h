// Fields of a request by name, so that one handler serves the requests of every kind of resource.
#pragma once

#include <cstdint>
#include <string>

#include "google/protobuf/message.h"

namespace orewatch::registry {

// A field that the message does not have reads as its default.
class RequestView {
 public:
  explicit RequestView(const google::protobuf::Message& request) : request_(request) {}
  std::string Text(const std::string& field) const;
  bool Flag(const std::string& field) const;
  int64_t Number(const std::string& field) const;
  // The number of the value.
  int Enum(const std::string& field) const;
  // Null if there is no such field.
  const google::protobuf::Message* Nested(const std::string& field) const;

 private:
  const google::protobuf::FieldDescriptor* Find(const std::string& field) const;
  const google::protobuf::Message& request_;
};

}  // namespace orewatch::registry
