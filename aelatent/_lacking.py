"""What a run lacks that was not trained here: errors that say so, and what to do about it."""


class Lacking(RuntimeError):
    """Something needs what a run does not have; `needs` and `has` are parts of a sentence."""

    needs = ""

    def __init__(self, has: str, then: str, needs: str = ""):
        self.has, self.needs = has, needs or self.needs
        super().__init__(f"{has}, and this needs {self.needs}. {then}")

    def __str__(self):  # as a KeyError it would be quoted
        return str(self.args[0])


class NoDecoder(Lacking):
    """A run has z-points only: nothing can be encoded or decoded.

    Parameters
    ----------
    has, then, needs : str
        What the run has, what to do, and what it lacks, as parts of sentences.
    """

    needs = "a Decoder"


class NoPictures(Lacking, FileNotFoundError):
    """A run's z-points came without pictures."""

    needs = "the pictures of the z-points"


class NotTrainedHere(Lacking, AttributeError, KeyError):
    """A run was made elsewhere: its layers and its training are not known."""

    needs = "a model that was trained here"


class Elsewhere(dict):
    """The content of a ``run.json`` of format 2: what is not in it is refused in words."""

    def __init__(self, values: dict, name: str):
        super().__init__(values)
        self.name = name
        self |= {k: Elsewhere(v, name) for k, v in values.items() if k in ("store", "training")}

    def __missing__(self, key):
        raise NotTrainedHere(
            f"run {self.name!r} was made elsewhere", f"Its run.json has no {key!r}; train a run."
        )
