#include "services/ctl/import/fields.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "orewatch/type/v1/types.pb.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/quotes.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using registry::v1::Participant;
using type::v1::PartialDate;

constexpr absl::string_view kSupplierPrefix = "suppliers/";

std::vector<std::string> PathOf(const Column& column) { return absl::StrSplit(column.path, '.'); }

const FieldDescriptor* FieldOf(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// The message that holds the last field of the path, made on the way; a group gets its one element of the row.
Message& Reach(const std::vector<std::string>& path, Message& resource) {
  Message* reached = &resource;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const FieldDescriptor* field = FieldOf(*reached, path[i]);
    const auto* reflection = reached->GetReflection();
    if (!field->is_repeated()) {
      reached = reflection->MutableMessage(reached, field);
    } else if (reflection->FieldSize(*reached, field) == 0) {
      reached = reflection->AddMessage(reached, field);
    } else {
      reached = reflection->MutableRepeatedMessage(reached, field, 0);
    }
  }
  return *reached;
}

// As Reach, but reads; null: something on the way is not there.
const Message* Find(const std::vector<std::string>& path, const Message& resource, int element) {
  const Message* found = &resource;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    const FieldDescriptor* field = FieldOf(*found, path[i]);
    const auto* reflection = found->GetReflection();
    if (field->is_repeated()) {
      if (element >= reflection->FieldSize(*found, field)) {
        return nullptr;
      }
      found = &reflection->GetRepeatedMessage(*found, field, element);
    } else if (reflection->HasField(*found, field)) {
      found = &reflection->GetMessage(*found, field);
    } else {
      return nullptr;
    }
  }
  return found;
}

void AddMapEntry(const std::string& key, const std::string& value, Message& parent, const FieldDescriptor& field) {
  Message* entry = parent.GetReflection()->AddMessage(&parent, &field);
  entry->GetReflection()->SetString(entry, field.message_type()->map_key(), key);
  entry->GetReflection()->SetString(entry, field.message_type()->map_value(), value);
}

absl::Status AddMapRest(absl::string_view text, Message& parent, const FieldDescriptor& field) {
  for (const Item& item : ItemsOf(text)) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(item.text, absl::MaxSplits('=', 1));
    if (parts.first.empty() || parts.first.size() == item.text.size()) {
      return absl::InvalidArgumentError(absl::StrCat("\"", item.text, "\" is not of the form scheme=value"));
    }
    AddMapEntry(parts.first, parts.second, parent, field);
  }
  return absl::OkStatus();
}

absl::Status AddParticipants(absl::string_view text, Message& parent, const FieldDescriptor& field) {
  for (const Item& item : ItemsOf(text)) {
    Participant participant;
    const bool supplier = !item.quoted && absl::StartsWith(item.text, kSupplierPrefix);
    supplier ? participant.set_supplier(item.text) : participant.set_display_name(item.text);
    parent.GetReflection()->AddMessage(&parent, &field)->CopyFrom(participant);
  }
  return absl::OkStatus();
}

absl::Status AddStrings(const Column& column, absl::string_view text, Message& parent, const FieldDescriptor& field) {
  for (const Item& item : ItemsOf(text)) {
    OREWATCH_ASSIGN_OR_RETURN(std::string canonical, Canonical(column.cell, item.text));
    parent.GetReflection()->AddString(&parent, &field, std::move(canonical));
  }
  return absl::OkStatus();
}

// Fails if another value of the same choice was set.
absl::Status CheckChoice(const Message& parent, const FieldDescriptor& field) {
  const auto* choice = field.real_containing_oneof();
  if (choice == nullptr) {
    return absl::OkStatus();
  }
  const auto* chosen = parent.GetReflection()->GetOneofFieldDescriptor(parent, choice);
  return chosen == nullptr || chosen == &field
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrCat("cannot stand beside ", chosen->name(), " in one row"));
}

absl::Status SetFlag(absl::string_view text, Message& parent, const FieldDescriptor& field) {
  OREWATCH_ASSIGN_OR_RETURN(const bool value, ParseFlag(text));
  // In a choice of several values, false means that the choice was not made; elsewhere it is what an unset field says.
  const bool says_nothing = field.real_containing_oneof() != nullptr || !field.has_presence();
  if (!value && says_nothing) {
    return absl::OkStatus();
  }
  OREWATCH_RETURN_IF_ERROR(CheckChoice(parent, field));
  parent.GetReflection()->SetBool(&parent, &field, value);
  return absl::OkStatus();
}

