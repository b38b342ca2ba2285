#include "services/registry/api/registry_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/registry/api/change_filter.h"
#include "services/registry/api/mutations.h"
#include "services/registry/api/one_history.h"
#include "services/registry/api/request_view.h"
#include "services/registry/api/streams.h"
#include "services/registry/api/views.h"
#include "services/registry/domain/change_digest.h"
#include "services/registry/domain/resource_names.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `Mineral` in `GetMineral`.
const std::string& Singular(const KindInfo& info) { return info.prototype->GetDescriptor()->name(); }

// `mineral`, the field of a request that holds the resource.
const std::string& ResourceField(const KindInfo& info) { return info.entry_field->name(); }

// `ListMinerals`: the method whose response repeats the kind's message.
std::string ListMethodOf(const google::protobuf::ServiceDescriptor& service, const KindInfo& info) {
  for (int i = 0; i < service.method_count(); ++i) {
    const FieldDescriptor* first = service.method(i)->output_type()->FindFieldByNumber(1);
    if (first != nullptr && first->is_repeated() && first->message_type() == info.prototype->GetDescriptor()) {
      return service.method(i)->name();
    }
  }
  return "";
}

MessagePtr Take(const KindInfo& info, v1::Entry entry) {
  MessagePtr message(info.prototype->New());
  message->GetReflection()->Swap(message.get(), &MutableMessageIn(info.kind, entry));
  return message;
}

WriteOptions OptionsOf(const rpc::CallContext& context, const RequestView& view, const Message& request) {
  WriteOptions options;
  options.author = {context.principal(), view.Text("request_id")};
  options.payload = absl::StrCat(request.GetTypeName(), "\n", CanonicalBytes(request));
  options.validate_only = view.Flag("validate_only");
  return options;
}

PageRequest PageOf(const rpc::CallContext& context, const RequestView& view) {
  return {context.principal(), static_cast<int>(view.Number("page_size")), view.Text("page_token"),
          view.Number("min_revision")};
}

v1::ResourceView ViewOf(const RequestView& view) { return static_cast<v1::ResourceView>(view.Enum("view")); }

// A mutation by name alone.
Mutation NamedMutation(Mutation::Operation operation, const KindInfo& info, const RequestView& view) {
  Mutation mutation;
  mutation.operation = operation;
  mutation.kind = info.kind;
  mutation.key = view.Text("name");
  mutation.etag = view.Text("etag");
  mutation.allow_missing = view.Flag("allow_missing");
  return mutation;
}

absl::StatusOr<std::string> PrefixOf(const KindInfo& info, const std::string& parent) {
  if (!info.parent.has_value() || parent == absl::StrCat(InfoOf(*info.parent).collection, "/-")) {
    return "";
  }
  OREWATCH_RETURN_IF_ERROR(ParseNameOf(*info.parent, parent, "parent").status());
  return absl::StrCat(parent, "/", info.collection, "/");
}

Kind KindOf(v1::StatisticKind kind) {
  switch (kind) {
    case v1::STATISTIC_KIND_TRADE:
      return Kind::kTrade;
    case v1::STATISTIC_KIND_GOVERNANCE:
      return Kind::kGovernance;
    case v1::STATISTIC_KIND_INDICATOR:
      return Kind::kIndicator;
    case v1::STATISTIC_KIND_RESERVES:
      return Kind::kReserves;
    default:
      return Kind::kProduction;
  }
}

}  // namespace

RegistryService::RegistryService(Registry& registry, std::set<std::string> trusted_followers)
    : registry_(registry),
      trusted_followers_(std::move(trusted_followers)),
      service_(v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry")) {
  for (const KindInfo& info : ResourceKinds()) {
    BindKind(info);
  }
  BindBatches();
  BindHistory();
  BindSearch();
  BindStatistics();
  BindStreams();
}

void RegistryService::BindKind(const KindInfo& info) {
  using rpc::Runs;
  BindGet(info);
  Bind(ListMethodOf(*service_.descriptor(), info), Runs::kBlocking, info, &RegistryService::List);
  Bind(absl::StrCat("Create", Singular(info)), Runs::kWriting, info, &RegistryService::Create);
  Bind(absl::StrCat("Update", Singular(info)), Runs::kWriting, info, &RegistryService::Update);
  Bind(absl::StrCat("Delete", Singular(info)), Runs::kWriting, info, &RegistryService::Delete);
  Bind(absl::StrCat("Undelete", Singular(info)), Runs::kWriting, info, &RegistryService::Undelete);
}

void RegistryService::Bind(const std::string& method, rpc::Runs runs, const KindInfo& info, Handler handler) {
  service_.UnaryOfAnyType(method, runs,
                          [this, &info, handler](const rpc::CallContext& context, const Message& request) {
                            return (this->*handler)(info, context, request);
                          });
}

