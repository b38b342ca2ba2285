#include "common/filter/path.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.pb.h"

namespace orewatch::filter {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A key that needs no quotation marks.
bool IsPlainKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(),
                                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
}

// Walks the names of one path. There is always a next one when a Take function is called.
class Binder {
 public:
  Binder(const Source& source, const std::vector<Segment>& path) : source_(source), path_(path) {}

  absl::StatusOr<FieldPath> Bind(const Descriptor& type) {
    const Descriptor* holder = &type;
    while (true) {
      OREWATCH_ASSIGN_OR_RETURN(const FieldDescriptor* field, TakeField(*holder));
      if (field->is_map() && !AtEnd()) {
        OREWATCH_RETURN_IF_ERROR(TakeKey(*field));
        field = field->message_type()->map_value();
      }
      const TypedField typed = Typed(*field);
      if (AtEnd()) {
        bound_.leaf = typed;
        return std::move(bound_);
      }
      if (typed.type != ValueType::kMessage) {
        return source_.Error(path_[next_].offset,
                             absl::StrCat(Quoted(bound_.text), " is ", TypeName(typed), " and has no field ",
                                          Quoted(path_[next_].name), " to filter by"));
      }
      bound_.steps.push_back({field, absl::nullopt});
      holder = field->message_type();
    }
  }

 private:
  bool AtEnd() const { return next_ == path_.size(); }

  absl::StatusOr<const FieldDescriptor*> TakeField(const Descriptor& holder) {
    const Segment& segment = path_[next_++];
    const FieldDescriptor* field = holder.FindFieldByName(segment.name);
    if (field == nullptr) {
      return source_.Error(segment.offset,
                           absl::StrCat("there is no field ", Quoted(segment.name), " in ", holder.name()));
    }
    absl::StrAppend(&bound_.text, bound_.text.empty() ? "" : ".", segment.name);
    return field;
  }

  absl::Status TakeKey(const FieldDescriptor& map) {
    const Segment& segment = path_[next_++];
    const TypedField typed = Typed(*map.message_type()->map_key());
    Literal literal;
    literal.text = segment.name;
    literal.offset = segment.offset;
    OREWATCH_ASSIGN_OR_RETURN(Operand key,
                              ReadOperand(source_, typed, absl::StrCat("a key of ", Quoted(bound_.text)), literal));
    const std::string text = OperandText(typed, key);
    absl::StrAppend(&bound_.text, ".", IsPlainKey(text) ? text : SpellString(text));
    bound_.steps.push_back({&map, MapKey{typed, std::move(key)}});
    return absl::OkStatus();
  }

  const Source& source_;
  const std::vector<Segment>& path_;
  size_t next_ = 0;
  FieldPath bound_;
};

}  // namespace

absl::StatusOr<FieldPath> BindPath(const Source& source, const Descriptor& type, const std::vector<Segment>& path) {
  return Binder(source, path).Bind(type);
}

bool IsMapValue(const FieldDescriptor& field) { return field.containing_type()->options().map_entry(); }

}  // namespace orewatch::filter
