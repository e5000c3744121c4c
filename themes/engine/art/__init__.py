"""Generated pictures: portraits, motifs, logo tiles and charts as inline SVG that follows the theme by its classes.

Nothing here emits a style attribute, so all of it is valid under a strict content security policy. Everything is a pure
function of its arguments: the same seed gives the same picture in every process.
"""

from themes.engine.art.bars import Bar, BarPart, bar_chart, share_bar
from themes.engine.art.charts import ChartPoint, area_chart, progress_ring, sparkline
from themes.engine.art.marks import GLYPHS, TilePaint, logo_tile
from themes.engine.art.mosaic import mosaic
from themes.engine.art.motifs import motif
from themes.engine.art.portraits import portrait

__all__ = [
    "GLYPHS",
    "Bar",
    "BarPart",
    "ChartPoint",
    "TilePaint",
    "area_chart",
    "bar_chart",
    "logo_tile",
    "mosaic",
    "motif",
    "portrait",
    "progress_ring",
    "share_bar",
    "sparkline",
]
