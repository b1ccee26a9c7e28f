from unittest.mock import Mock

import pytest

from mmgraph.evidence.run_time import training_seconds
from mmgraph.pipeline.report import RunReport


def report(seconds, fit_seconds=None):
    history = [{"epoch": epoch, "seconds": value, "evaluation_seconds": 0.5} for epoch, value in enumerate(seconds)]
    return Mock(spec=RunReport, history=history, fit_seconds=fit_seconds)


def test_an_epoch_in_which_the_job_was_suspended_counts_as_the_others_do():
    assert training_seconds(report([1.0, 3600.0, 1.0])) == pytest.approx(4.5)


def test_a_model_without_epochs_took_what_its_fit_took():
    assert training_seconds(report([], fit_seconds=2.0)) == 2.0
    assert training_seconds(report([])) is None


def test_rows_without_times_are_left_out():
    assert training_seconds(Mock(spec=RunReport, history=[{"epoch": 0}], fit_seconds=7.0)) == 7.0