void RegistryService::BindGet(const KindInfo& info) {
  const std::string method = absl::StrCat("Get", Singular(info));
  Bind(method, rpc::Runs::kBlocking, info, &RegistryService::Get);
  service_.AtOnce(method, [this, &info](const rpc::CallContext& context, const Message& request) {
    return GetAtOnce(info, context, request);
  });
}

std::optional<absl::StatusOr<std::string>> RegistryService::GetAtOnce(const KindInfo& info,
                                                                      const rpc::CallContext& context,
                                                                      const Message& request) {
  const RequestView view(request);
  if (ViewOf(view) == v1::RESOURCE_VIEW_BASIC || view.Number("min_revision") > registry_.store().head()) {
    return std::nullopt;
  }
  return registry_.GetFromMemory(context.principal(), info.kind, view.Text("name"));
}

absl::StatusOr<MessagePtr> RegistryService::Get(const KindInfo& info, const rpc::CallContext& context,
                                                const Message& request) {
  const RequestView view(request);
  OREWATCH_RETURN_IF_ERROR(registry_.CheckMinRevision(view.Number("min_revision")));
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry entry, OfOneHistory(registry_.store(), [&] {
                              return registry_.Get(context.principal(), info.kind, view.Text("name"));
                            }));
  TrimEntry(ViewOf(view), entry);
  return Take(info, std::move(entry));
}

absl::StatusOr<MessagePtr> RegistryService::List(const KindInfo& info, const rpc::CallContext& context,
                                                 const Message& request) {
  const RequestView view(request);
  ListRequest wanted{PageOf(context, view),     info.kind,           "",
                     view.Flag("show_deleted"), view.Text("filter"), view.Text("order_by")};
  OREWATCH_ASSIGN_OR_RETURN(wanted.prefix, PrefixOf(info, view.Text("parent")));
  OREWATCH_ASSIGN_OR_RETURN(Page page, registry_.List(wanted));
  const auto* method = service_.descriptor()->FindMethodByName(ListMethodOf(*service_.descriptor(), info));
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  MessagePtr response(factory->GetPrototype(method->output_type())->New());
  const auto* reflection = response->GetReflection();
  const auto field = [&](const char* name) { return response->GetDescriptor()->FindFieldByName(name); };
  for (v1::Entry& entry : page.entries) {
    TrimEntry(ViewOf(view), entry);
    Message* added = reflection->AddMessage(response.get(), response->GetDescriptor()->FindFieldByNumber(1));
    added->GetReflection()->Swap(added, &MutableMessageIn(info.kind, entry));
  }
  reflection->SetString(response.get(), field("next_page_token"), page.next_page_token);
  reflection->MutableMessage(response.get(), field("revision"))->CopyFrom(registry_.RevisionOf(page.revision));
  return response;
}

absl::StatusOr<MessagePtr> RegistryService::Create(const KindInfo& info, const rpc::CallContext& context,
                                                   const Message& request) {
  const RequestView view(request);
  const std::string id_field = absl::StrCat(ResourceField(info), "_id");
  OREWATCH_RETURN_IF_ERROR(CheckId(info.kind, view.Text(id_field), id_field));
  ResourceName name{info.kind, view.Text(id_field), ""};
  if (info.parent.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(const ResourceName parent, ParseNameOf(*info.parent, view.Text("parent"), "parent"));
    name.parent_id = parent.id;
  }
  v1::Entry entry;
  Message& resource = MutableMessageIn(info.kind, entry);
  resource.CopyFrom(*view.Nested(ResourceField(info)));
  SetName(name.ToString(), resource);
  Mutation mutation = PutOf(Mutation::Operation::kCreate, std::move(entry));
  mutation.path = absl::StrCat(ResourceField(info), ".");
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry created, registry_.Apply(mutation, OptionsOf(context, view, request)));
  return Take(info, std::move(created));
}

absl::StatusOr<MessagePtr> RegistryService::Update(const KindInfo& info, const rpc::CallContext& context,
                                                   const Message& request) {
  const RequestView view(request);
  v1::Entry entry;
  MutableMessageIn(info.kind, entry).CopyFrom(*view.Nested(ResourceField(info)));
  Mutation mutation = PutOf(Mutation::Operation::kUpdate, std::move(entry));
  mutation.path = absl::StrCat(ResourceField(info), ".");
  mutation.mask = dynamic_cast<const google::protobuf::FieldMask&>(*view.Nested("update_mask"));
  mutation.allow_missing = view.Flag("allow_missing");
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry updated, registry_.Apply(mutation, OptionsOf(context, view, request)));
  return Take(info, std::move(updated));
}

