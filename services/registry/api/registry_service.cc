#include "services/registry/api/registry_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/empty.pb.h"
#include "services/registry/api/request_view.h"
#include "services/registry/api/streams.h"
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
  options.payload = absl::StrCat(request.GetTypeName(), "\n", request.SerializeAsString());
  options.validate_only = view.Flag("validate_only");
  options.allow_missing = view.Flag("allow_missing");
  options.etag = view.Text("etag");
  return options;
}

PageRequest PageOf(Kind kind, const RequestView& view) {
  return {kind, "", static_cast<int>(view.Number("page_size")), view.Text("page_token"), view.Number("min_revision")};
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

absl::Status PrefixField(const std::string& field, const absl::Status& status) {
  FieldViolations violations;
  violations.AddAll(absl::StrCat(field, "."), status);
  return violations.empty() ? status : violations.ToStatus();
}

}  // namespace

RegistryService::RegistryService(Registry& registry)
    : registry_(registry), service_(v1::GetHeadRequest::descriptor()->file()->FindServiceByName("Registry")) {
  for (const KindInfo& info : ResourceKinds()) {
    BindKind(info);
  }
  BindStatistics();
  BindStreams();
}

void RegistryService::BindKind(const KindInfo& info) {
  Bind(absl::StrCat("Get", Singular(info)), info, &RegistryService::Get);
  Bind(ListMethodOf(*service_.descriptor(), info), info, &RegistryService::List);
  Bind(absl::StrCat("Create", Singular(info)), info, &RegistryService::Create);
  Bind(absl::StrCat("Update", Singular(info)), info, &RegistryService::Update);
  Bind(absl::StrCat("Delete", Singular(info)), info, &RegistryService::Delete);
}

void RegistryService::Bind(const std::string& method, const KindInfo& info, Handler handler) {
  service_.UnaryOfAnyType(method, rpc::Runs::kBlocking,
                          [this, &info, handler](const rpc::CallContext& context, const Message& request) {
                            return (this->*handler)(info, context, request);
                          });
}

absl::StatusOr<MessagePtr> RegistryService::Get(const KindInfo& info, const rpc::CallContext&, const Message& request) {
  const RequestView view(request);
  OREWATCH_RETURN_IF_ERROR(registry_.CheckMinRevision(view.Number("min_revision")));
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry entry, registry_.Get(info.kind, view.Text("name")));
  return Take(info, std::move(entry));
}

absl::StatusOr<MessagePtr> RegistryService::List(const KindInfo& info, const rpc::CallContext&,
                                                 const Message& request) {
  const RequestView view(request);
  PageRequest wanted = PageOf(info.kind, view);
  OREWATCH_ASSIGN_OR_RETURN(wanted.prefix, PrefixOf(info, view.Text("parent")));
  OREWATCH_ASSIGN_OR_RETURN(Page page, registry_.List(wanted));
  const auto* method = service_.descriptor()->FindMethodByName(ListMethodOf(*service_.descriptor(), info));
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  MessagePtr response(factory->GetPrototype(method->output_type())->New());
  const auto* reflection = response->GetReflection();
  const auto field = [&](const char* name) { return response->GetDescriptor()->FindFieldByName(name); };
  for (v1::Entry& entry : page.entries) {
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
  auto created = registry_.Create(entry, OptionsOf(context, view, request));
  if (!created.ok()) {
    return PrefixField(ResourceField(info), created.status());
  }
  return Take(info, *std::move(created));
}

absl::StatusOr<MessagePtr> RegistryService::Update(const KindInfo& info, const rpc::CallContext& context,
                                                   const Message& request) {
  const RequestView view(request);
  v1::Entry entry;
  Message& resource = MutableMessageIn(info.kind, entry);
  resource.CopyFrom(*view.Nested(ResourceField(info)));
  WriteOptions options = OptionsOf(context, view, request);
  options.etag = dynamic_cast<const type::v1::Metadata&>(*RequestView(resource).Nested("metadata")).etag();
  const auto& mask = dynamic_cast<const google::protobuf::FieldMask&>(*view.Nested("update_mask"));
  OREWATCH_ASSIGN_OR_RETURN(v1::Entry updated, registry_.Update(entry, mask, options));
  return Take(info, std::move(updated));
}

absl::StatusOr<MessagePtr> RegistryService::Delete(const KindInfo& info, const rpc::CallContext& context,
                                                   const Message& request) {
  const RequestView view(request);
  OREWATCH_RETURN_IF_ERROR(registry_.Delete(info.kind, view.Text("name"), OptionsOf(context, view, request)));
  return MessagePtr(std::make_unique<google::protobuf::Empty>());
}

void RegistryService::BindStatistics() {
  service_.Unary<v1::ListStatisticsRequest, v1::ListStatisticsResponse>(
      "ListStatistics", rpc::Runs::kBlocking,
      [this](const rpc::CallContext&,
             const v1::ListStatisticsRequest& request) -> absl::StatusOr<v1::ListStatisticsResponse> {
        if (request.kind() == v1::STATISTIC_KIND_UNSPECIFIED) {
          return InvalidField("kind", "must be given");
        }
        OREWATCH_ASSIGN_OR_RETURN(Page page, registry_.List(PageOf(KindOf(request.kind()), RequestView(request))));
        v1::ListStatisticsResponse response;
        for (v1::Entry& entry : page.entries) {
          *response.add_statistics() = std::move(*entry.mutable_statistic());
        }
        response.set_next_page_token(page.next_page_token);
        *response.mutable_revision() = registry_.RevisionOf(page.revision);
        return response;
      });
  service_.Unary<v1::GetHeadRequest, v1::GetHeadResponse>(
      "GetHead", rpc::Runs::kInline, [this](const rpc::CallContext&, const v1::GetHeadRequest&) {
        v1::GetHeadResponse response;
        *response.mutable_revision() = registry_.RevisionOf(registry_.store().head());
        return absl::StatusOr<v1::GetHeadResponse>(std::move(response));
      });
}

void RegistryService::BindStreams() {
  service_.ServerStream<v1::WatchRequest, v1::ChangeSet>(
      "Watch", [this](const rpc::CallContext&, const v1::WatchRequest& request, rpc::Waker waker) {
        return OpenWatch(registry_, request, std::move(waker));
      });
  service_.ServerStream<v1::ExportRequest, v1::ExportResponse>(
      "Export", [this](const rpc::CallContext&, const v1::ExportRequest& request, const rpc::Waker&) {
        return OpenExport(registry_, request);
      });
  service_.ClientStream<v1::ImportRequest, v1::ImportResponse>(
      "Import", [this](const rpc::CallContext& context) { return OpenImport(registry_, context.principal()); });
}

}  // namespace orewatch::registry
