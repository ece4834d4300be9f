//! Where each panel lies: a pure function of columns, rows, and number of tasks.

use ratatui::layout::Rect;

/// A panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Loss curves.
    Loss,
    /// Gradient norms.
    Gradients,
    /// Cosines between tasks.
    Cosine,
    /// What the measured gradients say about each task.
    Balance,
    /// What other methods would do.
    Methods,
    /// Metrics on the validation part.
    Validation,
    /// Inputs with wanted and given answers.
    Samples,
    /// Task weights.
    Weights,
    /// What happened.
    Events,
    /// Numbers of other kinds.
    Scalars,
    /// Several runs beside each other.
    Compare,
    /// The run itself: configuration, machine, where the time goes.
    Machine,
}

impl Pane {
    /// All, in the order of the tab key.
    pub const ALL: [Self; 12] = [
        Self::Loss,
        Self::Gradients,
        Self::Cosine,
        Self::Balance,
        Self::Methods,
        Self::Validation,
        Self::Samples,
        Self::Weights,
        Self::Events,
        Self::Scalars,
        Self::Compare,
        Self::Machine,
    ];

    /// Whether it takes turns with others below the losses on a wide screen.
    pub fn is_middle(self) -> bool {
        matches!(self, Self::Gradients | Self::Balance | Self::Methods | Self::Scalars | Self::Compare | Self::Machine)
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        self.moved(1)
    }

    /// The previous one.
    #[must_use]
    pub fn previous(self) -> Self {
        self.moved(Self::ALL.len() - 1)
    }

