import pytest
import torch

import mmgraph as mm
from mmgraph.evidence.embeddings import analyse, final_smoothness, projection, smoothness_by_layer
from mmgraph.evidence.smoothness import mean_cosine
from mmgraph.typing import INTERACTS, Sides
from tests.evidence.planted import train_planted


def test_layers_of_each_modality_then_the_final_vectors(rednd_run):
    rows = smoothness_by_layer(rednd_run)
    layers = rednd_run.config.model.num_layers
    parts = [(row["part"], row["layer"]) for row in rows]
    modalities = list(rednd_run.dataset.summary["modalities"])
    assert parts == [*((f"propagation ({name})", k) for name in modalities for k in range(layers + 1)), ("final", None)]
    final = rednd_run.serving.encoding
    edges = rednd_run.graph[INTERACTS].edge_index
    assert rows[-1]["neighbor_cosine"] == pytest.approx(mean_cosine(Sides(final.user, final.item), edges), abs=1e-5)
    first, last = rows[0], rows[layers]
    assert last["neighbor_cosine"] > first["neighbor_cosine"]  # what messages do


def test_parts_that_run_once_have_their_own_names(suid_run):
    parts = {row["part"] for row in smoothness_by_layer(suid_run)}
    assert parts == {"collaborative", "modal.propagation (image)", "modal.propagation (text)", "final"}


def test_final_numbers_and_pictures_need_no_data(shop_run):
    assert final_smoothness(shop_run)["item_rank"] > 1
    found = projection(shop_run.folder, method="pca", points=20, seed=1)
    assert found.place.shape == (20, 2)
    assert found.total == 30
    assert torch.equal(found.row, projection(shop_run, method="pca", points=20, seed=1).row)


def test_an_analysis_has_curves_and_a_picture(rednd_run):
    found = analyse(rednd_run, method="pca", points=30)
    assert "30 of 60 items" in found.notes[1]
    assert [axes.get_title() for axes in found.figure().axes][-1] == "pca, items"


def test_models_without_vectors_are_refused(tmp_path):
    with pytest.raises(ValueError, match="this model has no vectors of items"):
        projection(train_planted(tmp_path))


@pytest.mark.parametrize("name", ["ease", "item_knn"])
def test_weights_of_items_are_no_vectors(name):
    found = mm.run(name, mm.Synthetic(num_users=60, num_items=60), verbose=False)
    with pytest.raises(ValueError, match="this model has no vectors of items"):
        projection(found)
