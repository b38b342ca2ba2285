#include "services/gateway/api/answer_memory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/client/backend.h"

namespace orewatch::gateway {

std::string AnswerMemory::KeyOf(absl::string_view method, const rpc::Caller& caller,
                                const google::protobuf::Message& request) {
  std::string key = absl::StrCat(method, "\n", gateway::KeyOf(caller));
  request.AppendToString(&key);
  return key;
}

std::optional<std::string> AnswerMemory::Find(const std::string& key, const Stamps& stamps, absl::Time now) {
  const auto found = answers_.Find(key);
  // Those that were put all know their positions.
  if (found == nullptr || found->stamps != stamps || now - found->asked > kLongest) {
    return std::nullopt;
  }
  return found->encoded;
}

void AnswerMemory::Put(const std::string& key, const Stamps& stamps, absl::Time asked, std::string encoded) {
  if (std::find(stamps.begin(), stamps.end(), 0U) != stamps.end()) {
    return;
  }
  const size_t bytes = encoded.size();
  answers_.Put(key, std::make_shared<Answer>(Answer{stamps, asked, std::move(encoded)}), bytes);
}

}  // namespace orewatch::gateway
