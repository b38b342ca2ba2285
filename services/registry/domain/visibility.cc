#include "services/registry/domain/visibility.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "services/registry/domain/kinds.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;

// Null for a kind that is always public.
const FieldDescriptor* VisibilityField(Kind kind) { return InfoOf(kind).visibility_field; }

bool IsPublic(const type::v1::Visibility* visibility) { return visibility == nullptr || visibility->owner().empty(); }

}  // namespace

bool IsPrincipal(absl::string_view text) {
  constexpr size_t kMaxBytes = 128;
  return !text.empty() && text.size() <= kMaxBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
}

const type::v1::Visibility* VisibilityOf(const v1::Entry& entry) {
  const auto kind = KindOf(entry);
  const FieldDescriptor* field = kind.has_value() ? VisibilityField(*kind) : nullptr;
  if (field == nullptr) {
    return nullptr;
  }
  const auto& resource = MessageIn(*kind, entry);
  return &dynamic_cast<const type::v1::Visibility&>(resource.GetReflection()->GetMessage(resource, field));
}

void SetVisibility(const type::v1::Visibility& visibility, v1::Entry& entry) {
  const Kind kind = *KindOf(entry);
  auto& resource = MutableMessageIn(kind, entry);
  const auto* reflection = resource.GetReflection();
  if (visibility.ByteSizeLong() == 0) {
    reflection->ClearField(&resource, VisibilityField(kind));
  } else {
    reflection->MutableMessage(&resource, VisibilityField(kind))->CopyFrom(visibility);
  }
}

std::optional<std::vector<absl::string_view>> ReadersOf(const v1::Entry& entry) {
  const type::v1::Visibility* visibility = VisibilityOf(entry);
  if (IsPublic(visibility)) {
    return std::nullopt;
  }
  std::vector<absl::string_view> readers = {visibility->owner()};
  readers.insert(readers.end(), visibility->readers().begin(), visibility->readers().end());
  return readers;
}

bool ReadersMayRead(const type::v1::Visibility* one, const type::v1::Visibility& other) {
  const auto may_read = [&other](absl::string_view principal) {
    return principal == other.owner() || absl::c_linear_search(other.readers(), principal);
  };
  return IsPublic(&other) || (!IsPublic(one) && may_read(one->owner()) && absl::c_all_of(one->readers(), may_read));
}

bool MayRead(absl::string_view principal, const v1::Entry& entry) {
  const auto readers = ReadersOf(entry);
  return !readers.has_value() || std::find(readers->begin(), readers->end(), principal) != readers->end();
}

bool MayWrite(absl::string_view principal, const v1::Entry& entry) {
  const type::v1::Visibility* visibility = VisibilityOf(entry);
  return IsPublic(visibility) || visibility->owner() == principal;
}

bool MaySee(const Viewer& viewer, const v1::Entry& entry) { return viewer.trusted || MayRead(viewer.principal, entry); }

std::optional<v1::Change> ChangeSeenBy(const Viewer& viewer, v1::Change change) {
  const bool sees_before = change.has_before() && MaySee(viewer, change.before());
  const bool sees_after = change.has_after() && MaySee(viewer, change.after());
  if (!sees_before && !sees_after) {
    return std::nullopt;
  }
  if (change.has_before() && !sees_before) {
    change.clear_before();
    change.set_operation(v1::Change::OPERATION_CREATE);
  }
  if (change.has_after() && !sees_after) {
    change.clear_after();
    change.set_operation(v1::Change::OPERATION_DELETE);
  }
  return change;
}

}  // namespace orewatch::registry
