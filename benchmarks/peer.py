"""Epochs of a clone of MMRec on a folder of ours, for epoch.py and rednd.py; prints one line of JSON.

    python benchmarks/peer.py PATH --model lightgcn --data-root DIR --dataset baby [--epochs N] [--set KEY=VALUE ...]

Their loader, model, trainer and evaluator run unchanged (they need pandas); what recent numpy, scipy and torch took
away is given back to them. Image and text features are made of the data set's first two modalities, or drawn:
--features 4096 384. --model rednd needs a clone of the official RedND repository, which grew out of MMRec; where an
epoch takes long, --batches N ends each after N batches.
"""

import argparse
import importlib
import importlib.util
import itertools
import json
import os
import resource
import sys
import tempfile
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch_geometric.utils import scatter

CLASSES = {
    "mf_bpr": ("bpr", "BPR"),
    "lightgcn": ("lightgcn", "LightGCN"),
    "layergcn": ("layergcn", "LayerGCN"),
    "vbpr": ("vbpr", "VBPR"),
    "mmgcn": ("mmgcn", "MMGCN"),
    "grcn": ("grcn", "GRCN"),
    "lattice": ("lattice", "LATTICE"),
    "slmrec": ("slmrec", "SLMRec"),
    "dualgnn": ("dualgnn", "DualGNN"),
    "dragon": ("dragon", "DRAGON"),
    "freedom": ("freedom", "FREEDOM"),
    "lgmrec": ("lgmrec", "LGMRec"),
    "bm3": ("bm3", "BM3"),
    "mgcn": ("mgcn", "MGCN"),
    "rednd": ("RedNnD", "RedNnD"),
}
# Where the first value of a grid of theirs is not our default.
EQUAL = {
    "lightgcn": {"n_layers": "3"},
    "layergcn": {"dropout": "0.1"},
    "bm3": {"dropout": "0.5"},
    "rednd": {"knn_k": "10"},
}
USER_GRAPHS = ("dualgnn", "dragon")
NEAREST_USERS = 200
MOVED = ("common", "common.abstract_recommender", "common.loss")
UNUSED = ("lmdb", "matplotlib", "matplotlib.pyplot")
UNUSED_HELPERS = ("ImageResize", "ImagePad", "image_to_tensor", "load_decompress_img_from_lmdb_value")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--model", choices=sorted(CLASSES), required=True)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--features", type=int, nargs=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batches", type=int)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    args = parser.parse_args()
    started = time.perf_counter()
    tools = "utils" if (args.path / "src" / "utils").is_dir() else "utils_package"
    give_back_what_is_gone(tools)
    with tempfile.TemporaryDirectory() as folder:
        lay_out(args.data_root.resolve() / args.dataset, Path(folder) / args.dataset, args.features)
        if args.model in USER_GRAPHS:
            lay_out_users(Path(folder) / args.dataset)
        sys.path.insert(0, str(args.path.resolve() / "src"))
        os.chdir(args.path / "src")
        silent = sys.stdout
        sys.stdout = sys.stderr
        words = EQUAL.get(args.model, {}) | dict(word.split("=", 1) for word in args.set)
        run = prepare(args.model, args.dataset, folder, tools, words)
        ready = time.perf_counter() - started
        seconds = [one_epoch(run, epoch, args.batches) for epoch in range(args.epochs)]
        sys.stdout = silent
    train, evaluation = zip(*seconds, strict=True)
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ready": ready, "train": train, "evaluation": evaluation, "mebibytes": mebibytes}))


def give_back_what_is_gone(tools: str) -> None:
    np.float = float  # type: ignore[attr-defined]
    load = torch.load
    torch.load = lambda *words, **options: load(*words, **{**options, "weights_only": False})  # their own cache files
    sp.dok_matrix._update = lambda self, found: self._dict.update(
        {(int(row), int(column)): np.float32(value) for (row, column), value in found.items()}
    )
    if not torch.cuda.is_available():  # some of their models ask for a GPU whatever the settings say
        torch.Tensor.cuda = lambda self, *words, **options: self  # type: ignore[assignment]
        torch.nn.Module.cuda = lambda self, *words, **options: self  # type: ignore[assignment]
    sys.modules |= {name: types.ModuleType(name) for name in UNUSED}
    if importlib.util.find_spec("torch_scatter") is None:
        sys.modules["torch_scatter"] = types.ModuleType("torch_scatter")
        sys.modules["torch_scatter"].scatter = scatter  # type: ignore[attr-defined]
        sys.modules["torch_scatter"].scatter_add = scatter_add  # type: ignore[attr-defined]
    helpers = types.ModuleType(f"{tools}.data_utils")
    for name in UNUSED_HELPERS:
        setattr(helpers, name, None)
    sys.modules[helpers.__name__] = helpers


