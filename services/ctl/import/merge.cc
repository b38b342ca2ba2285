#include "services/ctl/import/merge.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;
using type::v1::Provenance;

std::string Joined(const std::string& before, const std::string& added) {
  constexpr absl::string_view kBetween = "; ";
  const auto framed = [&](const std::string& text) { return absl::StrCat(kBetween, text, kBetween); };
  if (before.empty() || absl::StrContains(framed(before), framed(added))) {
    return before.empty() ? added : before;
  }
  return absl::StrCat(before, kBetween, added);
}

void MergeProvenance(const Message& row, Message& into) {
  Provenance added;
  added.CopyFrom(row);
  Provenance merged;
  merged.CopyFrom(into);
  merged.set_source(Joined(merged.source(), added.source()));
  merged.set_licence(Joined(merged.licence(), added.licence()));
  merged.set_as_of(std::max(merged.as_of(), added.as_of()));
  into.CopyFrom(merged);
}

bool Contains(const Message& message, const FieldDescriptor* field, const Message& element) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    if (MessageDifferencer::Equals(reflection->GetRepeatedMessage(message, field, i), element)) {
      return true;
    }
  }
  return false;
}

bool ContainsText(const Message& message, const FieldDescriptor* field, const std::string& text) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    if (reflection->GetRepeatedString(message, field, i) == text) {
      return true;
    }
  }
  return false;
}

// Repeated fields of the registry's resources hold texts or messages.
void Unite(const FieldDescriptor* field, const Message& row, Message& into) {
  const auto* reflection = row.GetReflection();
  for (int i = 0; i < reflection->FieldSize(row, field); ++i) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string text = reflection->GetRepeatedString(row, field, i);
      if (!ContainsText(into, field, text)) {
        reflection->AddString(&into, field, text);
      }
    } else if (const Message& element = reflection->GetRepeatedMessage(row, field, i);
               !Contains(into, field, element)) {
      reflection->AddMessage(&into, field)->CopyFrom(element);
    }
  }
}

// Adds the entries of a map; false: one of them is there with another value.
bool UniteMaps(const FieldDescriptor* field, const Message& row, Message& into) {
  const auto* reflection = row.GetReflection();
  const FieldDescriptor* key = field->message_type()->map_key();
  for (int i = 0; i < reflection->FieldSize(row, field); ++i) {
    const Message& added = reflection->GetRepeatedMessage(row, field, i);
    if (Contains(into, field, added)) {
      continue;
    }
    for (int j = 0; j < reflection->FieldSize(into, field); ++j) {
      const Message& known = reflection->GetRepeatedMessage(into, field, j);
      if (known.GetReflection()->GetString(known, key) == added.GetReflection()->GetString(added, key)) {
        return false;
      }
    }
    reflection->AddMessage(&into, field)->CopyFrom(added);
  }
  return true;
}

// A message that holds only the field.
std::unique_ptr<Message> Only(const FieldDescriptor* field, const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  std::vector<const FieldDescriptor*> fields;
  copy->GetReflection()->ListFields(*copy, &fields);
  for (const FieldDescriptor* other : fields) {
    if (other != field) {
      copy->GetReflection()->ClearField(copy.get(), other);
    }
  }
  return copy;
}

}  // namespace

std::vector<std::string> MergeResource(const Message& row, Message& into) {
  std::vector<std::string> conflicts;
  std::vector<const FieldDescriptor*> fields;
  row.GetReflection()->ListFields(row, &fields);
  for (const FieldDescriptor* field : fields) {
    const auto* reflection = into.GetReflection();
    const std::unique_ptr<Message> added = Only(field, row);
    if (field->is_map()) {
      if (!UniteMaps(field, row, into)) {
        conflicts.push_back(field->name());
      }
    } else if (field->is_repeated()) {
      Unite(field, row, into);
    } else if (!reflection->HasField(into, field)) {
      into.MergeFrom(*added);
    } else if (field->message_type() == Provenance::descriptor()) {
      MergeProvenance(reflection->GetMessage(row, field), *reflection->MutableMessage(&into, field));
    } else if (!MessageDifferencer::Equals(*added, *Only(field, into))) {
      conflicts.push_back(field->name());
    }
  }
  return conflicts;
}

}  // namespace orewatch::ctl
