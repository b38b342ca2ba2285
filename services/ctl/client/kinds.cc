#include "services/ctl/client/kinds.h"

#include <cstdint>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "orewatch/risk/v1/risk.pb.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::Message;
using ::google::protobuf::MessageFactory;

constexpr int kPageSize = 1000;
constexpr absl::string_view kAnyParent = "suppliers/-";

std::vector<Kind> PublicKinds() {
  return {
      {"mineral",
       "minerals",
       kRegistry,
       "Mineral",
       "Minerals",
       "",
       {{"NAME", "name"}, {"DISPLAY NAME", "display_name"}, {"KIND", "kind"}, {"LISTS", "critical_lists"}}},
      {"country",
       "countries",
       kRegistry,
       "Country",
       "Countries",
       "",
       {{"NAME", "name"}, {"DISPLAY NAME", "display_name"}, {"ALPHA-3", "alpha3"}}},
      {"bloc",
       "blocs",
       kRegistry,
       "Bloc",
       "Blocs",
       "",
       {{"NAME", "name"}, {"DISPLAY NAME", "display_name"}, {"MEMBERS", "memberships.country"}}},
      {"supplier",
       "suppliers",
       kRegistry,
       "Supplier",
       "Suppliers",
       "",
       {{"NAME", "name"}, {"DISPLAY NAME", "display_name"}, {"COUNTRY", "country"}, {"OWNERS", "owners.display_name"}}},
      {"facility",
       "facilities",
       kRegistry,
       "Facility",
       "Facilities",
       "",
       {{"NAME", "name"},
        {"COUNTRY", "country"},
        {"STATUS", "status"},
        {"MINERALS", "outputs.mineral"},
        {"STAGES", "outputs.stage"},
        {"T/YEAR", "outputs.capacity_tonnes_per_year"}}},
      {"link",
       "links",
       kRegistry,
       "Link",
       "Links",
       "",
       {{"NAME", "name"},
        {"FROM", "from"},
        {"TO", "to"},
        {"MINERAL", "mineral"},
        {"T/YEAR", "tonnes_per_year"},
        {"VERIFICATION", "verification"}}},
      {"project",
       "projects",
       kRegistry,
       "Project",
       "Projects",
       "",
       {{"NAME", "name"},
        {"COUNTRY", "country"},
        {"MINERAL", "mineral"},
        {"STAGE", "stage"},
        {"STATUS", "status"},
        {"AGENCIES", "commitments.agency"}}},
      {"agreement",
       "agreements",
       kRegistry,
       "Agreement",
       "Agreements",
       "",
       {{"NAME", "name"}, {"KIND", "kind"}, {"PARTIES", "parties"}, {"SIGNED", "signed"}, {"IN FORCE", "in_force"}}},
      {"measure",
       "measures",
       kRegistry,
       "Measure",
       "Measures",
       "",
       {{"NAME", "name"},
        {"IMPOSER", "imposer"},
        {"KIND", "kind"},
        {"MINERAL", "mineral"},
        {"EFFECTIVE", "effective"},
        {"SUSPENDED", "suspended"},
        {"UNTIL", "suspended_until"},
        {"ENDED", "ended"}}},
      {"stockpile",
       "stockpiles",
       kRegistry,
       "Stockpile",
       "Stockpiles",
       "",
       {{"NAME", "name"},
        {"COUNTRY", "country"},
        {"AGENCY", "agency"},
        {"TARGET DAYS", "target_days"},
        {"HELD DAYS", "held_days"},
        {"DAYS OF", "denominator"}}},
      {"requirement",
       "requirements",
       kRegistry,
       "Requirement",
       "Requirements",
       "",
       {{"NAME", "name"},
        {"HOLDER", "holder"},
        {"MINERAL", "mineral"},
        {"YEAR", "year"},
        {"TONNES", "quantity.tonnes"},
        {"BASIS", "quantity.basis"}}},
      {"event",
       "events",
       kRegistry,
       "Event",
       "Events",
       "",
       {{"NAME", "name"},
        {"KIND", "kind"},
        {"COUNTRY", "country"},
        {"BEGAN", "began"},
        {"VERIFICATION", "verification"},
        {"SUBJECTS", "impacts.subject"},
        {"STATUS", "impacts.status"}}},
  };
}

