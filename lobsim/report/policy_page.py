"""A page with the quotes of a policy: bid and ask depth over time and inventory, in one file."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NO_QUOTE = "#d9d9d9"  # what is seen where there is no number


def policy_page(
    title: str,
    times_s: Floats,
    inventories: NDArray[np.int64],
    sides: dict[str, Floats],
    *,
    neutral: float | None = None,
) -> str:
    """HTML with everything in it: a heat map for each of `sides`, (T, Q) currency, by heading.

    `times_s` (T + 1,) are where the rows begin and the last one ends.  NaN is no quote; `neutral`
    is the value of the colour between blue and red; the title may have several lines.
    """
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure: Any = make_subplots(
        rows=1, cols=len(sides), subplot_titles=list(sides), shared_yaxes=True,
        horizontal_spacing=0.05,
    )  # fmt: skip
    for column, (heading, depth) in enumerate(sides.items(), start=1):
        rows = [[None if np.isnan(cell) else cell for cell in row] for row in depth.T.tolist()]
        what = f"{heading} %{{z:.5g}}<br>at %{{x:.4g}} s with %{{y}} lots<extra></extra>"
        figure.add_trace(
            go.Heatmap(
                x=times_s.tolist(), y=inventories.tolist(), z=rows, coloraxis="coloraxis",
                hovertemplate=what,
            ),
            row=1,
            col=column,
        )  # fmt: skip
    figure.update_layout(
        title={"text": title.replace("\n", "<br>"), "font": {"size": 15}},
        coloraxis={**colours(list(sides.values()), neutral), "colorbar": {"title": "currency"}},
        plot_bgcolor=NO_QUOTE,
        font={"family": "system-ui, sans-serif", "size": 13},
        margin={"l": 70, "r": 30, "t": 150, "b": 90},
    )
    figure.add_annotation(
        text="grey: no quote", showarrow=False, xref="paper", yref="paper", x=0, y=-0.11,
        xanchor="left", font={"color": "#555"},
    )  # fmt: skip
    figure.update_xaxes(title_text="time (s)", showgrid=False)
    figure.update_yaxes(showgrid=False, zeroline=False)
    figure.update_yaxes(title_text="inventory (lots)", col=1)
    return str(
        figure.to_html(
            include_plotlyjs=True, full_html=True, default_height="92vh",
            config={
                "displaylogo": False, "responsive": True,
                "modeBarButtons": [["toImage", "resetScale2d"]],  # another would send data away
            },
        )
    )  # fmt: skip


def colours(sides: list[Floats], neutral: float | None) -> dict[str, Any]:
    """Of all sides the same, so that they can be compared."""
    known = np.concatenate([side[np.isfinite(side)] for side in sides])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    if neutral is None:
        return {"colorscale": "Viridis", "cmin": low, "cmax": high}
    reach = max(high - neutral, neutral - low)
    return {"colorscale": "RdBu", "cmin": neutral - reach, "cmax": neutral + reach}
