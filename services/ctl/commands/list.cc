#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/row_writer.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/path_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// The field of a list response that holds the items.
const FieldDescriptor& ItemsOf(const Message& response) {
  const auto* descriptor = response.GetDescriptor();
  int index = 0;
  while (!descriptor->field(index)->is_repeated()) {
    ++index;
  }
  return *descriptor->field(index);
}

const FileKind* FileKindNamed(absl::string_view name) {
  for (const FileKind& kind : FileKinds()) {
    if (kind.name == name) {
      return &kind;
    }
  }
  return nullptr;
}

// The columns in which the kind is imported, so that a listing can be sent back.
Table ImportTable(const FileKind& kind, const Message& response) {
  const FieldDescriptor& items = ItemsOf(response);
  Table table{HeaderOf(kind), {}};
  for (int i = 0; i < response.GetReflection()->FieldSize(response, &items); ++i) {
    registry::v1::Entry entry;
    MutableResource(kind, entry).CopyFrom(response.GetReflection()->GetRepeatedMessage(response, &items, i));
    for (auto& row : RowsOf(kind, entry)) {
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table PathTable(const Kind& kind, const Message& response) {
  const FieldDescriptor& items = ItemsOf(response);
  Table table;
  for (const KindColumn& column : kind.columns) {
    table.header.emplace_back(column.title);
  }
  for (int i = 0; i < response.GetReflection()->FieldSize(response, &items); ++i) {
    auto& row = table.rows.emplace_back();
    for (const KindColumn& column : kind.columns) {
      row.push_back(PathText(response.GetReflection()->GetRepeatedMessage(response, &items, i), column.path));
    }
  }
  return table;
}

Table TableOf(const Kind& kind, Format format, const Message& response) {
  if (response.GetDescriptor() == risk::v1::ListScoresResponse::descriptor()) {
    return ScoreTable(static_cast<const risk::v1::ListScoresResponse&>(response).scores());
  }
  if (response.GetDescriptor() == alerting::v1::ListAlertsResponse::descriptor()) {
    return NamedAlertTable(static_cast<const alerting::v1::ListAlertsResponse&>(response).alerts());
  }
  const FileKind* file_kind = format == Format::kCsv ? FileKindNamed(kind.plural) : nullptr;
  return file_kind != nullptr ? ImportTable(*file_kind, response) : PathTable(kind, response);
}

}  // namespace

absl::Status RunList(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind(session.words.front()));
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreKey key, KeyOf("", session.options));
  OREWATCH_ASSIGN_OR_RETURN(const alerting::v1::AlertState state, StateOf(session.options));
  const bool queried = !session.options.filter.empty() || !session.options.order_by.empty();
  if (queried && kind->service != kRegistry) {
    return UsageError(
        absl::StrCat("--filter, --order_by: ", kind->plural, " take --stage, --importer, --method or --state"));
  }
  const bool show_deleted = session.options.show_deleted;
  const auto prepare = [&](Message& request) {
    if (show_deleted && request.GetDescriptor()->FindFieldByName("show_deleted") != nullptr) {
      SetBoolean(request, "show_deleted", true);
    }
    if (queried) {
      SetText(request, "filter", session.options.filter);
      SetText(request, "order_by", session.options.order_by);
    }
    if (request.GetDescriptor() == risk::v1::ListScoresRequest::descriptor()) {
      *static_cast<risk::v1::ListScoresRequest&>(request).mutable_filter() = key;
    } else if (request.GetDescriptor() == alerting::v1::ListAlertsRequest::descriptor()) {
      static_cast<alerting::v1::ListAlertsRequest&>(request).set_state(state);
    }
  };
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> response, ListAll(session.client, *kind, prepare));
  const Format format = session.options.format;
  session.out << Rendered(format, *response, [&] { return TableOf(*kind, format, *response); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
