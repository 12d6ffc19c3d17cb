"""Settings of the worker that a test starts: the project's, and over them what the test passes on.

A settings module, and not a change to settings at run time, so that every process of the worker
reads the same ones, whichever way it was started.
"""

import base64
import os
import pickle
from importlib import import_module

# Only ever set by clarion.testing.cluster, for its own child.
_given = pickle.loads(base64.b64decode(os.environ["CLARION_CLUSTER"]))

globals().update(
    {name: value for name, value in vars(import_module(_given["module"])).items() if name.isupper()}
)
globals().update(_given["settings"])
for _alias, _name in _given["databases"].items():
    globals()["DATABASES"][_alias]["NAME"] = _name
