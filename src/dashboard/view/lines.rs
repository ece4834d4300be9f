//! Lines over steps in panes that are no loss chart. The one place of theirs that knows the plot.

use super::curves;
use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Curve, put};
use crate::series::{Scale, Series};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A series to draw.
pub struct Line<'a> {
    /// Its values.
    pub series: &'a Series,
    /// How it looks.
    pub style: Style,
    /// What stands at its end.
    pub tag: Option<String>,
}

/// What a chart shows.
pub struct Chart<'a> {
    /// The lines; one alone has its raw values faint behind where it is smoothed.
    pub lines: Vec<Line<'a>>,
    /// Lines behind, which only guide the eye.
    pub guides: Vec<Series>,
    /// Whether lines are smoothed.
    pub smooth: bool,
    /// The vertical axis, where no value is below 0.
    pub scale: Scale,
}

/// Draws a chart over the run's steps, with the window, the axis and the cursor of all charts.
pub fn draw(state: &State, run: &Run, chart: &Chart<'_>, area: Rect, buf: &mut Buffer) {
    let dim = state.palette.dim;
    let Chart { lines, guides, smooth, scale } = chart;
    let (smooth, scale) = (*smooth, *scale);
    if lines.iter().all(|line| line.series.last().is_none()) {
        put(buf, area, 1, 0, state.words.nothing_yet, dim);
        return;
    }
    let mut curves: Vec<Curve<'_>> = guides.iter().map(|guide| Curve::behind(guide.track(), dim)).collect();
    let left = lines.iter().flat_map(|line| line.series.abandoned());
    curves.extend(left.map(|track| Curve { smooth, counts: false, ..Curve::behind(track, dim) }));
    if let [line] = lines.as_slice()
        && smooth
    {
        curves.push(Curve { counts: false, ..Curve::behind(line.series.track(), dim) });
    }
    curves.extend(lines.iter().map(|line| Curve {
        smooth,
        tag: line.tag.clone(),
        ..Curve::front(line.series.track(), line.style)
    }));
    let mut plot = curves::plot(state, run, curves);
    if plot.scale != Scale::Linear {
        plot.scale = scale;
    }
    plot.render(area, buf);
}

/// A flat line at a value, as long as a series.
pub fn guide(value: f64, along: &Series) -> Series {
    const POINTS: usize = 256;
    let steps = along.track().steps();
    let mut series = Series::new(0.0);
    let apart = (steps.len() / POINTS).max(1);
    steps.iter().step_by(apart).chain(steps.last()).for_each(|&step| series.push(step, value));
    series
}