absl::StatusOr<MessagePtr> RegistryService::Delete(const KindInfo& info, const rpc::CallContext& context,
                                                   const Message& request) {
  const RequestView view(request);
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry deleted, registry_.Apply(NamedMutation(Mutation::Operation::kDelete, info, view),
                                                               OptionsOf(context, view, request)));
  return Take(info, std::move(deleted));
}

absl::StatusOr<MessagePtr> RegistryService::Undelete(const KindInfo& info, const rpc::CallContext& context,
                                                     const Message& request) {
  const RequestView view(request);
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry back, registry_.Apply(NamedMutation(Mutation::Operation::kUndelete, info, view),
                                                            OptionsOf(context, view, request)));
  return Take(info, std::move(back));
}

absl::StatusOr<v1::BatchGetResponse> RegistryService::BatchGet(const rpc::CallContext& context,
                                                               const v1::BatchGetRequest& request) const {
  OREWATCH_RETURN_IF_ERROR(registry_.CheckMinRevision(request.min_revision()));
  OREWATCH_ASSIGN_OR_RETURN(Page page,
                            registry_.BatchGet(context.principal(), {request.names().begin(), request.names().end()}));
  v1::BatchGetResponse response;
  for (v1::Entry& entry : page.entries) {
    TrimEntry(request.view(), entry);
    *response.add_entries() = std::move(entry);
  }
  *response.mutable_revision() = registry_.RevisionOf(page.revision);
  return response;
}

void RegistryService::BindBatches() {
  service_.Unary<v1::BatchGetRequest, v1::BatchGetResponse>(
      "BatchGet", rpc::Runs::kBlocking, [this](const rpc::CallContext& context, const v1::BatchGetRequest& request) {
        return OfOneHistory(registry_.store(), [&] { return BatchGet(context, request); });
      });
  service_.Unary<v1::ApplyChangesRequest, v1::ApplyChangesResponse>(
      "ApplyChanges", rpc::Runs::kWriting,
      [this](const rpc::CallContext& context,
             const v1::ApplyChangesRequest& request) -> absl::StatusOr<v1::ApplyChangesResponse> {
        OREWATCH_ASSIGN_OR_RETURN(const std::vector<Mutation> mutations, MutationsOf(request));
        return registry_.ApplyAll(mutations, OptionsOf(context, RequestView(request), request));
      });
}

absl::StatusOr<bool> RegistryService::Continues(const v1::GetHeadRequest& request) const {
  const absl::Status status = registry_.CheckContinues(request.after(), request.after_digest());
  // Storage that fails says nothing about the history.
  if (status.ok() || absl::IsOutOfRange(status) || absl::IsFailedPrecondition(status)) {
    return status.ok();
  }
  return status;
}

absl::StatusOr<v1::ListChangesResponse> RegistryService::ListChanges(const rpc::CallContext& context,
                                                                     const v1::ListChangesRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(HistoryPage page, registry_.ListChanges(PageOf(context, RequestView(request)),
                                                                    request.name(), request.oldest_first()));
  v1::ListChangesResponse response;
  for (v1::ChangeSet& set : page.change_sets) {
    *response.add_change_sets() = std::move(set);
  }
  response.set_next_page_token(page.next_page_token);
  *response.mutable_revision() = registry_.RevisionOf(page.revision);
  return response;
}

absl::StatusOr<v1::GetHeadResponse> RegistryService::GetHead(const v1::GetHeadRequest& request) const {
  OREWATCH_ASSIGN_OR_RETURN(const int64_t head, registry_.store().FindHead());
  v1::GetHeadResponse response;
  *response.mutable_revision() = registry_.RevisionOf(head);
  OREWATCH_ASSIGN_OR_RETURN(*response.mutable_digest(), registry_.store().DigestAt(head));
  response.set_earliest_revision(registry_.store().earliest());
  if (request.has_after()) {
    OREWATCH_ASSIGN_OR_RETURN(const bool continues, Continues(request));
    response.set_continues(continues);
  }
  return response;
}

void RegistryService::BindHistory() {
  service_.Unary<v1::ListChangesRequest, v1::ListChangesResponse>(
      "ListChanges", rpc::Runs::kBlocking,
      [this](const rpc::CallContext& context, const v1::ListChangesRequest& request) {
        return OfOneHistory(registry_.store(), [&] { return ListChanges(context, request); });
      });
  service_.Unary<v1::GetHeadRequest, v1::GetHeadResponse>(
      "GetHead", rpc::Runs::kBlocking, [this](const rpc::CallContext&, const v1::GetHeadRequest& request) {
        return OfOneHistory(registry_.store(), [&] { return GetHead(request); });
      });
  service_.Unary<v1::CompactRequest, v1::CompactResponse>(
      "Compact", rpc::Runs::kWriting,
      [this](const rpc::CallContext&, const v1::CompactRequest& request) -> absl::StatusOr<v1::CompactResponse> {
        OREWATCH_RETURN_IF_ERROR(registry_.Compact(request.revision()));
        v1::CompactResponse response;
        response.set_earliest_revision(registry_.store().earliest());
        return response;
      });
}

