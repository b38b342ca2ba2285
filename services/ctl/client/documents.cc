#include "services/ctl/client/documents.h"

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/client/kinds.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using registry::v1::Entry;

// Keeps the first error: the first is where the text leaves the grammar.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) {
      text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Empty: parsed.
std::string Parse(absl::string_view text, Message& message) {
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    const auto status = google::protobuf::util::JsonStringToMessage(std::string(text), &message);
    return status.ok() ? "" : std::string(status.message());
  }
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  const bool parsed = parser.ParseFromString(std::string(text), &message);
  return parsed ? "" : error.text().empty() ? "is not textproto" : error.text();
}

// Files a message of a kind with the entries or the rules; false: it is of neither.
bool Keep(const Kind& kind, const Message& message, Documents& documents) {
  if (message.GetDescriptor() == alerting::v1::Rule::descriptor()) {
    documents.rules.emplace_back().CopyFrom(message);
    return true;
  }
  const FieldDescriptor* field = Entry::descriptor()->FindFieldByName(
      kind.statistic.empty() ? std::string(kind.singular) : std::string("statistic"));
  if (field == nullptr || field->message_type() != message.GetDescriptor()) {
    return false;
  }
  Entry& entry = documents.entries.emplace_back();
  entry.GetReflection()->MutableMessage(&entry, field)->CopyFrom(message);
  return true;
}

bool ParseList(const Kind& kind, absl::string_view text, Documents& documents) {
  const std::unique_ptr<Message> list = NewMessage(kind, absl::StrCat("List", kind.messages, "Response"));
  if (!Parse(text, *list).empty()) {
    return false;
  }
  const FieldDescriptor* items = list->GetDescriptor()->field(0);
  for (int i = 0; i < list->GetReflection()->FieldSize(*list, items); ++i) {
    if (!Keep(kind, list->GetReflection()->GetRepeatedMessage(*list, items, i), documents)) {
      return false;
    }
  }
  return true;
}

bool ParseResource(const Kind& kind, absl::string_view text, Documents& documents) {
  const std::unique_ptr<Message> resource = NewMessage(kind, kind.message);
  if (resource->GetDescriptor()->FindFieldByName("name") == nullptr || !Parse(text, *resource).empty()) {
    return false;
  }
  const auto named = KindOfName(TextOf(*resource, "name"));
  return named.ok() && *named == &kind && Keep(kind, *resource, documents);
}

}  // namespace

absl::StatusOr<Documents> ParseDocuments(absl::string_view text) {
  Documents documents;
  registry::v1::ExportResponse exported;
  const std::string error = Parse(text, exported);
  if (error.empty()) {
    documents.entries.assign(exported.entries().begin(), exported.entries().end());
    return documents;
  }
  if (Entry entry; Parse(text, entry).empty()) {
    documents.entries.push_back(entry);
    return documents;
  }
  for (const Kind& kind : Kinds()) {
    if (ParseList(kind, text, documents) || ParseResource(kind, text, documents)) {
      return documents;
    }
    documents = {};
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "FILE_MALFORMED",
                   absl::StrCat("is neither entries, rules, a list nor one resource; as entries: ", error));
}

}  // namespace orewatch::ctl
