"""The report as a self-contained page, without scripts or external resources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from oss_restore.language import current_language, gettext, ngettext
from oss_restore.reporting import chart
from oss_restore.reporting.bill_text import without_text
from oss_restore.reporting.facts import RunReport
from oss_restore.reporting.formatting import number, part_name, shown, span, when
from thaw.bills import money
from thaw.days import days_of

_TEMPLATE: Final = "page.html.j2"
_CAUSES_SHOWN: Final = 30


def render(report: RunReport) -> str:
    """Render the report as HTML that is also well-formed XML, with keys escaped."""
    given = report.state.run_input
    return _template().render(
        report=report,
        state=report.state,
        run=given,
        days={} if given is None else {n: days_of(given, n) for n in given.storage_classes},
        language={"en": "en", "zh": "zh-Hans"}[current_language()],
        chart=chart.draw(report.state.submitted, report.done_points, report.state.now),
        width=chart.WIDTH,
        height=chart.HEIGHT,
        causes=report.causes[:_CAUSES_SHOWN],
        more_causes=max(0, len(report.causes) - _CAUSES_SHOWN),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"_": gettext, "ngettext": ngettext}
    environment.filters |= {"number": number, "when": when, "span": span, "shown": shown}
    environment.filters |= {"money": money, "part": part_name, "without": without_text}
    return environment.get_template(_TEMPLATE)