std::vector<Kind> OtherKinds() {
  const auto statistic = [](absl::string_view singular, absl::string_view plural, absl::string_view value,
                            std::vector<KindColumn> columns) {
    return Kind{singular, plural, kRegistry, "Statistic", "Statistics", value, std::move(columns)};
  };
  return {
      statistic("production", "production", "STATISTIC_KIND_PRODUCTION",
                {{"MINERAL", "production.mineral"},
                 {"STAGE", "production.stage"},
                 {"COUNTRY", "production.country"},
                 {"YEAR", "year"},
                 {"TONNES", "quantity.tonnes"},
                 {"SHARE", "quantity.share"},
                 {"WITHHELD", "quantity.withheld"},
                 {"BASIS", "quantity.basis"},
                 {"DATASET", "dataset"}}),
      statistic("reserves", "reserves", "STATISTIC_KIND_RESERVES",
                {{"MINERAL", "reserves.mineral"},
                 {"CLASSIFICATION", "reserves.classification"},
                 {"COUNTRY", "reserves.country"},
                 {"YEAR", "year"},
                 {"TONNES", "quantity.tonnes"},
                 {"BASIS", "quantity.basis"},
                 {"DATASET", "dataset"}}),
      statistic("trade", "trade", "STATISTIC_KIND_TRADE",
                {{"MINERAL", "trade.mineral"},
                 {"HS6", "trade.hs6"},
                 {"EXPORTER", "trade.exporter"},
                 {"IMPORTER", "trade.importer"},
                 {"YEAR", "year"},
                 {"TONNES", "quantity.tonnes"},
                 {"USD", "trade.value_usd"},
                 {"DATASET", "dataset"}}),
      statistic("governance", "governance", "STATISTIC_KIND_GOVERNANCE",
                {{"COUNTRY", "governance.country"},
                 {"YEAR", "year"},
                 {"VOICE", "governance.voice_accountability"},
                 {"STABILITY", "governance.political_stability"},
                 {"EFFECTIVENESS", "governance.government_effectiveness"},
                 {"REGULATION", "governance.regulatory_quality"},
                 {"LAW", "governance.rule_of_law"},
                 {"CORRUPTION", "governance.control_of_corruption"}}),
      statistic("indicator", "indicators", "STATISTIC_KIND_INDICATOR",
                {{"SUBJECT", "indicator.subject"},
                 {"INDICATOR", "indicator.indicator"},
                 {"REGION", "indicator.region"},
                 {"YEAR", "year"},
                 {"VALUE", "indicator.value"},
                 {"UNIT", "indicator.unit"},
                 {"DATASET", "dataset"}}),
      // Scores and alerts have tables of their own.
      {"score", "scores", kRisk, "Score", "Scores", "", {}},
      {"rule",
       "rules",
       kAlerting,
       "Rule",
       "Rules",
       "",
       {{"NAME", "name"},
        {"METHOD", "target.method"},
        {"SUBJECT", "target.subject"},
        {"RAISE", "threshold.raise"},
        {"CLEAR", "threshold.clear"},
        {"SEVERITY", "severity"},
        {"DISABLED", "disabled"}}},
      {"alert", "alerts", kAlerting, "Alert", "Alerts", "", {}},
  };
}

absl::Status UnknownKind(absl::string_view word) {
  return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                   absl::StrCat("unknown kind \"", word, "\"; one of ",
                                absl::StrJoin(Kinds(), ", ", [](std::string* out, const Kind& kind) {
                                  out->append(std::string(kind.plural));
                                })));
}

std::string PackageOf(const Kind& kind) { return std::string(kind.service.substr(0, kind.service.rfind('.'))); }

std::string NewRequestId() {
  absl::BitGen random;
  return absl::StrCat("ctl-", absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16));
}

const google::protobuf::FieldDescriptor* FieldOf(const Message& message, absl::string_view field) {
  return message.GetDescriptor()->FindFieldByName(std::string(field));
}

}  // namespace

