// The kinds of thing that the services keep, and their standard methods by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "services/ctl/client/client.h"

namespace orewatch::ctl {

// A column of the table in which a kind is listed.
struct KindColumn {
  absl::string_view title;
  absl::string_view path;
};

// One kind. `message` and `messages` are what its methods are called after: Get<message>, List<messages>.
struct Kind {
  absl::string_view singular;
  absl::string_view plural;
  absl::string_view service;
  absl::string_view message;
  absl::string_view messages;
  // Value of ListStatisticsRequest.kind; empty: not statistics.
  absl::string_view statistic = {};
  std::vector<KindColumn> columns = {};
};

absl::Span<const Kind> Kinds();

// The kind that a word names, singular or plural in any case. INVALID_ARGUMENT with reason USAGE lists the kinds.
absl::StatusOr<const Kind*> FindKind(absl::string_view word);

// The kind of a resource name. As FindKind.
absl::StatusOr<const Kind*> KindOfName(absl::string_view name);

// A new request of a standard method such as `GetMineralRequest`, or the message of a kind; null: no such message.
std::unique_ptr<google::protobuf::Message> NewMessage(const Kind& kind, absl::string_view message);

// Calls `method` with the request and returns its response. A request that takes a request_id is given one, so that the
// channel may repeat it.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallMethod(const Client& client, const Kind& kind,
                                                                      absl::string_view method,
                                                                      google::protobuf::Message& request);

// Lists to the last page and returns one response with all of it. `prepare` sets what the request has beside the page.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ListAll(
    const Client& client, const Kind& kind, absl::FunctionRef<void(google::protobuf::Message&)> prepare);

// Sets a field by its name. The field must exist and be of the type.
void SetText(google::protobuf::Message& message, absl::string_view field, absl::string_view text);
void SetBoolean(google::protobuf::Message& message, absl::string_view field, bool value);
std::string TextOf(const google::protobuf::Message& message, absl::string_view field);

}  // namespace orewatch::ctl
