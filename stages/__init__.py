"""One thin script per DVC stage: read params and inputs, call the library, write outputs."""

import gc

gc.set_threshold(100_000)  # imports make many objects and no garbage: to collect it takes 0.1 s
