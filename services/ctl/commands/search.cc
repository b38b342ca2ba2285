#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/render/format.h"
#include "services/ctl/render/path_text.h"

namespace orewatch::ctl {
namespace {

using registry::v1::SearchRequest;
using registry::v1::SearchResponse;

constexpr int kDefaultLimit = 20;
constexpr int kPageSize = 100;

Table ResultsTable(const SearchResponse& response) {
  Table table{{"NAME", "DISPLAY NAME", "SCORE"}, {}};
  for (const SearchResponse::Result& result : response.results()) {
    const auto* resource = ResourceOf(result.entry());
    const bool titled = resource != nullptr && resource->GetDescriptor()->FindFieldByName("display_name") != nullptr;
    table.rows.push_back({NameOf(result.entry()), titled ? PathText(*resource, "display_name") : "",
                          absl::StrFormat("%.2f", result.score())});
  }
  return table;
}

}  // namespace

absl::Status RunSearch(const Session& session) {
  const int limit = session.options.limit > 0 ? session.options.limit : kDefaultLimit;
  SearchRequest request;
  request.set_query(absl::StrJoin(session.words, " "));
  for (const absl::string_view kind : absl::StrSplit(session.options.kinds, ',', absl::SkipEmpty())) {
    request.add_kinds(std::string(kind));
  }
  SearchResponse all;
  do {
    request.set_page_size(std::min(limit - all.results_size(), kPageSize));
    SearchResponse page;
    OREWATCH_RETURN_IF_ERROR(session.client.Call(kRegistry, "Search", request, page));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty() && all.results_size() < limit);
  session.out << Rendered(session.options.format, all, [&] { return ResultsTable(all); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
