from mmgraph.evidence.settings import settings_of

BPR = {"_target_": "mmgraph.losses.BPR", "weight": 1.0, "base": 2}


def test_an_option_at_its_default_is_none():
    before = {"loss": {"_target_": "mmgraph.losses.Objective", "terms": {"bpr": BPR}}}
    after = {"loss": {"_target_": "mmgraph.losses.Objective", "terms": {"bpr": {**BPR, "reduction": "mean"}}}}
    other = {"loss": {"_target_": "mmgraph.losses.Objective", "terms": {"bpr": {**BPR, "reduction": "sum"}}}}
    assert settings_of(before) == settings_of(after) != settings_of(other)


def test_numbers_are_numbers_and_lists_are_lists():
    loader = {"_target_": "mmgraph.loader.FullGraphLoader", "_partial_": True, "batch_size": 64}
    assert settings_of({"loader": loader}) == settings_of({"loader": {**loader, "batch_size": 64.0}})


def test_a_class_that_is_not_here_is_taken_as_it_is():
    model = {"_target_": "elsewhere.Model", "size": 1}
    assert settings_of({"model": model})["model"] == model


def test_where_things_lie_and_what_runs_them_is_left_out():
    run = {"trainer": {"max_epochs": 3, "devices": 2, "shard": True}, "logger": "files", "data_root": "/x", "seed": 1}
    assert settings_of(run) == settings_of({"trainer": {"max_epochs": 3}})
