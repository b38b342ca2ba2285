#include "services/registry/engine/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/domain/references.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/validation.h"
#include "services/registry/engine/page_token.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;
using google::protobuf::util::MessageDifferencer;

constexpr size_t kMaxPageBytes = 3'000'000;
constexpr int kReferrersNamed = 20;
constexpr char kOnlyValidated[] = "ONLY_VALIDATED";

absl::Status NotFound(const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, "NOT_FOUND", absl::StrCat(name, " does not exist"), {{"name", name}});
}

void ClearMetadata(Message& resource) {
  if (const auto* field = resource.GetDescriptor()->FindFieldByName("metadata")) {
    resource.GetReflection()->ClearField(&resource, field);
  }
}

absl::Status CheckMask(const FieldMask& mask, const Message& resource) {
  for (const std::string& path : mask.paths()) {
    const bool ours = path == "name" || path == "metadata" || absl::StartsWith(path, "metadata.");
    if (path == "*" ? mask.paths_size() > 1 : ours) {
      return InvalidField("update_mask", absl::StrCat("'", path, "' cannot be set"));
    }
    if (path != "*" && !FieldMaskUtil::GetFieldDescriptors(resource.GetDescriptor(), path, nullptr)) {
      return InvalidField("update_mask", absl::StrCat("there is no field '", path, "'"));
    }
  }
  return absl::OkStatus();
}

// `live` with the masked fields of `wanted`; all of `wanted` if the mask is empty or `*`.
void Merge(const Message& wanted, const FieldMask& mask, Message& live) {
  if (mask.paths_size() == 0 || mask.paths(0) == "*") {
    const std::string name = NameIn(live);
    live.CopyFrom(wanted);
    SetName(name, live);
    return;
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(wanted, mask, options, &live);
}

absl::Status CheckEtag(const std::string& wanted, const std::string& actual, const std::string& name) {
  if (wanted.empty() || wanted == actual) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   absl::StrCat(name, " has changed since it was read; read it again"), {{"name", name}});
}

std::string QueryOf(const PageRequest& request) {
  return absl::StrCat(static_cast<int>(request.kind), ":", request.prefix);
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace

absl::Status CheckReferences(const v1::Entry& entry, WriteTransaction& transaction,
                             const std::function<bool(const std::string&)>& also_present) {
  for (const Reference& reference : ReferencesOf(entry)) {
    const auto name = ParseResourceName(reference.target);
    if (also_present != nullptr && also_present(reference.target)) {
      continue;
    }
    bool exists = false;
    if (name.ok()) {
      OREWATCH_ASSIGN_OR_RETURN(const auto found, transaction.Find(name->kind, reference.target));
      exists = found.has_value();
    }
    if (!exists) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND",
                       absl::StrCat(reference.field, ": ", reference.target, " does not exist"),
                       {{"field", reference.field}, {"target", reference.target}});
    }
  }
  return absl::OkStatus();
}

void AddTouched(Kind kind, const std::string& key, const v1::Entry& entry, std::vector<EntryKey>& touched) {
  touched.push_back({kind, key});
  for (const Reference& reference : ReferencesOf(entry)) {
    if (const auto name = ParseResourceName(reference.target); name.ok()) {
      touched.push_back({name->kind, reference.target});
    }
  }
}

type::v1::Revision Registry::RevisionOf(int64_t number) const {
  type::v1::Revision revision;
  revision.set_lineage(store_.lineage());
  revision.set_number(number);
  return revision;
}

std::string Registry::EtagOf(const StoredEntry& stored) const {
  constexpr size_t kLineagePart = 8;
  return absl::StrCat(store_.lineage().substr(0, kLineagePart), "-", stored.from_revision);
}

v1::Entry Registry::WithMetadata(StoredEntry stored) const {
  if (IsResource(stored.kind)) {
    Message& resource = MutableMessageIn(stored.kind, stored.entry);
    const auto* field = resource.GetDescriptor()->FindFieldByName("metadata");
    auto& metadata = dynamic_cast<type::v1::Metadata&>(*resource.GetReflection()->MutableMessage(&resource, field));
    metadata.set_etag(EtagOf(stored));
    *metadata.mutable_revision() = RevisionOf(stored.from_revision);
    *metadata.mutable_create_time() = TimestampOf(stored.create_time);
    *metadata.mutable_update_time() = TimestampOf(stored.update_time);
  }
  return std::move(stored.entry);
}

