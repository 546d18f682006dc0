import numpy as np

from aelatent.widgets._scatter import Scatter

RED_AND_BLUE = ["#ff0000", "#0000ff"]
LABELS = ("across", "up")


def drawn(n=3):
    scatter = Scatter(300)
    where = np.arange(2.0 * n).reshape(n, 2)
    scatter.draw(where, np.arange(n) % 2, RED_AND_BLUE, LABELS, ((0, 10), (-10, 10)))
    return scatter


def test_points_are_placed_within_the_ranges():
    points = drawn().widget.points
    np.testing.assert_allclose(points[:, 0], [-1, -0.6, -0.2])
    np.testing.assert_allclose(points[:, 1], [0.1, 0.3, 0.5])


def test_codes_count_colors_even_where_only_some_are_used():
    scatter = drawn()
    assert scatter.widget.points[:, 2].tolist() == [0, 1, 0]
    colors = [*RED_AND_BLUE, "#00ff00"]
    scatter.draw(np.eye(2), np.array([2, 0]), colors, LABELS, ((0, 1), (0, 1)))
    assert scatter.widget.points[:, 2].tolist() == [2, 0]
    assert [color[:3] for color in np.round(scatter.widget.color).tolist()] == [
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
    ]


def test_the_browser_gets_points_colors_and_axes_in_one_message(monkeypatch):
    scatter = drawn()
    sent = []
    monkeypatch.setattr(type(scatter.widget), "send_state", lambda _, key=None: sent.append({*key}))
    scatter.draw(np.eye(2), np.array([1, 1]), RED_AND_BLUE, ("u", "v"), ((0, 1), (0, 2)))
    (keys,) = sent
    assert {"points", "axes_labels", "x_scale_domain", "y_scale_domain"} <= set(keys)


def test_fewer_points_may_be_selected_than_before():
    scatter = drawn()
    assert scatter.selected().tolist() == []
    scatter.select([2, 1])
    assert scatter.selected().tolist() == [2, 1]
    scatter.select([])
    assert scatter.selected().tolist() == []


def test_two_plots_have_channels_of_their_own():
    one, two = Scatter(300), Scatter(300)
    assert one.window.channel == one.widget.view_sync != two.window.channel
    assert one.window.domain == []
