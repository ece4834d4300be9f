//! Lines over steps in panes that are no loss chart. The one place of theirs that knows the plot.

use crate::dashboard::model::Run;
use crate::dashboard::state::State;
use crate::dashboard::widget::{Curve, Depth, Plot, put};
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

/// Draws a chart over the run's steps.
pub fn draw(state: &State, run: &Run, chart: &Chart<'_>, area: Rect, buf: &mut Buffer) {
    let dim = state.palette.dim;
    let Chart { lines, guides, smooth, scale } = chart;
    let (smooth, scale) = (*smooth, *scale);
    let behind = |track, smooth| Curve { track, smooth, style: dim, tag: None, depth: Depth::Behind, counts: false };
    let mut curves: Vec<Curve<'_>> =
        guides.iter().map(|guide| Curve { counts: true, ..behind(guide.track(), false) }).collect();
    curves.extend(lines.iter().flat_map(|line| line.series.abandoned()).map(|track| behind(track, smooth)));
    if let [line] = lines.as_slice()
        && smooth
    {
        curves.push(behind(line.series.track(), false));
    }
    curves.extend(lines.iter().map(|line| Curve {
        track: line.series.track(),
        smooth,
        style: line.style,
        tag: line.tag.clone(),
        depth: Depth::Front,
        counts: true,
    }));
    if lines.iter().all(|line| line.series.last().is_none()) {
        put(buf, area, 1, 0, state.words.nothing_yet, dim);
        return;
    }
    let below_zero = lines.iter().any(|line| line.series.track().range(false, 0, u64::MAX).min < 0.0);
    let plot = Plot {
        timeline: &run.timeline,
        axis: state.charts.axis,
        scale: if below_zero { Scale::Linear } else { scale },
        curves,
        flags: Vec::new(),
        dim,
        bad: state.palette.bad,
        axes: area.width >= 30,
    };
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

/// Whether lines are smoothed.
pub fn smooth(state: &State) -> bool {
    state.charts.smoothing > 0
}

/// `EMA 0.9`, or that nothing is smoothed.
pub fn smoothing(state: &State) -> String {
    if smooth(state) { format!("{} {}", state.words.smoothed, state.charts.beta()) } else { state.words.raw.to_owned() }
}
