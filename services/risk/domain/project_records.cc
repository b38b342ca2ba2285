#include "services/risk/domain/project_records.h"

#include "services/risk/domain/calendar.h"

namespace orewatch::risk {
namespace {

template <typename Key, typename Record>
void Put(const Key& key, const std::optional<Record>& record, std::map<Key, Record>& records) {
  if (record.has_value()) {
    records.insert_or_assign(key, *record);
  } else {
    records.erase(key);
  }
}

template <typename Record>
void ApplyAll(const std::map<std::string, std::optional<Record>>& changes,
              std::shared_ptr<const std::map<std::string, Record>>& records) {
  if (changes.empty()) {
    return;
  }
  auto copy = std::make_shared<std::map<std::string, Record>>(*records);
  for (const auto& [name, record] : changes) {
    Put(name, record, *copy);
  }
  records = std::move(copy);
}

}  // namespace

bool CommitmentRecord::HasLapsed(const std::string& today) const { return IsPast(lapse, today); }

void ProjectWorld::Apply(const ProjectChanges& changes) {
  ApplyAll(changes.projects, projects);
  ApplyAll(changes.requirements, requirements);
  ApplyAll(changes.agreements, agreements);
  std::map<SeriesId, std::shared_ptr<Headrooms>> copies;
  for (const auto& [at, headroom] : changes.headrooms) {
    auto& copy = copies[at.first];
    if (copy == nullptr) {
      const auto found = headrooms.find(at.first);
      copy = found == headrooms.end() ? std::make_shared<Headrooms>() : std::make_shared<Headrooms>(*found->second);
    }
    Put(at.second, headroom, *copy);
  }
  for (const auto& [id, copy] : copies) {
    if (copy->empty()) {
      headrooms.erase(id);
    } else {
      headrooms[id] = copy;
    }
  }
}

}  // namespace orewatch::risk
