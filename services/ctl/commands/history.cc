#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/util/time_util.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::util::TimeUtil;
using registry::v1::ListChangesRequest;
using registry::v1::ListChangesResponse;

constexpr int kPageSize = 1000;

Table ChangesTable(const ListChangesResponse& changes) {
  Table table{{"REVISION", "TIME", "BY", "CHANGE", "REQUEST"}, {}};
  for (const registry::v1::ChangeSet& set : changes.change_sets()) {
    for (const registry::v1::Change& change : set.changes()) {
      table.rows.push_back(
          {absl::StrCat(set.revision().number()), TimeUtil::ToString(set.commit_time()), set.principal().subject(),
           EnumText(*registry::v1::Change::Operation_descriptor(), change.operation()), set.request_id()});
    }
  }
  return table;
}

}  // namespace

absl::Status RunHistory(const Session& session) {
  ListChangesRequest request;
  request.set_name(session.words.front());
  request.set_oldest_first(session.options.oldest_first);
  const int limit = session.options.limit;
  ListChangesResponse all;
  while (limit == 0 || all.change_sets_size() < limit) {
    request.set_page_size(limit == 0 ? kPageSize : std::min(limit - all.change_sets_size(), kPageSize));
    ListChangesResponse page;
    OREWATCH_RETURN_IF_ERROR(session.client.Call(kRegistry, "ListChanges", request, page));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
    if (request.page_token().empty()) {
      break;
    }
  }
  session.out << Rendered(session.options.format, all, [&] { return ChangesTable(all); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