absl::Status Registry::CheckMinRevision(int64_t min_revision) const {
  if (min_revision <= store_.head()) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kOutOfRange, "REVISION_ABOVE_HEAD",
                   absl::StrCat("revision ", min_revision, " does not exist; the head is ", store_.head()),
                   {{"head", absl::StrCat(store_.head())}});
}

absl::StatusOr<v1::Entry> Registry::Get(Kind kind, const std::string& name) const {
  OREWATCH_RETURN_IF_ERROR(ParseNameOf(kind, name, "name").status());
  OREWATCH_ASSIGN_OR_RETURN(std::optional<StoredEntry> stored, store_.Find(kind, name));
  if (!stored.has_value()) {
    return NotFound(name);
  }
  return WithMetadata(*std::move(stored));
}

absl::StatusOr<Page> Registry::List(const PageRequest& request) const {
  OREWATCH_RETURN_IF_ERROR(CheckMinRevision(request.min_revision));
  PageToken token{store_.lineage(), store_.head(), QueryOf(request), ""};
  if (!request.page_token.empty()) {
    OREWATCH_ASSIGN_OR_RETURN(const PageToken sent, DecodePageToken(request.page_token));
    if (sent.lineage != token.lineage || sent.query != token.query || sent.revision > token.revision) {
      return InvalidField("page_token", "belongs to another query or another history");
    }
    token = sent;
  }
  const int size = request.page_size == 0 ? kDefaultPageSize : std::min(request.page_size, kMaxPageSize);
  OREWATCH_ASSIGN_OR_RETURN(ListResult result, store_.List({request.kind, request.prefix, token.after_key,
                                                            token.revision, static_cast<size_t>(size), kMaxPageBytes}));
  Page page;
  page.revision = token.revision;
  if (result.more) {
    token.after_key = result.entries.back().key;
    page.next_page_token = EncodePageToken(token);
  }
  for (StoredEntry& stored : result.entries) {
    page.entries.push_back(WithMetadata(std::move(stored)));
  }
  return page;
}

absl::StatusOr<v1::Entry> Registry::WriteOnce(const WriteOptions& options, const std::vector<EntryKey>& touched,
                                              const std::function<absl::StatusOr<v1::Entry>(WriteTransaction&)>& body) {
  v1::Entry answer;
  const auto committed =
      store_.CommitTouching(touched, options.author, [&](WriteTransaction& transaction) -> absl::Status {
        const bool repeatable = !options.author.request_id.empty() && !options.validate_only;
        if (repeatable) {
          OREWATCH_ASSIGN_OR_RETURN(const auto past, transaction.FindRequest(options.author));
          if (past.has_value()) {
            answer.ParseFromString(past->answer);
            return past->digest == options.payload
                       ? absl::OkStatus()
                       : InvalidField("request_id", "was used for another request within the last day");
          }
        }
        OREWATCH_ASSIGN_OR_RETURN(answer, body(transaction));
        if (options.validate_only) {
          return MakeError(absl::StatusCode::kCancelled, kOnlyValidated, "rolled back");
        }
        return repeatable ? transaction.KeepRequest(options.author, {options.payload, answer.SerializeAsString()})
                          : absl::OkStatus();
      });
  if (!committed.ok() && ErrorReason(committed.status()) != kOnlyValidated) {
    return committed.status();
  }
  return answer;
}

absl::StatusOr<v1::Entry> Registry::Create(const v1::Entry& entry, const WriteOptions& options) {
  v1::Entry wanted = entry;
  const Kind kind = *KindOf(entry);
  ClearMetadata(MutableMessageIn(kind, wanted));
  OREWATCH_RETURN_IF_ERROR(Validate(wanted).ToStatus());
  const std::string name = NameIn(MessageIn(kind, wanted));
  std::vector<EntryKey> touched;
  AddTouched(kind, name, wanted, touched);
  return WriteOnce(options, touched, [&](WriteTransaction& transaction) -> absl::StatusOr<v1::Entry> {
    OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(kind, name));
    if (live.has_value()) {
      return MakeError(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", absl::StrCat(name, " exists"),
                       {{"name", name}});
    }
    OREWATCH_RETURN_IF_ERROR(CheckReferences(wanted, transaction));
    OREWATCH_RETURN_IF_ERROR(transaction.Put(kind, name, wanted));
    OREWATCH_ASSIGN_OR_RETURN(auto stored, transaction.Find(kind, name));
    return WithMetadata(*std::move(stored));
  });
}

