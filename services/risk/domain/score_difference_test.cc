#include "services/risk/domain/score_difference.h"

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Input Output(const std::string& country, double tonnes, double contribution, int year = 2024) {
  Input input;
  input.role = "production";
  input.country = country;
  input.contribution = contribution;
  input.year = year;
  input.dataset = "usgs-mcs-2026";
  input.basis = 2;
  input.figure.amount = tonnes;
  return input;
}

Input Weight(const std::string& country, double value) {
  Input input;
  input.role = "governance";
  input.country = country;
  input.value = value;
  input.year = 2023;
  input.dataset = "wgi";
  return input;
}

ScoreRecord Record(std::vector<Input> inputs) {
  ScoreRecord record;
  record.score.inputs = std::move(inputs);
  return record;
}

TEST(DifferencesTest, NamesWhatDrivesAChangeBeforeWhatIsMovedByIt) {
  const ScoreRecord before = Record({Output("AU", 50, 2500), Output("CD", 50, 2500)});
  const ScoreRecord after = Record({Output("AU", 50, 1111), Output("CD", 100, 4444)});
  const auto differences = DifferencesOf(before, after);
  ASSERT_THAT(differences, SizeIs(2));
  EXPECT_EQ(differences[0].after->country, "CD");
  EXPECT_TRUE(differences[0].driver);
  EXPECT_DOUBLE_EQ(*differences[0].effect, 1944);
  EXPECT_EQ(differences[1].after->country, "AU");
  EXPECT_FALSE(differences[1].driver);
  EXPECT_DOUBLE_EQ(*differences[1].effect, -1389);
}

TEST(DifferencesTest, RanksDriversByTheSizeOfTheirEffect) {
  const ScoreRecord before = Record({Output("AU", 1, 100), Output("CD", 1, 100), Weight("AU", 0.5)});
  const ScoreRecord after = Record({Output("AU", 2, 150), Output("CD", 3, 20), Weight("AU", 0.6)});
  const auto differences = DifferencesOf(before, after);
  ASSERT_THAT(differences, SizeIs(3));
  EXPECT_EQ(differences[0].after->country, "CD");
  EXPECT_EQ(differences[1].after->country, "AU");
  EXPECT_EQ(differences[2].after->role, "governance");
  EXPECT_TRUE(differences[2].driver);
  EXPECT_FALSE(differences[2].effect.has_value());
}

TEST(DifferencesTest, WhatComesOrGoesCountsWhole) {
  const auto differences = DifferencesOf(Record({Output("AU", 1, 100)}), Record({Output("CD", 1, 70)}));
  ASSERT_THAT(differences, SizeIs(2));
  EXPECT_EQ(differences[0].after, nullptr);
  EXPECT_DOUBLE_EQ(*differences[0].effect, -100);
  EXPECT_EQ(differences[1].before, nullptr);
  EXPECT_DOUBLE_EQ(*differences[1].effect, 70);
}

TEST(DifferencesTest, ANewYearIsADriverThoughTheFigureIsTheSame) {
  const auto differences = DifferencesOf(Record({Output("AU", 1, 100, 2023)}), Record({Output("AU", 1, 100, 2024)}));
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_TRUE(differences[0].driver);
}

TEST(DifferencesTest, TellsInputsThatAreAlikeApartByTheirOrder) {
  const ScoreRecord before = Record({Output("AU", 1, 1), Output("AU", 2, 2)});
  const ScoreRecord after = Record({Output("AU", 1, 1), Output("AU", 3, 3)});
  const auto differences = DifferencesOf(before, after);
  ASSERT_THAT(differences, SizeIs(1));
  EXPECT_EQ(*differences[0].before->figure.amount, 2);
  EXPECT_THAT(DifferencesOf(before, before), IsEmpty());
}

}  // namespace
}  // namespace orewatch::risk
