"""What the larger commands can be told, and examples of all."""

import argparse

EXAMPLES = {
    "lab": """examples:
  aelatent lab                                         notebooks into aelatent-notebooks/
  aelatent lab --notebooks ~/faces --no-browser        options of JupyterLab are passed on""",
    "data": """examples:
  aelatent data portraits                              20,000 drawn portraits
  aelatent data portraits --n 60000 --name portraits-60k
  aelatent data celeba ~/Downloads/img_align_celeba.zip
  aelatent data celeba ~/celeba --name celeba-small --crop 0.8
  aelatent data lfw                                    downloaded by scikit-learn
  aelatent data folder ~/Pictures/family --name family""",
    "train": """examples:
  aelatent train celeba                                on the store of the same name
  aelatent train celeba-10k --holdout 500              last 500 validate; persons on both sides
  aelatent train small --store portraits --filters 16 32 64 128 --epochs 8
  aelatent train celeba                                again: goes on where it stopped""",
    "import": """examples:
  aelatent import vae --encoder e.keras --decoder d.keras --store portraits
  aelatent import ae --encoder e.onnx --decoder d.onnx --store celeba --layout NCHW --range -1 1""",
    "encode": """examples:
  aelatent encode portraits                            z-points of the store of that name
  aelatent encode celeba --store celeba-10k""",
    "map": """examples:
  aelatent map portraits                               all maps of notebook 06
  aelatent map portraits --settings seed-2022 --axes 4 one map
  aelatent map portraits --settings today --surrogate "multivariate normal" --n 5000""",
    "filaments": """example:
  aelatent filaments portraits                         the tests that notebooks 08 and 08b show""",
    "export": """examples:
  aelatent export portraits page                       a page that decodes faces: portraits-page/
  aelatent export portraits page --out ~/site/faces
  aelatent export portraits onnx                       networks for ONNX runtimes
  aelatent export portraits parquet                    a table with z-points and pictures
  aelatent export family page --publish                of a run whose pictures may be published""",
    "info": """examples:
  aelatent info                                        all stores and runs
  aelatent info celeba-10k                             one of them""",
}


def add_data(parser) -> None:
    """Add what `aelatent data` takes."""
    parser.add_argument("source", choices=["portraits", "celeba", "lfw", "folder"])
    parser.add_argument("path", nargs="?", help="zip or folder (celeba), folder (lfw, folder)")
    parser.add_argument("--name", help="of the store (default: the source's)")
    parser.add_argument("--size", type=int, default=96, help="side in pixels (default: 96)")
    parser.add_argument(
        "--crop",
        type=_crop,
        help="center: square of the picture's width; a share such as 0.8 of it; "
        "or left,top,right,bottom in pixels (default: the source's own)",
    )
    parser.add_argument("--n", type=int, help="number of portraits (default: by AELATENT_SCALE)")
    parser.add_argument("--seed", type=int, default=0, help="of the portraits (default: 0)")
    parser.add_argument("--unaligned", action="store_true", help="portraits that lean and move")
    parser.add_argument("--workers", type=int, help="threads (default: all cores)")


def add_train(parser) -> None:
    """Add what `aelatent train` takes, with its defaults."""
    from aelatent.model.config import ModelConfig, TrainConfig

    defaults = ModelConfig().to_dict() | TrainConfig().to_dict()

    def add(name, says, **options):
        default = str(defaults[name.replace("-", "_")]).strip("[]").replace(",", "")
        parser.add_argument(f"--{name}", help=f"{says} (default: {default})", **options)

    parser.add_argument("run", help="name of the run; one that exists keeps its own settings")
    parser.add_argument("--store", help="its pictures (default: the store of the run's name)")
    add("filters", "channels per layer", type=int, nargs="+", metavar="N")
    add("kernel", "side of the kernels in pixels", type=int)
    add("activation", "leaky_relu, relu, elu, gelu, silu or tanh")
    add("z-dim", "components of a latent vector", type=int)
    add("batch-norm", "switch it on", action="store_const", const=True)
    add("epochs", "passes over the pictures", type=int)
    add("batch-size", "pictures per step", type=int)
    add("learning-rate", "Adam's step size", type=float)
    add("schedule", "of the step size: constant or cosine")
    add("seed", "of weights and order", type=int)
    add("holdout", "split, a count or a share of last rows", type=_holdout)
    add("precision", "auto, float32 or mixed_bfloat16")
    add("weights-dtype", "float32 or float16, on disk")


def add_import(parser) -> None:
    """Add what `aelatent import` takes."""
    three = {"type": float, "nargs": 3, "metavar": ("C1", "C2", "C3")}
    parser.add_argument("run", help="name of the new run")
    parser.add_argument("--encoder", required=True, metavar="FILE", help=".keras or .onnx")
    parser.add_argument("--decoder", required=True, metavar="FILE", help=".keras or .onnx")
    parser.add_argument("--store", required=True, help="pictures, of the size that it takes")
    parser.add_argument("--layout", help="NHWC or NCHW: colors last or first (default: NHWC)")
    range_of = {"dest": "value_range", "type": float, "nargs": 2, "metavar": ("LOW", "HIGH")}
    parser.add_argument("--range", help="of its pixels (default: 0 1)", **range_of)
    parser.add_argument(
        "--mean", help="taken off each channel, after --range (default: 0)", **three
    )
    parser.add_argument("--sd", help="each channel is divided by it (default: 1)", **three)
    parser.add_argument("--colors", help="RGB or BGR (default: RGB)")
    parser.add_argument("--latent", help="output of the Encoder, by name or number (default: mean)")
    parser.add_argument(
        "--latent-shape",
        type=int,
        nargs="+",
        metavar="N",
        help="as the Decoder takes it (default: the Encoder's)",
    )


def add_map(parser) -> None:
    """Add what `aelatent map` takes."""
    parser.add_argument("run", help="name of the run")
    parser.add_argument("--settings", help="seed-2022-first, seed-2022 or today (default: all)")
    parser.add_argument("--axes", type=int, help="leading principal axes (default: z itself)")
    parser.add_argument("--n", type=int, help="number of z-points (default: by AELATENT_SCALE)")
    parser.add_argument("--surrogate", help="of this name (default: none, the z-points)")
    parser.add_argument(
        "--seed", type=int, default=0, help="of rows, surrogate and map (default: 0)"
    )


def add_export(parser) -> None:
    """Add what `aelatent export` takes."""
    parser.add_argument("run", help="name of the run")
    parser.add_argument(
        "kind",
        choices=["page", "onnx", "keras", "parquet", "projector"],
        help="page: decodes faces in the browser; onnx, keras: Encoder and Decoder; parquet: table "
        "of z-points and pictures; projector: for TensorBoard's",
    )
    parser.add_argument("--out", help="folder to write (default: RUN-KIND)")
    parser.add_argument(
        "--publish", action="store_true", help="page: its pictures may be published"
    )


def _crop(text: str):
    if text == "center":
        return text
    try:
        if "," not in text:
            return float(text)
        left, top, right, bottom = map(int, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no crop: see --help") from None
    return left, top, right, bottom


def _holdout(text: str):
    try:
        return text if text == "split" else float(text) if "." in text else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no count, share or 'split'") from None