    fn moved(self, by: usize) -> Self {
        let place = Self::ALL.iter().position(|pane| *pane == self).unwrap_or(0);
        Self::ALL.get((place + by) % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// What is drawn where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// No cell at all.
    Nothing,
    /// One line of text.
    Line(Rect),
    /// No borders: status, one curve, task lines, hints.
    Small {
        /// One row.
        status: Rect,
        /// The focused task's curve; another pane where it was asked for.
        plot: Rect,
        /// A row a task.
        tasks: Rect,
        /// One row.
        footer: Rect,
    },
    /// One pane at a time above a table of all tasks.
    Tabs {
        /// One row.
        status: Rect,
        /// The pane, with its border; the names of all panes are its title.
        body: Rect,
        /// A row a task.
        tasks: Rect,
        /// The newest events.
        events: Rect,
        /// Lines of advice.
        advice: Rect,
        /// One row.
        footer: Rect,
    },
    /// All panes at once; neighbours share their border.
    Wide {
        /// One row.
        status: Rect,
        /// Panes with their borders.
        panes: Vec<(Pane, Rect)>,
        /// Lines of advice.
        advice: Rect,
        /// One row.
        footer: Rect,
    },
}

/// What a layout depends on beside the size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Content {
    /// Tasks.
    pub tasks: usize,
    /// Rows of the validation table.
    pub metrics: usize,
    /// Lines of what has to be read among the newest events.
    pub news: usize,
    /// Whether one pane has all the room.
    pub zoomed: bool,
    /// Lines of advice.
    pub advice: usize,
    /// The pane below the losses on a wide screen; gradient norms where none was asked for.
    pub middle: Option<Pane>,
    /// Rows that this pane would like to have.
    pub middle_rows: usize,
    /// Whether anything is known for the panes of balance and methods.
    pub evidence: bool,
    /// Rows that the table of methods would like to have.
    pub methods_rows: usize,
    /// Whether the cosines are those of one pair over steps.
    pub pair: bool,
    /// The most samples that a task has.
    pub samples: usize,
}

/// Chooses the layout.
pub fn arrange(area: Rect, pane: Pane, content: Content) -> Layout {
    let Rect { width, height, .. } = area;
    match (width, height) {
        (0, _) | (_, 0) => Layout::Nothing,
        (..20, _) | (_, ..5) => Layout::Line(Rect { height: 1, ..area }),
        (100.., 28..) => wide(area, pane, content),
        (60.., 16..) => tabs(area, pane, content),
        _ => small(area, pane, content),
    }
}

/// A row of an area, counted from its top; empty where there is none.
fn row(area: Rect, place: u16) -> Rect {
    rows(area, place, 1)
}

fn rows(area: Rect, place: u16, count: u16) -> Rect {
    let place = place.min(area.height);
    Rect { y: area.y + place, height: count.min(area.height - place), ..area }
}

fn small(area: Rect, pane: Pane, content: Content) -> Layout {
    let middle = area.height - 2;
    let tasks = match pane {
        Pane::Loss => own_rows(middle, content),
        _ if content.zoomed => 0,
        _ => own_rows(middle, content),
    };
    Layout::Small {
        status: row(area, 0),
        plot: rows(area, 1, middle - tasks),
        tasks: rows(area, 1 + middle - tasks, tasks),
        footer: row(area, area.height - 1),
    }
}

/// A row a task, half of the rows at most.
fn own_rows(middle: u16, content: Content) -> u16 {
    (content.tasks.min(64) as u16).min(middle / 2).max(u16::from(content.tasks > 0))
}

/// Lines of advice, among `room` rows; a pane that has the whole screen keeps it unless advice belongs to it.
fn advice_rows(pane: Pane, content: Content, room: u16) -> u16 {
    let wanted = if content.zoomed && !matches!(pane, Pane::Balance | Pane::Methods) { 0 } else { content.advice };
    (wanted.min(3) as u16).min(room)
}

fn tabs(area: Rect, pane: Pane, content: Content) -> Layout {
    let middle = area.height - 2;
    let (tasks, events) = if content.zoomed {
        (0, 0)
    } else {
        let least = if middle >= 16 { 2 } else { 1 };
        ((content.tasks.min(64) as u16).min(middle / 3), (content.news.min(3) as u16).max(least))
    };
    let advice = advice_rows(pane, content, (middle - tasks - events).saturating_sub(7));
    let body = middle - tasks - events - advice;
    Layout::Tabs {
        status: row(area, 0),
        body: rows(area, 1, body),
        tasks: rows(area, 1 + body, tasks),
        events: rows(area, 1 + body + tasks, events),
        advice: rows(area, 1 + body + tasks + events, advice),
        footer: row(area, area.height - 1),
    }
}

fn wide(area: Rect, pane: Pane, content: Content) -> Layout {
    let advice = advice_rows(pane, content, 3);
    let body = rows(area, 1, area.height - 2 - advice);
    let panes = if content.zoomed {
        vec![(pane, body)]
    } else {
        let right = (body.width * 2 / 5).clamp(44, (body.width / 3).max(64));
        let left = Rect { width: body.width - right + 1, ..body };
        let right = Rect { x: left.x + left.width - 1, width: right, ..body };
        let third = body.height / 3;
        let table = |rows: usize, most: u16| (rows.min(200) as u16).min(most);
        // Left: curves take what the validation table leaves.
        let double = content.evidence && doubles(area);
        let methods = if double { content.methods_rows + 3 } else { 0 };
        let validation = table((content.metrics + 3).max(methods), third.max(6)).max(4);
        let curves = body.height - validation + 1;
        let norms = match content.middle {
            // The table of balance beside has a row a task.
            _ if double => (curves * 2 / 5).max(table(content.tasks + 4, curves.saturating_sub(16))).max(6),
            Some(Pane::Balance | Pane::Methods | Pane::Scalars | Pane::Compare | Pane::Machine) => {
                table(content.middle_rows + 2, curves - 8).max(6)
            }
            _ => (curves * 2 / 5).max(6),
        };
        let middle = content.middle.unwrap_or(Pane::Gradients);
        // Balance and methods have places of their own then, so that nothing jumps when they are gone to.
        let middle = if double && matches!(middle, Pane::Balance | Pane::Methods) { Pane::Gradients } else { middle };
        // Right: weights and cosines take what they need, events the rest.
        let weights = table(content.tasks + 4, body.height / 2 - 2).max(5);
        let wanted = if content.pair { content.tasks.max(PAIR) } else { content.tasks };
        let cosine = table(wanted + 3, body.height - weights - 4).max(4);
        let events = body.height + 2 - weights - cosine;
        let mut panes =
            stack(left, &[(Pane::Loss, curves - norms + 1), (middle, norms), (Pane::Validation, validation)]);
        if double {
            panes = panes.into_iter().flat_map(|(pane, area)| beside(pane, area)).collect();
        }
        let mut column = vec![(Pane::Weights, weights), (Pane::Cosine, cosine)];
        if roomy(area) && events >= SHARED {
            let samples = table(content.samples * 3 + 2, events * 3 / 5).max(events / 4);
            column.extend([(Pane::Samples, samples), (Pane::Events, events - samples + 1)]);
        } else {
            // Without room for both, the samples take the place of the events while they are looked at.
            column.push((if pane == Pane::Samples { pane } else { Pane::Events }, events));
        }
        panes.extend(stack(right, &column));
        panes
    };
    let advice = rows(area, area.height - 1 - advice, advice);
    Layout::Wide { status: row(area, 0), panes, advice, footer: row(area, area.height - 1) }
}

/// Rows that a pair's cosine over steps would like to have.
const PAIR: usize = 9;

/// Rows that samples and events need to stand below each other.
const SHARED: u16 = 16;

/// A pane of the left column, with its neighbour where it has one.
fn beside(pane: Pane, area: Rect) -> Vec<(Pane, Rect)> {
    let other = match pane {
        Pane::Loss => return vec![(pane, area)],
        Pane::Validation => Pane::Methods,
        _ => Pane::Balance,
    };
    let half = area.width / 2 + 1;
    let right = Rect { x: area.x + half - 1, width: area.width - half + 1, ..area };
    vec![(pane, Rect { width: half, ..area }), (other, right)]
}

/// Whether the screen is large enough for balance and methods beside the gradient norms and the validation.
fn doubles(area: Rect) -> bool {
    area.width >= 180 && area.height >= 50
}

/// Whether the screen is large enough for samples beside all others.
fn roomy(area: Rect) -> bool {
    area.width >= 140 && area.height >= 45
}

/// Panes below each other, each upper border lying on the lower border before it.
fn stack(column: Rect, heights: &[(Pane, u16)]) -> Vec<(Pane, Rect)> {
    let mut top = 0;
    heights
        .iter()
        .map(|&(pane, height)| {
            let area = rows(column, top, height);
            top += height.saturating_sub(1);
            (pane, area)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(width: u16, height: u16, tasks: usize) -> Layout {
        arrange(Rect::new(0, 0, width, height), Pane::Loss, Content { tasks, metrics: tasks, ..Content::default() })
    }

    #[test]
    fn each_size_has_its_form() {
        assert!(matches!(at(120, 40, 4), Layout::Wide { .. }));
        assert!(matches!(at(80, 24, 4), Layout::Tabs { .. }));
        assert!(matches!(at(40, 12, 4), Layout::Small { .. }));
        assert!(matches!(at(19, 40, 4), Layout::Line(_)));
        assert!(matches!(at(120, 4, 4), Layout::Line(_)));
        assert!(matches!(at(0, 9, 4), Layout::Nothing));
    }

    #[test]
    fn the_focused_pane_goes_round() {
        let mut pane = Pane::Loss;
        for _ in Pane::ALL {
            assert_eq!(pane.next().previous(), pane);
            pane = pane.next();
        }
        assert_eq!(pane, Pane::Loss);
    }

    #[test]
    fn samples_are_seen_on_a_large_screen_and_elsewhere_in_place_of_the_events() {
        let shown = |width, height, pane, tasks| {
            let content = Content { tasks, metrics: tasks, ..Content::default() };
            let Layout::Wide { panes, .. } = arrange(Rect::new(0, 0, width, height), pane, content) else { panic!() };
            [Pane::Samples, Pane::Events].map(|wanted| panes.iter().any(|(pane, _)| *pane == wanted))
        };
        assert_eq!(shown(140, 45, Pane::Loss, 4), [true, true]);
        assert_eq!(shown(140, 44, Pane::Loss, 4), [false, true]);
        assert_eq!(shown(120, 40, Pane::Samples, 4), [true, false]);
        assert_eq!(shown(140, 45, Pane::Loss, 64), [false, true]);
        assert_eq!(shown(140, 45, Pane::Samples, 64), [true, false]);
    }

    #[test]
    fn a_very_large_screen_shows_balance_and_methods_and_nothing_jumps_on_the_way_to_them() {
        let panes = |middle, evidence| {
            let content = Content {
                tasks: 4,
                metrics: 4,
                evidence,
                middle: Some(middle),
                methods_rows: 14,
                ..Content::default()
            };
            let Layout::Wide { panes, .. } = arrange(Rect::new(0, 0, 200, 60), middle, content) else { panic!() };
            panes
        };
        let gradients = panes(Pane::Gradients, true);
        assert!([Pane::Balance, Pane::Methods].iter().all(|pane| gradients.iter().any(|(name, _)| name == pane)));
        assert_eq!(gradients, panes(Pane::Balance, true));
        assert_eq!(gradients, panes(Pane::Methods, true));
        assert!(panes(Pane::Scalars, true).iter().all(|(name, _)| *name != Pane::Gradients));
        assert!(panes(Pane::Gradients, false).iter().all(|(name, _)| *name != Pane::Balance));
    }

    proptest! {
        #[test]
        fn every_rectangle_lies_inside_and_each_column_is_filled(width in 0_u16..400, height in 0_u16..200, tasks in 0_usize..100, place in 0_usize..Pane::ALL.len(), metrics in 0_usize..200, news in 0_usize..9, zoomed: bool, advice in 0_usize..5, middle_rows in 0_usize..300, evidence: bool, methods_rows in 0_usize..40, pair: bool, samples in 0_usize..40) {
            let area = Rect::new(0, 0, width, height);
            let inside = |part: Rect| part.is_empty() || area.intersection(part) == part;
            let middle = Some(Pane::ALL[place]).filter(|pane| pane.is_middle());
            let content =
                Content { tasks, metrics, news, zoomed, advice, middle, middle_rows, evidence, methods_rows, pair, samples };
            match arrange(area, Pane::ALL[place], content) {
                Layout::Nothing => prop_assert!(area.is_empty()),
                Layout::Line(line) => prop_assert!(inside(line)),
                Layout::Small { status, plot, tasks, footer } => {
                    prop_assert!([status, plot, tasks, footer].into_iter().all(inside));
                    prop_assert_eq!(status.height + plot.height + tasks.height + footer.height, height);
                    prop_assert!(plot.height > 0);
                }
                Layout::Tabs { status, body, tasks, events, advice, footer } => {
                    let all = [status, body, tasks, events, advice, footer];
                    prop_assert!(all.into_iter().all(inside));
                    prop_assert_eq!(all.iter().map(|part| part.height).sum::<u16>(), height);
                    prop_assert!(body.height >= 5);
                }
                Layout::Wide { panes, advice, .. } => {
                    prop_assert!(inside(advice));
                    let names: Vec<Pane> = panes.iter().map(|(pane, _)| *pane).collect();
                    prop_assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{:?}", names);
                    // Neighbours share a border at most.
                    for (at, (_, one)) in panes.iter().enumerate() {
                        let clash = |other: &Rect| {
                            let common = one.intersection(*other);
                            common.width > 1 && common.height > 1
                        };
                        prop_assert!(!panes[..at].iter().any(|(_, other)| clash(other)));
                    }
                    prop_assert!(panes.iter().all(|(_, part)| inside(*part) && part.height >= 3 && part.width >= 40));
                    prop_assert_eq!(panes.iter().map(|(_, part)| part.bottom()).max(), Some(height - 1 - advice.height));
                }
            }
        }
    }
}
