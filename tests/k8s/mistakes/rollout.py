"""Mistakes by which a rollout leaves callers behind, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("rollout-finds-callers")
def gone_before_names_are_forgotten(plant):
    plant.container("orewatch-risk")["lifecycle"]["preStop"]["sleep"]["seconds"] = 35


@mistake("rollout-finds-callers")
def rollout_that_does_not_look_back(plant):
    del plant.find("Deployment", "orewatch-risk")["spec"]["minReadySeconds"]


@mistake("rollout-finds-callers")
def rollout_without_a_pause(plant):
    del plant.find("Deployment", "orewatch-edge")["spec"]["minReadySeconds"]


@mistake("rollout-finds-callers")
def rollout_of_a_quarter_at_once(plant):
    plant.find("Deployment", "orewatch-gateway")["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = "25%"


@mistake("rollout-finds-callers")
def rollout_given_up_too_early(plant):
    plant.find("Deployment", "orewatch-gateway")["spec"]["progressDeadlineSeconds"] = 60
