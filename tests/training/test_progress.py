import pytest

from mmgraph.training.progress import TrainingProgress


@pytest.fixture
def progress():
    return TrainingProgress(max_epochs=10, monitor="recall@20")


def row(epoch):
    return {
        "epoch": epoch,
        "loss/bpr": 0.5,
        "loss/hcl": 0.0,
        "val/recall@20": 0.25,
        "seconds": 1.5,
        "evaluation_seconds": 0.5,
    }


def test_an_epoch_has_the_number_that_it_has_in_the_files(progress, capsys):
    progress.epoch(row(3), best=True)
    line = "epoch 3  bpr 0.5000  hcl 0.0000  val recall@20 0.25000 (best)  2.0 s, 4 of 10 done, at most 0:12 left"
    assert capsys.readouterr().out.splitlines() == [line]


def test_an_epoch_that_was_not_evaluated_shows_its_losses(progress, capsys):
    shown = {name: value for name, value in row(3).items() if name not in ("val/recall@20", "evaluation_seconds")}
    progress.epoch(shown, best=False)
    line = "epoch 3  bpr 0.5000  hcl 0.0000  1.5 s, 4 of 10 done, at most 0:09 left"
    assert capsys.readouterr().out.splitlines() == [line]


def test_a_term_that_cannot_act_is_told_once_and_left_out(progress, capsys):
    for epoch in range(2):
        progress.epoch(row(epoch), best=False, idle={"hcl"})
    told, *lines = capsys.readouterr().out.splitlines()
    assert told.startswith("loss term hcl has no two views to compare")
    assert len(lines) == 2
    assert all("bpr 0.5000  val" in line for line in lines)


def test_the_bar_counts_users_after_steps(progress):
    assert list(progress.steps(range(3), epoch=0, total=3)) == [0, 1, 2]
    count = progress.ranking(10)
    count(4)
    count(3)
    (task,) = progress.bar.tasks
    assert (task.description, task.completed, task.total) == ("ranking users", 7, 10)
