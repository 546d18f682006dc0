"""A jupyter-scatter plot for arrays that change, and the window that the browser shows of it."""

import warnings

import anywidget
import pandas as pd
import traitlets

with warnings.catch_warnings():  # 1.0.1 calls pandas in ways that pandas 3.1 deprecates
    warnings.simplefilter("ignore", DeprecationWarning)
    import jscatter

BUTTONS = ["pan_zoom", "lasso", "lasso_type", "divider", "reset"]
SELECTED = "#111111"  # color of the points selected


class Window(anywidget.AnyWidget):
    """The part of the plane that the browser shows, which jupyter-scatter keeps to itself."""

    # It tells it to other plots in the page, those of one channel; this widget listens in and
    # reports 0.15 s after the last move.
    _esm = """
    export default {
      initialize({ model }) {
        const channel = new BroadcastChannel("pub-sub-es");
        let waiting;
        channel.onmessage = ({ data: { event, news } }) => {
          if (event !== "jscatter::view" || news?.uuid !== model.get("channel")) return;
          clearTimeout(waiting);
          waiting = setTimeout(() => {
            model.set("domain", [...news.xScaleDomain, ...news.yScaleDomain]);
            model.save_changes();
          }, 150);
        };
        return () => {
          clearTimeout(waiting);
          channel.close();
        };
      },
    };
    """
    channel = traitlets.Unicode().tag(sync=True)  # the view_sync of the plot
    # Left, right, bottom and top in units of the axes; empty until the browser says.
    domain = traitlets.List(traitlets.Float()).tag(sync=True)


class Scatter:
    """A scatter plot whose points, colors and axes are sent in one message."""

    def __init__(self, height: int):
        empty = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "color": [0, 0]})
        self._plot = jscatter.Scatter("x", "y", empty, height=height, color_selected=SELECTED)
        self.widget = self._plot.widget  # its trait "selection" holds positions of points
        self.widget.toolbar_buttons = BUTTONS
        self.widget.view_sync = self.widget.model_id
        self.window = Window(channel=self.widget.model_id)

    def draw(self, where, codes, colors, labels, ranges) -> None:
        """Show other points; the zoom stays."""
        # where: float (n, 2); point i has the color colors[codes[i]], of at least two.
        frame = pd.DataFrame({"x": where[:, 0], "y": where[:, 1], "color": codes})
        x, y = ranges  # what the axes span before any zoom
        # One message: points that arrive while the browser still draws the last ones are lost.
        with self.widget.hold_sync():
            self._plot.axes(labels=list(labels))
            self._plot.data(frame, skip_widget_update=True)
            # This norm keeps the codes whole numbers; the browser takes others for a scale.
            self._plot.color(by="color", map=colors, norm=(0, 1), skip_widget_update=True)
            self._plot.xy("x", "y", x_scale=x, y_scale=y, animate=False)

    def select(self, positions) -> None:
        """Select the points at these positions, int (k,)."""
        self._plot.selection(positions)

    def selected(self):
        """Return the positions of the points selected, uint32 (k,)."""
        return self._plot.selection()

    def reset_view(self) -> None:
        """Zoom out to the ranges of the axes."""
        self.widget.reset_view()