absl::Span<const Kind> Kinds() {
  static const auto* const kinds = [] {
    auto* all = new std::vector<Kind>(PublicKinds());
    const std::vector<Kind> others = OtherKinds();
    all->insert(all->end(), others.begin(), others.end());
    return all;
  }();
  return *kinds;
}

absl::StatusOr<const Kind*> FindKind(absl::string_view word) {
  const std::string wanted = absl::AsciiStrToLower(word);
  for (const Kind& kind : Kinds()) {
    if (wanted == kind.singular || wanted == kind.plural) {
      return &kind;
    }
  }
  return UnknownKind(word);
}

absl::StatusOr<const Kind*> KindOfName(absl::string_view name) {
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  const absl::string_view collection = segments.size() < 2 ? name : segments[segments.size() - 2];
  for (const Kind& kind : Kinds()) {
    if (segments.size() % 2 == 0 && collection == kind.plural && kind.statistic.empty()) {
      return &kind;
    }
  }
  return UnknownKind(collection);
}

std::unique_ptr<Message> NewMessage(const Kind& kind, absl::string_view message) {
  // Messages are linked in, but their files are only known to the pool once one of each has been used.
  registry::v1::ListStatisticsRequest::descriptor();
  risk::v1::ListScoresRequest::descriptor();
  alerting::v1::ListRulesRequest::descriptor();
  const auto* descriptor =
      DescriptorPool::generated_pool()->FindMessageTypeByName(absl::StrCat(PackageOf(kind), ".", message));
  return descriptor == nullptr
             ? nullptr
             : std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

absl::StatusOr<std::unique_ptr<Message>> CallMethod(const Client& client, const Kind& kind, absl::string_view method,
                                                    Message& request) {
  const auto* descriptor = DescriptorPool::generated_pool()->FindMethodByName(absl::StrCat(kind.service, ".", method));
  if (descriptor == nullptr) {
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE", absl::StrCat(kind.plural, " have no ", method));
  }
  if (FieldOf(request, "request_id") != nullptr) {
    SetText(request, "request_id", NewRequestId());
  }
  std::unique_ptr<Message> response(
      MessageFactory::generated_factory()->GetPrototype(descriptor->output_type())->New());
  OREWATCH_RETURN_IF_ERROR(client.Call(kind.service, method, request, *response));
  return response;
}

absl::StatusOr<std::unique_ptr<Message>> ListAll(const Client& client, const Kind& kind,
                                                 absl::FunctionRef<void(Message&)> prepare) {
  const std::string method = absl::StrCat("List", kind.messages);
  const std::unique_ptr<Message> request = NewMessage(kind, absl::StrCat(method, "Request"));
  request->GetReflection()->SetInt32(request.get(), FieldOf(*request, "page_size"), kPageSize);
  if (!kind.statistic.empty()) {
    const auto* field = FieldOf(*request, "kind");
    request->GetReflection()->SetEnum(request.get(), field,
                                      field->enum_type()->FindValueByName(std::string(kind.statistic)));
  }
  if (FieldOf(*request, "parent") != nullptr) {
    SetText(*request, "parent", kAnyParent);
  }
  prepare(*request);
  std::unique_ptr<Message> all;
  while (true) {
    OREWATCH_ASSIGN_OR_RETURN(std::unique_ptr<Message> page, CallMethod(client, kind, method, *request));
    const std::string token = TextOf(*page, "next_page_token");
    SetText(*page, "next_page_token", "");
    if (all == nullptr) {
      all = std::move(page);
    } else {
      all->MergeFrom(*page);
    }
    if (token.empty()) {
      return all;
    }
    if (token == TextOf(*request, "page_token")) {
      return MakeError(absl::StatusCode::kInternal, "PAGE_REPEATED", "the server returned the same page token twice");
    }
    SetText(*request, "page_token", token);
  }
}

void SetText(Message& message, absl::string_view field, absl::string_view text) {
  message.GetReflection()->SetString(&message, FieldOf(message, field), std::string(text));
}

void SetBoolean(Message& message, absl::string_view field, bool value) {
  message.GetReflection()->SetBool(&message, FieldOf(message, field), value);
}

std::string TextOf(const Message& message, absl::string_view field) {
  return message.GetReflection()->GetString(message, FieldOf(message, field));
}

}  // namespace orewatch::ctl