def scatter_add(src: torch.Tensor, index: torch.Tensor, dim: int = -1, dim_size: int | None = None) -> torch.Tensor:
    return scatter(src, index, dim, dim_size, reduce="sum")


def lay_out(source: Path, target: Path, features: Sequence[int] | None) -> None:
    """Their file names in a folder that goes away; nothing of the data is copied but the first two feature files."""
    target.mkdir()
    np.save(target / "user_graph_dict.npy", np.zeros(()))  # RedND's code loads one and does not use it
    (target / f"{source.name}.inter").symlink_to(source / f"{source.name}.inter")
    found = sorted(source.glob("*_feat.npy"))[:2]
    for position, role in enumerate(("image", "text")):
        if features is not None:
            rows = np.load(found[0], mmap_mode="r").shape[0]
            x = np.random.default_rng(position).standard_normal((rows, features[position]), dtype=np.float32)
        elif position < len(found):
            x = np.load(found[position]).astype(np.float32)
        else:
            continue
        np.save(target / f"{role}_feat.npy", x)


def lay_out_users(folder: Path) -> None:
    """The users who share most train items with each user, and how many, as their script writes them for all users."""
    user, item, label = np.loadtxt(folder / f"{folder.name}.inter", skiprows=1, usecols=(0, 1, -1), dtype=np.int64).T
    kept = label == 0
    chosen = sp.csr_array((np.ones(kept.sum()), (user[kept], item[kept])), shape=(user.max() + 1, item.max() + 1))
    common = (chosen @ chosen.T).tolil()
    common.setdiag(0)
    common = common.tocsr()
    common.eliminate_zeros()
    found = {}
    for row in range(common.shape[0]):
        place = slice(common.indptr[row], common.indptr[row + 1])
        first = np.argsort(-common.data[place], kind="stable")[:NEAREST_USERS]
        found[row] = [common.indices[place][first].tolist(), common.data[place][first].tolist()]
    np.save(folder / "user_graph_dict.npy", np.array(found, dtype=object))


def configuration(name: str, dataset: str, folder: str, tools: str, words: dict[str, str]) -> Any:
    """Theirs, but for our words; a grid without a word gives its first value."""
    files = {"inter_file_name": f"{dataset}.inter", "vision_feature_file": "image_feat.npy"}
    files |= {"text_feature_file": "text_feat.npy", "USER_ID_FIELD": "userID", "ITEM_ID_FIELD": "itemID"}
    files |= {"user_graph_dict_file": "user_graph_dict.npy"}
    options = {"use_gpu": False, "gpu_id": 0, "data_path": f"{folder}/", "field_separator": "\t", **files}
    config = importlib.import_module(f"{tools}.configurator").Config(name, dataset, options)
    config["seed"] = 0
    for key in config["hyper_parameters"]:
        if isinstance(config[key], list):
            config[key] = config[key][0]
    for key, value in words.items():
        config[key] = json.loads(value)
    return config


def prepare(model: str, dataset: str, folder: str, tools: str, words: dict[str, str]) -> tuple[Any, ...]:
    """Their trainer, model and loaders."""
    module, name = CLASSES[model]
    for moved in MOVED:  # one of their models looks for them where they were once
        sys.modules[f"models.{moved}"] = importlib.import_module(moved)
    config = configuration(name, dataset, folder, tools, words)
    get = importlib.import_module
    parts = get(f"{tools}.dataset").RecDataset(config).split()
    for part in parts:
        str(part)  # their summary, which fills in what the loaders read
    loaders = get(f"{tools}.dataloader")
    train = loaders.TrainDataLoader(config, parts[0], batch_size=config["train_batch_size"], shuffle=True)
    ranked = [
        loaders.EvalDataLoader(config, part, additional_dataset=parts[0], batch_size=config["eval_batch_size"])
        for part in parts[1:]
    ]
    get(f"{tools}.utils").init_seed(0)
    train.pretrain_setup()
    recommender = getattr(get(f"models.{module}"), name)(config, train)
    if "result_embed" in recommender._parameters:
        del recommender.result_embed  # their forward assigns a plain tensor to it, which torch refuses on a CPU
    return get("common.trainer").Trainer(config, recommender), recommender, train, ranked


def one_epoch(run: tuple[Any, ...], epoch: int, batches: int | None) -> tuple[float, float]:
    trainer, recommender, train, ranked = run
    started = time.perf_counter()
    recommender.pre_epoch_processing()
    trainer._train_epoch(itertools.islice(train, batches), epoch)
    trained = time.perf_counter()
    for part in ranked:
        trainer._valid_epoch(part)
    return trained - started, time.perf_counter() - trained


if __name__ == "__main__":
    main()
