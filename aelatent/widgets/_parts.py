"""The line under a control on which errors of its callbacks appear; Jupyter hides these."""

import html
import logging
from collections.abc import Callable

import ipywidgets

log = logging.getLogger("aelatent")
RED = "var(--jp-error-color1, #b00020)"  # JupyterLab's own, which is lighter on its dark theme


class ErrorLine(ipywidgets.HTML):
    """A line of text, empty while all goes well."""

    def guard(self, act: Callable[[], None]) -> Callable[..., None]:
        """Return a callback that calls `act()` and shows, and logs, what it raises."""

        def callback(*_):  # what ipywidgets passes is not needed
            try:
                act()
            except Exception as error:
                log.exception("in a widget's callback")
                text = html.escape(f"{type(error).__name__}: {error}")
                self.value = f'<span role="alert" style="color:{RED}">{text}</span>'
            else:
                self.value = ""

        return callback