absl::Status SetScalar(const Column& column, absl::string_view text, Message& parent, const FieldDescriptor& field) {
  const auto* reflection = parent.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      OREWATCH_ASSIGN_OR_RETURN(const double value, ParseNumber(text));
      reflection->SetDouble(&parent, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      OREWATCH_ASSIGN_OR_RETURN(const int32_t value, ParseInteger(text));
      reflection->SetInt32(&parent, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      OREWATCH_ASSIGN_OR_RETURN(const int value, ParseEnum(*field.enum_type(), text));
      reflection->SetEnumValue(&parent, &field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      OREWATCH_ASSIGN_OR_RETURN(const PartialDate date, ParseDate(text));
      reflection->MutableMessage(&parent, &field)->CopyFrom(date);
      return absl::OkStatus();
    }
    default: {
      OREWATCH_ASSIGN_OR_RETURN(std::string value, Canonical(column.cell, PlainText(text)));
      reflection->SetString(&parent, &field, std::move(value));
      return absl::OkStatus();
    }
  }
}

// Whether a column of its own holds the key.
bool HasOwnColumn(const std::string& key) {
  return std::any_of(FileKinds().begin(), FileKinds().end(), [&](const FileKind& kind) {
    return std::any_of(kind.columns.begin(), kind.columns.end(),
                       [&](const Column& column) { return column.cell == Cell::kMapValue && column.header == key; });
  });
}

std::map<std::string, std::string> MapOf(const Message& parent, const FieldDescriptor& field) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < parent.GetReflection()->FieldSize(parent, &field); ++i) {
    const Message& entry = parent.GetReflection()->GetRepeatedMessage(parent, &field, i);
    entries.emplace(entry.GetReflection()->GetString(entry, field.message_type()->map_key()),
                    entry.GetReflection()->GetString(entry, field.message_type()->map_value()));
  }
  return entries;
}

std::string MapText(const Column& column, const Message& parent, const FieldDescriptor& field) {
  const std::map<std::string, std::string> entries = MapOf(parent, field);
  if (column.cell == Cell::kMapValue) {
    const auto found = entries.find(std::string(column.header));
    return found == entries.end()  ? ""
           : found->second.empty() ? std::string(kEmptyText)
                                   : QuotedIfNeeded(found->second);
  }
  std::vector<Item> items;
  for (const auto& [key, value] : entries) {
    if (!HasOwnColumn(key)) {
      items.push_back({absl::StrCat(key, "=", value)});
    }
  }
  return ListText(items);
}

Item ParticipantItem(const Message& message) {
  Participant participant;
  participant.CopyFrom(message);
  const std::string& name = participant.display_name();
  return participant.has_supplier() ? Item{participant.supplier()}
                                    : Item{name, absl::StartsWith(name, kSupplierPrefix)};
}

std::string RepeatedText(const Column& column, const Message& parent, const FieldDescriptor& field) {
  const auto* reflection = parent.GetReflection();
  const int size = reflection->FieldSize(parent, &field);
  std::vector<Item> items;
  items.reserve(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    items.push_back(column.cell == Cell::kParticipants
                        ? ParticipantItem(reflection->GetRepeatedMessage(parent, &field, i))
                        : Item{Shortened(column.cell, reflection->GetRepeatedString(parent, &field, i))});
  }
  return ListText(items);
}

std::string ScalarText(const Column& column, const Message& parent, const FieldDescriptor& field) {
  const auto* reflection = parent.GetReflection();
  if (field.has_presence() && !reflection->HasField(parent, &field)) {
    return "";
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return NumberText(reflection->GetDouble(parent, &field));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(parent, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(parent, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), reflection->GetEnumValue(parent, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      PartialDate date;
      date.CopyFrom(reflection->GetMessage(parent, &field));
      return DateText(date);
    }
    default:
      return QuotedIfNeeded(Shortened(column.cell, reflection->GetString(parent, &field)));
  }
}

}  // namespace

absl::Status SetField(const Column& column, absl::string_view text, Message& resource) {
  const std::vector<std::string> path = PathOf(column);
  Message& parent = Reach(path, resource);
  const FieldDescriptor& field = *FieldOf(parent, path.back());
  if (column.cell == Cell::kMapValue) {
    AddMapEntry(std::string(column.header), PlainText(text), parent, field);
    return absl::OkStatus();
  }
  if (column.cell == Cell::kMapRest) {
    return AddMapRest(text, parent, field);
  }
  if (column.cell == Cell::kParticipants) {
    return AddParticipants(text, parent, field);
  }
  if (field.is_repeated()) {
    return AddStrings(column, text, parent, field);
  }
  if (text == kEmptyText) {
    return absl::OkStatus();
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    return SetFlag(text, parent, field);
  }
  OREWATCH_RETURN_IF_ERROR(CheckChoice(parent, field));
  return SetScalar(column, text, parent, field);
}

std::string FieldText(const Column& column, const Message& resource, int element) {
  const std::vector<std::string> path = PathOf(column);
  const Message* parent = Find(path, resource, element);
  if (parent == nullptr) {
    return "";
  }
  const FieldDescriptor& field = *FieldOf(*parent, path.back());
  if (field.is_map()) {
    return MapText(column, *parent, field);
  }
  return field.is_repeated() ? RepeatedText(column, *parent, field) : ScalarText(column, *parent, field);
}

bool HasParent(const Column& column, const Message& resource, int element) {
  return Find(PathOf(column), resource, element) != nullptr;
}

int GroupSize(const Column& column, const Message& resource) {
  const std::vector<std::string> path = PathOf(column);
  if (path.size() == 1) {
    return -1;
  }
  const FieldDescriptor* field = FieldOf(resource, path.front());
  return field->is_repeated() ? resource.GetReflection()->FieldSize(resource, field) : -1;
}

}  // namespace orewatch::ctl
