#include "services/gateway/aggregate/search.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/gateway/aggregate/section.h"
#include "services/gateway/aggregate/text_relevance.h"

namespace orewatch::gateway {
namespace {

using gateway::v1::SearchPosition;
using gateway::v1::SearchResponse;
using Result = SearchResponse::Result;
using google::protobuf::Message;

// The best first, equals by name.
bool Precedes(const Result& a, const Result& b) {
  return std::make_tuple(-a.score(), absl::string_view(a.name())) <
         std::make_tuple(-b.score(), absl::string_view(b.name()));
}

// The name of the one resource in an entry, whatever its kind.
std::string NameOf(const registry::v1::Entry& entry) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  entry.GetReflection()->ListFields(entry, &set);
  if (set.empty()) {
    return "";
  }
  const Message& resource = entry.GetReflection()->GetMessage(entry, set.front());
  const auto* name = resource.GetDescriptor()->FindFieldByName("name");
  return name == nullptr ? "" : resource.GetReflection()->GetString(resource, name);
}

template <typename Labels>
void AddLabels(const Labels& labels, std::string& text) {
  for (const auto& [key, value] : labels) {
    absl::StrAppend(&text, " ", key, " ", value);
  }
}

SearchedText TextOf(const alerting::v1::Alert& alert) {
  std::string body = absl::StrCat(alert.name(), " ", alert.rule(), " ", alert.subject().subject(), " ",
                                  alert.subject().importer(), " ", alert.assignee());
  AddLabels(alert.labels(), body);
  return {WordsOf(alert.summary()), WordsOf(body)};
}

SearchedText TextOf(const alerting::v1::Rule& rule) {
  std::string body = rule.name();
  AddLabels(rule.labels(), body);
  AddLabels(rule.annotations(), body);
  return {WordsOf(rule.display_name()), WordsOf(body)};
}

template <typename Found>
void AddMatch(const Found& found, const std::vector<std::string>& terms, Found* (Result::*field)(),
              std::vector<Result>& matches) {
  if (const auto relevance = RelevanceOf(TextOf(found), terms); relevance.has_value()) {
    Result& result = matches.emplace_back();
    result.set_name(found.name());
    result.set_score(*relevance);
    *(result.*field)() = found;
  }
}

// Alerts and rules that have not been handed out, in order.
std::vector<Result> OfAlerting(const std::string& query, const SearchPosition& position, const SearchParts& parts) {
  const std::vector<std::string> terms = WordsOf(query);
  std::vector<Result> matches;
  if (terms.empty()) {
    return matches;
  }
  if (parts.alerts.ok()) {
    for (const alerting::v1::Alert& alert : parts.alerts->alerts()) {
      AddMatch(alert, terms, &Result::mutable_alert, matches);
    }
  }
  if (parts.rules.ok()) {
    for (const alerting::v1::Rule& rule : parts.rules->rules()) {
      AddMatch(rule, terms, &Result::mutable_rule, matches);
    }
  }
  std::sort(matches.begin(), matches.end(), Precedes);
  if (position.has_last_score()) {
    Result last;
    last.set_score(position.last_score());
    last.set_name(position.last_name());
    matches.erase(matches.begin(), std::upper_bound(matches.begin(), matches.end(), last, Precedes));
  }
  return matches;
}

// Resources of the page that have not been handed out, in order.
std::vector<Result> OfRegistry(const SearchPosition& position, SearchParts& parts) {
  std::vector<Result> matches;
  if (!parts.resources.ok()) {
    return matches;
  }
  for (int i = position.registry_taken(); i < parts.resources->results_size(); ++i) {
    auto& found = *parts.resources->mutable_results(i);
    Result& result = matches.emplace_back();
    result.set_name(NameOf(found.entry()));
    result.set_score(found.score());
    result.mutable_entry()->Swap(found.mutable_entry());
  }
  return matches;
}

// What each service that was asked had to say; and, if it was asked for more than it has, that it is done.
void FillSections(const SearchPosition& position, const SearchParts& parts, SearchResponse& response) {
  auto& sections = *response.mutable_sections();
  if (parts.scope.resources && !position.registry_done()) {
    *sections.mutable_registry() = SectionOf(parts.resources);
    if (parts.resources.ok() && !parts.resources->next_page_token().empty() && parts.resources.stale_because.ok()) {
      // More pages are no lack.
      *sections.mutable_registry() = SectionOf(absl::OkStatus());
      *sections.mutable_registry()->mutable_revision() = parts.resources->revision();
    }
  }
  if (parts.scope.alerts) {
    *sections.mutable_alerts() = SectionOf(parts.alerts);
  }
  if (parts.scope.rules) {
    *sections.mutable_rules() = SectionOf(parts.rules);
  }
}

absl::Status Check(const SearchParts& parts) {
  const absl::Status& status = parts.resources.status();
  if (absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsOutOfRange(status)) {
    return status;
  }
  if (parts.resources.ok() || parts.alerts.ok() || parts.rules.ok()) {
    return absl::OkStatus();
  }
  // Of what is not searched there is no error.
  const absl::Status& example = parts.scope.resources ? status
                                : parts.scope.alerts  ? parts.alerts.status()
                                                      : parts.rules.status();
  return NothingReached({example, parts.scope.alerts ? parts.alerts.status() : example,
                         parts.scope.rules ? parts.rules.status() : example});
}

}  // namespace

absl::StatusOr<SearchPage> MakeSearchPage(const std::string& query, int page_size, const SearchPosition& position,
                                          SearchParts parts) {
  OREWATCH_RETURN_IF_ERROR(Check(parts));
  SearchPage page;
  page.next = position;
  FillSections(position, parts, page.response);
  const bool registry_goes_on = parts.resources.ok() && !parts.resources->next_page_token().empty();
  std::vector<Result> resources = OfRegistry(position, parts);
  std::vector<Result> others = OfAlerting(query, position, parts);
  size_t resource = 0;
  size_t other = 0;
  while (page.response.results_size() < page_size) {
    const bool resources_left = resource < resources.size();
    if (!resources_left && (registry_goes_on || other == others.size())) {
      break;
    }
    if (resources_left && (other == others.size() || Precedes(resources[resource], others[other]))) {
      page.response.add_results()->Swap(&resources[resource++]);
      page.next.set_registry_taken(page.next.registry_taken() + 1);
    } else {
      page.next.set_last_score(others[other].score());
      page.next.set_last_name(others[other].name());
      page.response.add_results()->Swap(&others[other++]);
    }
  }
  page.more = resource < resources.size() || other < others.size() || registry_goes_on;
  if (resource == resources.size() && parts.resources.ok()) {
    page.next.set_registry_token(parts.resources->next_page_token());
    page.next.set_registry_taken(0);
    page.next.set_registry_done(!registry_goes_on);
  }
  return page;
}

}  // namespace orewatch::gateway
