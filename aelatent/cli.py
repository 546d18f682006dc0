"""The command line: ``aelatent lab | data | train | import | encode | map | export | info`` ...

Exit codes: 0 done; 1 refused or failed, in one line; 2 wrong usage; 130 interrupted (what was
reached is kept, and the same command goes on from there).
"""

import argparse
import sys

import aelatent
from aelatent import settings
from aelatent._options import (
    EXAMPLES,
    add_data,
    add_export,
    add_import,
    add_map,
    add_train,
)
from aelatent._system import say, show_all_letters


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    show_all_letters()
    parser = _parser()
    arguments, arguments.options = parser.parse_known_args(argv)
    if arguments.options and arguments.command is not _lab:
        parser.error(f"unrecognized arguments: {' '.join(arguments.options)}")
    try:
        arguments.command(arguments)
        return 0
    except KeyboardInterrupt:
        print("aelatent: interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # who reads what is printed has enough: `aelatent info | head`
        return 0
    except Exception as error:
        if arguments.debug:
            raise
        said = " ".join(str(error).split())
        if isinstance(error, MemoryError):
            said = f"memory ran out; free some, or ask for less. {said}"
        elif not isinstance(error, (ValueError, OSError, RuntimeError, ImportError)):
            said = f"{type(error).__name__}: {said} (unexpected: --debug shows where; report it)"
        print(f"aelatent: error: {said}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aelatent",
        description="The latent space of a plain convolutional autoencoder of faces.",
        epilog=f"Stores and runs live in {settings.data_dir()} (AELATENT_DATA).",
    )
    names = "lab | data | train | import | encode | map | filaments | export | info"
    commands = parser.add_subparsers(required=True, metavar=names)
    lab = _command(commands, "lab", _lab, "open the notebooks in JupyterLab")
    lab.add_argument(
        "--notebooks",
        metavar="FOLDER",
        help="where they are; those it lacks are copied there, the others stay as they are "
        "(default: a checkout's own, or aelatent-notebooks/ in the current folder)",
    )
    add_data(_command(commands, "data", _data, "pack pictures into a store"))
    add_train(_command(commands, "train", _train, "train an autoencoder, or go on with one"))
    add_import(_command(commands, "import", _import, "make a run of a model made elsewhere"))
    encode = _command(commands, "encode", _encode, "write the z-points of a store")
    encode.add_argument("run", help="name of the run")
    encode.add_argument(
        "--store", help="its pictures (default: the store of the run's name, or its own)"
    )
    add_map(_command(commands, "map", _map, "make t-SNE maps of z-points"))
    tests = _command(
        commands, "filaments", _filaments, "test z-points for filaments, or read what was found"
    )
    tests.add_argument("run", help="name of the run")
    add_export(_command(commands, "export", _export, "write a run in another form"))
    info = _command(commands, "info", _info, "say what stores and runs there are")
    info.add_argument("name", nargs="?", help="one store or run (default: all)")
    return parser


def _command(commands, name, function, purpose):
    parser = commands.add_parser(
        name,
        help=purpose,
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog=EXAMPLES[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=function)
    parser.add_argument("--debug", action="store_true", help="show a traceback after an error")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    return parser


def _lab(arguments) -> None:
    from aelatent.lab import open_lab

    open_lab(arguments.notebooks, arguments.options, progress=not arguments.quiet)


def _data(arguments) -> None:
    from aelatent.images import open_source, pack

    drawn = arguments.source == "portraits"
    if not drawn and (arguments.n is not None or arguments.seed != 0 or arguments.unaligned):
        raise ValueError("--n, --seed and --unaligned belong to the portraits; leave them out.")
    name, count = settings.SCALES[settings.scale()]
    if arguments.n is not None:
        name, count = "portraits", arguments.n
    drawing = {"n": count, "seed": arguments.seed, "aligned": not arguments.unaligned}
    source = open_source(arguments.source, arguments.path, **(drawing if drawn else {}))
    name = arguments.name or (name if drawn else arguments.source)
    given = {"size": arguments.size, "crop": arguments.crop, "workers": arguments.workers}
    say(str(pack(source, name, **given, progress=not arguments.quiet)))


def _train(arguments) -> None:
    from aelatent.model import ModelConfig, TrainConfig

    there = (settings.data_dir() / "runs" / arguments.run / "run.json").is_file()
    info = aelatent.Run.open(arguments.run).info if there else {}
    name = info["store"]["name"] if info else arguments.run
    store = aelatent.ImageStore.open(arguments.store or settings.check_name(name, "store"))
    model = _asked(arguments, ModelConfig, info.get("model", {"size": store.size}))
    config = _asked(arguments, TrainConfig, info.get("training", {}))
    run = aelatent.train(store, arguments.run, model, config, progress=not arguments.quiet)
    say(str(run))
    if run.status == "FAILED":
        raise RuntimeError(run.info["message"])
    if run.status == "INTERRUPTED":
        raise KeyboardInterrupt


def _asked(arguments, block, base: dict):
    """Return the settings `base`, changed where the command line names a value."""
    given = {name: getattr(arguments, name, None) for name in block.__dataclass_fields__}
    return block.from_dict(base | {k: v for k, v in given.items() if v is not None})


def _import(arguments) -> None:
    store = aelatent.ImageStore.open(arguments.store)
    names = ("layout", "value_range", "mean", "sd", "colors", "latent", "latent_shape")
    stated = {name: getattr(arguments, name) for name in names}
    stated = {name: value for name, value in stated.items() if value is not None}
    run = aelatent.Run.adopt(arguments.run, arguments.encoder, arguments.decoder, store, **stated)
    probe, file = run.info["probe"], run.path / "probe.png"
    say(
        f"mean squared error of eight pictures: {probe['error']:.5f}, of their mean picture: "
        f"{probe['mean_picture']:.5f}; see {file}"
    )
    run.encode_store(store, progress=not arguments.quiet)
    say(str(run))


def _encode(arguments) -> None:
    run = aelatent.Run.open(arguments.run)
    store = aelatent.ImageStore.open(arguments.store) if arguments.store else None
    run.encode_store(store, progress=not arguments.quiet)
    say(str(run))


def _map(arguments) -> None:
    from aelatent.kept import map_of
    from aelatent.latent.maps import STORY, SURROGATE, compared, named_settings, story

    run = aelatent.Run.open(arguments.run)
    size = len(run.z), run.axes.rank
    listed = [(name, n, law, 0) for name, counts in story(*size).items() for n in counts
              for law in (None, SURROGATE)]  # fmt: skip
    if arguments.settings is not None:
        chosen = named_settings(arguments.settings).on_axes(arguments.axes)
        most = max((n for _, n, *_ in listed), default=len(run.z))
        wanted = [(chosen, most, arguments.surrogate, 0)]
    elif arguments.axes is not None or arguments.surrogate is not None:
        raise ValueError("--axes and --surrogate belong to --settings; name these, too.")
    else:
        wanted = [(STORY[name], *r) for name, *r in dict.fromkeys([*listed, *compared(*size)])]
    for chosen, count, surrogate, draw in wanted:
        of = {"n": count if arguments.n is None else arguments.n, "seed": arguments.seed + draw}
        made = map_of(run, chosen, **of, surrogate=surrogate, progress=not arguments.quiet)
        if not made.complete:
            raise KeyboardInterrupt
        say(_map_text(made, surrogate))


def _filaments(arguments) -> None:
    run = aelatent.Run.open(arguments.run)
    found = aelatent.filament_evidence(run, progress=not arguments.quiet)
    say(found.verdict.to_string(index=False))


def _export(arguments) -> None:
    kind, page = arguments.kind, arguments.kind == "page"
    if arguments.publish and not page:
        raise ValueError(f"--publish belongs to page, not to {kind}; leave it out.")
    run = aelatent.Run.open(arguments.run)
    out = arguments.out or f"{run.name}-{kind}"
    if page:
        folder = aelatent.export_page(run, out, publish=arguments.publish)
    else:
        folder = aelatent.export_run(run, kind, out, progress=not arguments.quiet)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    said = f"{kind} of run {run.name}, {size:.1f} MB: "
    if page:
        say(f"{said}open {folder / 'index.html'}")
    else:
        say(f"{said}{folder}\n{(folder / 'NOTICE.txt').read_text(encoding='utf-8').strip()}")


def _map_text(made, surrogate) -> str:
    chosen = made.settings
    reached = "without a divergence: too few points for one"
    if made.divergence >= 0:
        reached = f"divergence {made.divergence:.3f}"
    what = f" on {chosen.axes} principal axes" if chosen.axes else ""
    of = f" of surrogate {surrogate!r}" if surrogate else ""
    return (
        f"map of {len(made.coordinates):,} z-points{of}{what}: perplexity {chosen.perplexity:g}, "
        f"exaggeration {chosen.exaggeration:g}, {made.done} iterations, start {chosen.start}, "
        f"{reached}, made in {made.seconds:.0f} s"
    )


def _info(arguments) -> None:
    data = settings.data_dir()
    kinds = {"store": aelatent.ImageStore, "run": aelatent.Run}
    shown = False
    for kind, found in kinds.items():
        places = [data] if kind == "store" else [settings.SHIPPED, data]  # runs ship
        paths = [path for place in places for path in place.glob(f"{kind}s/[!.]*/{kind}.json")]
        for name, path in sorted({path.parent.name: path for path in paths}.items()):
            if arguments.name in (None, name):
                shown = True
                try:
                    said = str(found.open(name, data=path.parents[2]))
                except (ValueError, OSError) as error:  # one damaged folder must not hide the rest
                    said = f"{kind} {name}: unusable: {error}"
                say(said)
    if not shown:
        what = f"no store or run {arguments.name!r}" if arguments.name else "no store and no run"
        raise FileNotFoundError(f"there is {what} in {data}. Begin with `aelatent data portraits`.")