void RegistryService::BindSearch() {
  service_.Unary<v1::SearchRequest, v1::SearchResponse>(
      "Search", rpc::Runs::kBlocking,
      [this](const rpc::CallContext& context, const v1::SearchRequest& request) -> absl::StatusOr<v1::SearchResponse> {
        OREWATCH_ASSIGN_OR_RETURN(const std::vector<Kind> kinds,
                                  KindsOf({request.kinds().begin(), request.kinds().end()}));
        OREWATCH_ASSIGN_OR_RETURN(SearchPage page,
                                  registry_.Search(PageOf(context, RequestView(request)), request.query(), kinds));
        v1::SearchResponse response;
        for (SearchPage::Match& match : page.matches) {
          TrimEntry(request.view(), match.entry);
          auto& result = *response.add_results();
          *result.mutable_entry() = std::move(match.entry);
          result.set_score(match.score);
        }
        response.set_next_page_token(page.next_page_token);
        *response.mutable_revision() = registry_.RevisionOf(page.revision);
        return response;
      });
}

void RegistryService::BindStatistics() {
  service_.Unary<v1::GetStatisticRequest, v1::Statistic>(
      "GetStatistic", rpc::Runs::kBlocking,
      [this](const rpc::CallContext& context, const v1::GetStatisticRequest& request) -> absl::StatusOr<v1::Statistic> {
        OREWATCH_RETURN_IF_ERROR(registry_.CheckMinRevision(request.min_revision()));
        OREWATCH_ASSIGN_OR_RETURN(const Mutation key, StatisticMutation(request.statistic()));
        OREWATCH_ASSIGN_OR_RETURN(v1::Entry entry, OfOneHistory(registry_.store(), [&] {
                                    return registry_.Get(context.principal(), key.kind, key.key);
                                  }));
        return std::move(*entry.mutable_statistic());
      });
  service_.Unary<v1::ListStatisticsRequest, v1::ListStatisticsResponse>(
      "ListStatistics", rpc::Runs::kBlocking,
      [this](const rpc::CallContext& context,
             const v1::ListStatisticsRequest& request) -> absl::StatusOr<v1::ListStatisticsResponse> {
        if (request.kind() == v1::STATISTIC_KIND_UNSPECIFIED) {
          return InvalidField("kind", "must be given");
        }
        OREWATCH_ASSIGN_OR_RETURN(
            Page page, registry_.List({PageOf(context, RequestView(request)), KindOf(request.kind()), "", false,
                                       request.filter(), request.order_by()}));
        v1::ListStatisticsResponse response;
        for (v1::Entry& entry : page.entries) {
          *response.add_statistics() = std::move(*entry.mutable_statistic());
        }
        response.set_next_page_token(page.next_page_token);
        *response.mutable_revision() = registry_.RevisionOf(page.revision);
        return response;
      });
  service_.Unary<v1::DeleteStatisticRequest, v1::DeleteStatisticResponse>(
      "DeleteStatistic", rpc::Runs::kWriting,
      [this](const rpc::CallContext& context,
             const v1::DeleteStatisticRequest& request) -> absl::StatusOr<v1::DeleteStatisticResponse> {
        OREWATCH_ASSIGN_OR_RETURN(Mutation mutation, StatisticMutation(request.statistic()));
        mutation.allow_missing = request.allow_missing();
        OREWATCH_RETURN_IF_ERROR(registry_.Apply(mutation, OptionsOf(context, RequestView(request), request)).status());
        return v1::DeleteStatisticResponse();
      });
}

Viewer RegistryService::ViewerOf(const rpc::CallContext& context) const {
  return {context.principal(), context.caller().service && trusted_followers_.count(context.principal()) > 0};
}

void RegistryService::BindStreams() {
  service_.ServerStream<v1::WatchRequest, v1::ChangeSet>(
      "Watch", [this](const rpc::CallContext& context, const v1::WatchRequest& request, rpc::Waker waker) {
        return OpenWatch(registry_, ViewerOf(context), request, std::move(waker));
      });
  service_.ServerStream<v1::ExportRequest, v1::ExportResponse>(
      "Export", [this](const rpc::CallContext& context, const v1::ExportRequest& request, rpc::Waker waker) {
        return OpenExport(registry_, ViewerOf(context), request, std::move(waker));
      });
  service_.ClientStream<v1::ImportRequest, v1::ImportResponse>(
      "Import", [this](const rpc::CallContext& context) { return OpenImport(registry_, context); });
}

}  // namespace orewatch::registry
