import logging

import pytest

from aelatent.widgets._parts import ErrorLine


def test_error_is_shown_as_text_and_logged_until_the_next_success(caplog):
    line = ErrorLine()
    problems = [ValueError("z has <b>3</b> & not 4 components")]

    def act():
        if problems:
            raise problems[0]

    callback = line.guard(act)
    with caplog.at_level(logging.ERROR, logger="aelatent"):
        callback({"name": "value", "new": 1.0})
    assert "ValueError: z has &lt;b&gt;3&lt;/b&gt; &amp; not 4 components" in line.value
    assert 'role="alert"' in line.value
    assert caplog.records[0].exc_info[1] is problems[0]
    problems.clear()
    callback()
    assert line.value == ""


def test_an_interrupt_is_not_an_error():
    def act():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ErrorLine().guard(act)()
