#include <algorithm>
#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/render/brief_text.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {
namespace {

using gateway::v1::SearchRequest;
using gateway::v1::SearchResponse;

constexpr int kDefaultLimit = 20;
constexpr int kPageSize = 100;

}  // namespace

absl::Status RunSearch(const Session& session) {
  const int limit = session.options.limit > 0 ? session.options.limit : kDefaultLimit;
  SearchRequest request;
  request.set_query(absl::StrJoin(session.words, " "));
  for (const absl::string_view kind : absl::StrSplit(session.options.kinds, ',', absl::SkipEmpty())) {
    request.add_kinds(std::string(kind));
  }
  // A token is of one page size.
  request.set_page_size(std::min(limit, kPageSize));
  SearchResponse all;
  do {
    SearchResponse page;
    OREWATCH_RETURN_IF_ERROR(session.client.Call(kGateway, "Search", request, page));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.mutable_results()->MergeFrom(page.results());
    // How the last page came out.
    *all.mutable_sections() = page.sections();
  } while (!request.page_token().empty() && all.results_size() < limit);
  if (all.results_size() > limit) {
    all.mutable_results()->DeleteSubrange(limit, all.results_size() - limit);
  }
  session.out << Rendered(session.options.format, all, [&] { return MatchTable(all); });
  if (session.options.format == Format::kTable) {
    session.out << NestedSectionsText(all);
  }
  return PartialAnswer(MissingNestedSections(all));
}

}  // namespace orewatch::ctl
