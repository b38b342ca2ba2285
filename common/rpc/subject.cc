#include "common/rpc/subject.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/rpc/method_traits.h"
#include "common/text/utf8.h"

namespace orewatch::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxResources = 5;
// Bad requests hold names that nobody checked.
constexpr size_t kMaxBytes = 200;
// An entry of a change set holds a resource, which has the name.
constexpr int kDepthOfName = 3;

std::string Cut(const std::string& text) { return std::string(CutToBytes(text, kMaxBytes)); }

// Empty unless it is a single string.
std::string StringField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool single = field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
  return single ? Cut(message.GetReflection()->GetString(message, field)) : "";
}

// Null unless it is a single message that is set.
const Message* MessageField(const Message& message, const FieldDescriptor* field) {
  const bool single =
      field != nullptr && !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  return single && message.GetReflection()->HasField(message, field)
             ? &message.GetReflection()->GetMessage(message, field)
             : nullptr;
}

// The name of the message, or of the first of its parts that has one.
std::string NameWithin(const Message& message, int depth) {
  std::string name = StringField(message, "name");
  for (int i = 0; name.empty() && depth > 1 && i < message.GetDescriptor()->field_count(); ++i) {
    if (const Message* part = MessageField(message, message.GetDescriptor()->field(i)); part != nullptr) {
      name = NameWithin(*part, depth - 1);
    }
  }
  return name;
}

void AddName(std::string name, Subject& subject) {
  if (!name.empty() && subject.resources.size() < kMaxResources) {
    subject.resources.push_back(std::move(name));
  }
}

// What is to be created: its id, below its parent.
std::string CreatedName(const google::protobuf::MethodDescriptor& method, const Message& request) {
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const std::string& field = request.GetDescriptor()->field(i)->name();
    if (!absl::EndsWith(field, "_id") || field == "request_id") {
      continue;
    }
    const std::string id = StringField(request, field.c_str());
    const std::vector<std::string> segments = {StringField(request, "parent"), CollectionOf(method), id};
    return id.empty() ? "" : absl::StrJoin(absl::StrSplit(absl::StrJoin(segments, "/"), '/', absl::SkipEmpty()), "/");
  }
  return "";
}

// Elements of the first list of messages.
void AddElements(const Message& request, Subject& subject) {
  const auto& reflection = *request.GetReflection();
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = request.GetDescriptor()->field(i);
    if (!field->is_repeated() || field->is_map() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    const int size = reflection.FieldSize(request, field);
    subject.count = size;
    for (int element = 0; element < std::min(size, static_cast<int>(kMaxResources)); ++element) {
      AddName(NameWithin(reflection.GetRepeatedMessage(request, field, element), kDepthOfName), subject);
    }
    return;
  }
}

bool AddNames(const Message& request, Subject& subject) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("names");
  if (field == nullptr || !field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) {
    return false;
  }
  const auto& reflection = *request.GetReflection();
  subject.count = reflection.FieldSize(request, field);
  for (int i = 0; i < std::min<int>(static_cast<int>(subject.count), kMaxResources); ++i) {
    AddName(Cut(reflection.GetRepeatedString(request, field, i)), subject);
  }
  return subject.count > 0;
}

}  // namespace

Subject SubjectOf(const google::protobuf::MethodDescriptor& method, const Message& request) {
  Subject subject;
  subject.request_id = StringField(request, "request_id");
  std::string name = StringField(request, "name");
  if (name.empty()) {
    name = CreatedName(method, request);
  }
  if (name.empty() && AddNames(request, subject)) {
    return subject;
  }
  if (name.empty()) {
    name = NameWithin(request, kDepthOfName);
  }
  if (name.empty()) {
    AddElements(request, subject);
    return subject;
  }
  AddName(std::move(name), subject);
  subject.count = 1;
  return subject;
}

void AddSubject(const Subject& more, Subject& subject) {
  subject.count += more.count;
  for (const std::string& name : more.resources) {
    AddName(name, subject);
  }
  if (subject.request_id.empty()) {
    subject.request_id = more.request_id;
  }
}

std::string NameOf(const Message& answer) { return StringField(answer, "name"); }

absl::optional<int64_t> RevisionOf(const Message& answer) {
  const auto& descriptor = *answer.GetDescriptor();
  const Message* revision = MessageField(answer, descriptor.FindFieldByName("revision"));
  if (revision == nullptr) {
    const Message* metadata = MessageField(answer, descriptor.FindFieldByName("metadata"));
    return metadata != nullptr ? RevisionOf(*metadata) : absl::nullopt;
  }
  const FieldDescriptor* number = revision->GetDescriptor()->FindFieldByName("number");
  const bool known = number != nullptr && !number->is_repeated() && number->type() == FieldDescriptor::TYPE_INT64;
  return known ? absl::make_optional<int64_t>(revision->GetReflection()->GetInt64(*revision, number)) : absl::nullopt;
}

}  // namespace orewatch::rpc
