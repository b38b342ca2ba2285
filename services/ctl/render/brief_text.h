// Briefs, matches and the feed as people read them.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

std::string CountryBriefText(const gateway::v1::CountryBrief& brief);
std::string SupplierBriefText(const gateway::v1::SupplierBrief& brief);
std::string ProjectBriefText(const gateway::v1::ProjectBrief& brief);

// Minerals and stages by the country's share of the world's output; `withheld` where that is not published.
Table ProductionTable(const gateway::v1::CountryBrief& brief);
Table FacilityTable(const google::protobuf::RepeatedPtrField<registry::v1::Facility>& facilities);

// Names, titles and scores, the best match first.
Table MatchTable(const gateway::v1::SearchResponse& response);

// One message of a feed, in lines; blank for one that only moves the token on.
std::string FeedText(const gateway::v1::WatchFeedResponse& message);

// A line beginning with `!` for each section of an answer's `sections` that is not whole.
std::string NestedSectionsText(const google::protobuf::Message& answer);
// Their names, such as `score, alerts`; blank: the answer has all it should.
std::string MissingNestedSections(const google::protobuf::Message& answer);

}  // namespace orewatch::ctl