absl::StatusOr<v1::Entry> Registry::Update(const v1::Entry& entry, const FieldMask& mask, const WriteOptions& options) {
  const Kind kind = *KindOf(entry);
  v1::Entry wanted = entry;
  ClearMetadata(MutableMessageIn(kind, wanted));
  const std::string name = NameIn(MessageIn(kind, wanted));
  OREWATCH_RETURN_IF_ERROR(ParseNameOf(kind, name, "name").status());
  OREWATCH_RETURN_IF_ERROR(CheckMask(mask, MessageIn(kind, wanted)));
  std::vector<EntryKey> touched;
  AddTouched(kind, name, wanted, touched);
  return WriteOnce(options, touched, [&](WriteTransaction& transaction) -> absl::StatusOr<v1::Entry> {
    OREWATCH_ASSIGN_OR_RETURN(auto live, transaction.Find(kind, name));
    if (!live.has_value() && !options.allow_missing) {
      return NotFound(name);
    }
    v1::Entry merged = wanted;
    if (live.has_value()) {
      OREWATCH_RETURN_IF_ERROR(CheckEtag(options.etag, EtagOf(*live), name));
      merged = live->entry;
      Merge(MessageIn(kind, wanted), mask, MutableMessageIn(kind, merged));
      if (MessageDifferencer::Equals(merged, live->entry)) {
        return WithMetadata(*std::move(live));
      }
    }
    OREWATCH_RETURN_IF_ERROR(Validate(merged).ToStatus());
    OREWATCH_RETURN_IF_ERROR(CheckReferences(merged, transaction));
    OREWATCH_RETURN_IF_ERROR(transaction.Put(kind, name, merged));
    OREWATCH_ASSIGN_OR_RETURN(auto stored, transaction.Find(kind, name));
    return WithMetadata(*std::move(stored));
  });
}

absl::Status Registry::Delete(Kind kind, const std::string& name, const WriteOptions& options) {
  OREWATCH_RETURN_IF_ERROR(ParseNameOf(kind, name, "name").status());
  return WriteOnce(options, {{kind, name}},
                   [&](WriteTransaction& transaction) -> absl::StatusOr<v1::Entry> {
                     OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(kind, name));
                     if (!live.has_value()) {
                       return options.allow_missing ? absl::StatusOr<v1::Entry>(v1::Entry()) : NotFound(name);
                     }
                     OREWATCH_RETURN_IF_ERROR(CheckEtag(options.etag, EtagOf(*live), name));
                     OREWATCH_ASSIGN_OR_RETURN(const auto referrers, transaction.Referrers(name, kReferrersNamed));
                     if (!referrers.empty()) {
                       return MakeError(absl::StatusCode::kFailedPrecondition, "STILL_REFERENCED",
                                        absl::StrCat(name, " is referred to by ", referrers.front()),
                                        {{"name", name}, {"referrers", absl::StrJoin(referrers, ",")}});
                     }
                     OREWATCH_RETURN_IF_ERROR(transaction.Delete(kind, name));
                     return v1::Entry();
                   })
      .status();
}

absl::Status Registry::CommitToday() {
  const absl::CivilDay day = absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone());
  v1::Entry today;
  today.mutable_today()->set_name(std::string(kTodayName));
  today.mutable_today()->mutable_date()->set_year(static_cast<int32_t>(day.year()));
  today.mutable_today()->mutable_date()->set_month(day.month());
  today.mutable_today()->mutable_date()->set_day(day.day());
  return store_
      .Commit({"orewatch-registry", ""},
              [&](WriteTransaction& transaction) -> absl::Status {
                OREWATCH_ASSIGN_OR_RETURN(const auto live, transaction.Find(Kind::kToday, std::string(kTodayName)));
                if (live.has_value() && MessageDifferencer::Equals(live->entry, today)) {
                  return absl::OkStatus();
                }
                return transaction.Put(Kind::kToday, std::string(kTodayName), today);
              })
      .status();
}

}  // namespace orewatch::registry
