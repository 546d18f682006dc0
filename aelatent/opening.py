"""What every notebook begins with: a run with its z-points, whatever is missing of it."""

from aelatent import settings
from aelatent.images.sources import open_source
from aelatent.images.store import pack
from aelatent.left_out import leave_out_what_lacks
from aelatent.runs import Run


def prepare(name: str | None = None, scale: str | None = None, *, progress: bool = True) -> Run:
    """Open a run with its z-points, making what is missing: what every notebook begins with.

    Parameters
    ----------
    name : str, optional
        Default: ``AELATENT_RUN``, or ``portraits``. For ``portraits`` the pictures are drawn
        (their number depends on `scale`); for other runs the store must exist.
    scale : {"smoke", "default", "seed"}, optional
        Default: ``AELATENT_SCALE``, or ``default``.
    progress : bool
        Show bars.

    Returns
    -------
    Run
        With `Run.z` and `Run.store` in place.
    """
    name = name or settings.default_run()
    store_name, count = settings.SCALES[settings.scale(scale)]
    run = Run.open(name)
    store = None
    if name == "portraits":
        source = open_source("portraits", n=count)
        store = pack(source, store_name, size=run.config.size, progress=progress)
    if "model" not in run.info:  # made elsewhere
        leave_out_what_lacks()
    run.encode_store(store, progress=progress)
    return run
