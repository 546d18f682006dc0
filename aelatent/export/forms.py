"""The forms in which other tools open a run; the page has a room of its own."""

from importlib import import_module
from pathlib import Path

from aelatent._checks import check_one_of
from aelatent._files import write_text
from aelatent.export import notice
from aelatent.export.whole import whole_folder

# Each is a module of this package: FILES that it writes, PICTURES (whether z-points or pictures go
# with it), and write(run, folder, terms, progress), which returns in words what the folder holds.
FORMS = ("onnx", "keras", "parquet", "projector")
EXTRAS = ("onnx", "parquet")


def export_run(run, kind: str, out, *, progress: bool = True) -> Path:
    """Write a run into a folder in a form that other tools open, whole or not at all.

    ``onnx``: Encoder and Decoder for ONNX runtimes (needs ``aelatent[onnx]``). ``keras``: the same
    for Keras. ``parquet``: a table with a row per z-point, pictures among its columns (needs
    ``aelatent[parquet]``). ``projector``: up to 10,000 z-points for TensorBoard's projector. A
    ``NOTICE.txt`` says what the folder holds and on what terms it may be used: CelebA's license
    allows neither to publish nor to pass on any of this.

    Parameters
    ----------
    run : Run
        With z-points and their store for ``parquet`` and ``projector``.
    kind : {"onnx", "keras", "parquet", "projector"}
        The form.
    out : path
        The folder to write: a new one, or one that holds an earlier export of the same kind.
    progress : bool
        Show a bar.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ImportError
        Where an extra is not installed.

    Examples
    --------
    >>> export_run(Run.open("portraits"), "onnx", "networks")   # doctest: +SKIP
    PosixPath('networks')
    """
    check_one_of("kind", kind, FORMS)
    try:
        form = import_module(f"aelatent.export.{kind}")
    except ImportError as error:
        if kind not in EXTRAS:
            raise
        raise ImportError(
            f"{kind} needs what is not installed ({error}). Get it with "
            f'`pip install "aelatent[{kind}]"`, and repeat the call.'
        ) from error
    with whole_folder(out, (*form.FILES, notice.FILE)) as folder:
        terms = notice.terms(run, pictures=form.PICTURES)
        holds = form.write(run, folder, terms, progress)
        write_text(folder / notice.FILE, f"This folder holds {holds}.\n\n{terms}\n")
    return Path(out)
