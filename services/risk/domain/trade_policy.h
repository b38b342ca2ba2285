// What stands between an exporting country and an importer, from measures and agreements in force on a day.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/risk/domain/facts.h"

namespace orewatch::risk {

// The blocs, measures and agreements of one revision, by resource name.
struct TradePolicy {
  std::map<std::string, std::vector<Membership>> blocs;
  std::map<std::string, Restriction> restrictions;
  std::map<std::string, TradeAgreement> agreements;
  // ISO date; empty: no day has begun, and nothing is in force.
  std::string today;
};

// Effective, and neither ended nor under a suspension on the day. A date known to the year or month takes effect at its
// beginning and ends with its end. Without an effective date it never is.
bool InForce(const Restriction& restriction, const std::string& today);
bool InForce(const TradeAgreement& agreement, const std::string& today);
// Whatever it began with: what binds nobody need not enter into force.
bool Ended(const TradeAgreement& agreement, const std::string& today);

// Alpha-2 codes of the members on an ISO date; empty for a bloc that is not known.
std::set<std::string> MembersOn(const TradePolicy& policy, const std::string& bloc, const std::string& date);

// What is traded at a stage of a mineral: the codes and products of the rows that a score uses.
struct TradedForms {
  SeriesId series;
  std::set<std::string> hs6;
  std::set<std::string> products;
};
// The restriction names the mineral and stage, and one of the codes and products where it names any and those traded
// are known.
bool Covers(const Restriction& restriction, const TradedForms& forms);

// Who imports: alpha-2 codes of the members, and its own alpha-2 code or bloc id.
struct ImporterView {
  std::string id;
  std::set<std::string> members;
  bool is_bloc = false;
};

// A country, or the members of a bloc in the year. `importer` is a resource name.
ImporterView ViewOf(const std::string& importer, const TradePolicy& policy, int year);

struct Relation {
  TradeRelation kind = TradeRelation::kNone;
  // Resource name of the measure or agreement that decides; empty: none does.
  std::string because;
};

// The two are parties to it, themselves or as members of a bloc, and it covers the mineral.
bool IsBetween(const TradeAgreement& agreement, const std::string& exporter, const ImporterView& importer,
               const std::string& mineral, const TradePolicy& policy);

// Resource names of what is in force between the two for what is traded: measures of the exporter, then agreements.
std::vector<std::string> InForceBetween(const std::string& exporter, const ImporterView& importer,
                                        const TradedForms& forms, const TradePolicy& policy);

// Where the measure or agreement of that resource name comes from; empty for any other name.
Provenance ProvenanceOf(const TradePolicy& policy, const std::string& name);

// A member is a member. Else the restriction with the largest factor decides, save that an agreement stands in the
// place of an export tax, as in the methodology; and an agreement decides where nothing restricts. Of equal
// restrictions the first by name.
Relation RelationOf(const std::string& exporter, const ImporterView& importer, const TradedForms& forms,
                    const TradePolicy& policy, const TradeFactors& factors);

}  // namespace orewatch::risk
