import copy
import os
import pickle

from mmgraph.pipeline.own_folder import OwnFolder, _remove


def test_it_stays_while_a_copy_holds_it():
    own = OwnFolder()
    copies = [copy.copy({"own": own}), copy.deepcopy({"own": own})]
    path = own.path
    del own
    assert path.is_dir()
    copies.clear()
    assert not path.exists()


def test_a_pickle_holds_nothing():
    own = OwnFolder()
    other = pickle.loads(pickle.dumps(own))
    del other
    assert own.path.is_dir()


def test_a_forked_process_removes_nothing():
    own = OwnFolder()
    _remove(own.path, os.getpid() + 1)
    assert own.path.is_dir()
