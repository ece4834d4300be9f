use super::super::{Axes, Curve, Flag, Markers, Notch, Plot};
use crate::series::{Scale, Series, Stretch, Timeline, XAxis};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

fn timeline(count: u64) -> Timeline {
    let mut timeline = Timeline::default();
    (1..=count).for_each(|step| timeline.push(step, Some(step as f64 / 7.0), step as f64 * 0.3));
    timeline
}

fn filled(smoothing: f64, values: &[f64]) -> Series {
    let mut series = Series::new(smoothing);
    (1..).zip(values).for_each(|(step, &value)| series.push(step, value));
    series
}

fn plot<'a>(timeline: &'a Timeline, series: &'a Series, window: (u64, u64)) -> Plot<'a> {
    Plot {
        timeline,
        stretch: Stretch::new(timeline, XAxis::Step, Scale::Linear, window.0, window.1),
        scale: Scale::Linear,
        curves: vec![Curve::front(series.track(), Style::new())],
        flags: Vec::new(),
        notches: Vec::new(),
        cursor: None,
        markers: Markers::Ascii,
        dim: Style::new(),
        bad: Style::new(),
        strong: Style::new(),
        axes: Axes::Both,
    }
}

fn drawn(plot: &Plot<'_>, width: u16, height: u16) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    plot.render(buf.area, &mut buf);
    let row =
        |y: u16| (0..width).filter_map(|x| buf.cell((x, y))).map(ratatui::buffer::Cell::symbol).collect::<String>();
    let rows: Vec<String> = (0..height).map(|y| row(y).trim_end().to_owned()).collect();
    rows.join("\n")
}

#[test]
fn letters_alone_draw_a_plot_with_its_marks() {
    let values: Vec<f64> = (1..=40).map(|step| if step == 25 { 9.0 } else { 10.0 / f64::from(step).sqrt() }).collect();
    let (timeline, series) = (timeline(40), filled(0.0, &values));
    let mut plot = plot(&timeline, &series, (1, 40));
    plot.flags.push(Flag { step: 13, label: "w1".to_owned(), style: Style::new() });
    plot.notches.push(Notch { steps: &[9, 30], sign: "+", style: Style::new() });
    plot.cursor = Some(33);
    let text = drawn(&plot, 50, 10);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn nan_and_both_infinities_have_signs_of_their_own() {
    let mut values = vec![1.0; 30];
    (values[5], values[12], values[20]) = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY);
    let (timeline, series) = (timeline(30), filled(0.0, &values));
    let mut plot = plot(&timeline, &series, (1, 30));
    plot.axes = Axes::None;
    let text = drawn(&plot, 30, 3);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!((rows[0].matches('x').count(), rows[0].matches('^').count()), (1, 1), "{text}");
    assert_eq!(rows[2].matches('v').count(), 1, "{text}");
}

#[test]
fn a_spike_is_seen_however_narrow_and_a_line_behind_that_leaves_has_a_sign() {
    let mut values = vec![1.0; 5000];
    values[2500] = 100.0;
    let (timeline, series) = (timeline(5000), filled(0.0, &values));
    let mut plot = plot(&timeline, &series, (1, 5000));
    plot.axes = Axes::None;
    assert!(drawn(&plot, 20, 6).lines().next().unwrap().contains(['|', '*']));
    let flat = filled(0.0, &vec![1.0; 5000]);
    let behind = Curve { counts: false, ..Curve::behind(series.track(), Style::new()) };
    plot.curves = vec![behind, Curve::front(flat.track(), Style::new())];
    assert!(drawn(&plot, 20, 6).lines().next().unwrap().contains('^'));
}

#[test]
fn one_point_a_constant_and_none_are_drawn() {
    for values in [vec![], vec![0.3], vec![0.3; 9], vec![0.0; 9], vec![f64::NAN; 4], vec![-0.0]] {
        for scale in [Scale::Linear, Scale::Log] {
            let (timeline, series) = (timeline(values.len() as u64), filled(0.0, &values));
            let mut plot = plot(&timeline, &series, (1, values.len() as u64));
            plot.scale = scale;
            let text = drawn(&plot, 40, 6);
            let shown = values.iter().any(|value| value.is_finite() && (*value > 0.0 || scale == Scale::Linear));
            assert_eq!(
                text.lines().any(|line| line.get(7..).is_some_and(|field| field.contains(['*', '|']))),
                shown || values.contains(&0.0),
                "{values:?}\n{text}"
            );
        }
    }
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<f64>(), 8 => -10.0..10.0, 4 => 1e-3..1e3, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY), 1 => Just(0.0), 1 => Just(f64::MAX), 1 => Just(f64::MIN_POSITIVE),
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_lies_outside(
        values in prop::collection::vec(value(), 0..300), window in (0_u64..400, 0_u64..400), corner in (0_u16..4, 0_u16..4),
        size in (0_u16..90, 0_u16..30), kinds in (0_usize..3, 0_usize..3, 0_usize..3), log in (any::<bool>(), any::<bool>()),
        factor in value(), cursor in prop::option::of(0_u64..400), beta in 0.0..0.99,
    ) {
        let scale = |log| if log { Scale::Log } else { Scale::Linear };
        let (timeline, series) = (timeline(values.len() as u64), filled(beta, &values));
        let axis = [XAxis::Step, XAxis::Epoch, XAxis::Time][kinds.0];
        let mut plot = plot(&timeline, &series, window);
        plot.stretch = Stretch::new(&timeline, axis, scale(log.0), window.0, window.1);
        plot.scale = scale(log.1);
        plot.markers = [Markers::Braille, Markers::HalfBlock, Markers::Ascii][kinds.1];
        plot.axes = [Axes::None, Axes::Vertical, Axes::Both][kinds.2];
        plot.curves.insert(0, Curve { counts: false, ..Curve::behind(series.track(), Style::new()) });
        plot.curves.push(Curve { smooth: true, factor, tag: Some("12".to_owned()), timeline: Some(&timeline), ..Curve::front(series.track(), Style::new()) });
        plot.flags.push(Flag { step: window.0, label: "w1".to_owned(), style: Style::new() });
        plot.notches.push(Notch { steps: &[0, 1, 50, u64::MAX], sign: "·", style: Style::new() });
        plot.cursor = cursor;
        let screen = Rect::new(0, 0, 100, 40);
        let mut buf = Buffer::filled(screen, ratatui::buffer::Cell::new("#"));
        let area = Rect::new(corner.0, corner.1, size.0, size.1);
        plot.render(area, &mut buf);
        for (x, y) in (0..100).flat_map(|x| (0..40).map(move |y| (x, y))) {
            let inside = area.contains(ratatui::layout::Position::new(x, y));
            prop_assert!(inside || buf[(x, y)].symbol() == "#", "{x} {y}");
        }
        if let Some(field) = plot.field(area) {
            prop_assert_eq!(field.edges.len(), usize::from(field.area.width) + 1);
            prop_assert!(area.intersection(field.area) == field.area);
            prop_assert!((0..field.area.width).all(|column| (0.0..=1.0).contains(&field.fraction(column))));
        }
    }
}
