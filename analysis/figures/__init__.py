"""Tables in, figures out: one file per kind of figure; nothing is estimated here.

Map: `gallery` decides which figures a trial gets, `trajectories`, `means`, `forest` and `residuals`
draw one each, `labels` holds the words and `style` the look they share, `drawing` is what they
return.
"""

from analysis.figures.drawing import Drawing
from analysis.figures.gallery import draw

__all__ = ["Drawing", "draw"]
