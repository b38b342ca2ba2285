// What risk knows of projects, of capacity that nobody has bought, of what countries need, and of what governments have
// agreed: each with who may read it. None of it enters a score.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/risk/domain/fact_types.h"
#include "services/risk/domain/project_outlook.h"
#include "services/risk/domain/readers.h"

namespace orewatch::risk {

struct CommitmentRecord {
  // Alpha-2; empty: not known.
  std::string country;
  // ISO texts with the precision known; empty: none.
  std::string next_decision;
  std::string lapse;
  // It is an offtake, however much it is of.
  bool offtake = false;
  std::optional<double> offtake_tonnes_per_year;

  // By the end of a day of full precision; a month or year is over with its last day.
  bool HasLapsed(const std::string& today) const;
  bool operator==(const CommitmentRecord&) const = default;
};

struct MilestoneRecord {
  std::string title;
  std::string planned;
  std::string actual;
  bool operator==(const MilestoneRecord&) const = default;
};

struct ProjectRecord {
  // Alpha-2.
  std::string country;
  // Resource name.
  std::string mineral;
  StageNumber stage = 0;
  ProjectStatus status = ProjectStatus::kUnspecified;
  std::string product;
  std::optional<double> capacity_tonnes_per_year;
  BasisNumber basis = 0;
  std::vector<CommitmentRecord> commitments;
  std::vector<MilestoneRecord> milestones;
  Provenance provenance;
  Readers readers;
  // The registry's message, serialized: answers show it as it is.
  std::shared_ptr<const std::string> document;
};

// Capacity of one plant that runs which no contract binds.
struct Headroom {
  // Alpha-2.
  std::string country;
  std::string product;
  double tonnes_per_year = 0;
  BasisNumber basis = 0;
  Provenance provenance;
  Readers readers;
};

// What a country or bloc needs in a year.
struct RequirementRecord {
  // Alpha-2 code or id of a bloc.
  std::string holder;
  std::string mineral;
  // 0: not said.
  StageNumber stage = 0;
  std::string product;
  int year = 0;
  std::optional<double> tonnes;
  BasisNumber basis = 0;
  std::string scope;
  Provenance provenance;
  Readers readers;
};

struct AgreementRecord {
  // It binds trade; parties and dates are those of a trade agreement.
  bool binding = false;
  TradeAgreement agreement;
  Readers readers;
};

// By resource name.
using ProjectRecords = std::map<std::string, ProjectRecord>;
using RequirementRecords = std::map<std::string, RequirementRecord>;
using AgreementRecords = std::map<std::string, AgreementRecord>;
// By facility; one plant may make several products.
using HeadroomKey = std::pair<std::string, int>;
using Headrooms = std::map<HeadroomKey, Headroom>;

// Nothing as a value: the fact is gone.
struct ProjectChanges {
  std::map<std::string, std::optional<ProjectRecord>> projects;
  std::map<std::string, std::optional<RequirementRecord>> requirements;
  std::map<std::string, std::optional<AgreementRecord>> agreements;
  std::map<std::pair<SeriesId, HeadroomKey>, std::optional<Headroom>> headrooms;
};

// Immutable parts that copies share. A change copies the part of one mineral and stage.
struct ProjectWorld {
  std::shared_ptr<const ProjectRecords> projects = std::make_shared<const ProjectRecords>();
  std::shared_ptr<const RequirementRecords> requirements = std::make_shared<const RequirementRecords>();
  std::shared_ptr<const AgreementRecords> agreements = std::make_shared<const AgreementRecords>();
  std::map<SeriesId, std::shared_ptr<const Headrooms>> headrooms;

  void Apply(const ProjectChanges& changes);
};

}  // namespace orewatch::risk
