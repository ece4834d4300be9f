//! What the mouse is doing: between the press of a button and its release.

use ratatui::layout::Rect;
use std::time::Duration;

/// How soon after one click the next one makes it a double click.
const DOUBLE: Duration = Duration::from_millis(400);

/// What a held button does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// It moves a task's weight.
    Slider {
        /// The task.
        place: usize,
        /// The cells of its slider.
        bar: Rect,
        /// The weight at the pointer, once it has moved.
        wanted: Option<f64>,
    },
    /// It spans a window of a chart.
    Window {
        /// The chart's cells.
        room: Rect,
        /// The column where it went down.
        from: u16,
        /// The column where it is.
        to: u16,
    },
}

/// The mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pointer {
    /// What a held button does.
    pub held: Held,
    /// Place and time of the last click.
    clicked: Option<(u16, u16, Duration)>,
}

impl Pointer {
    /// The weight that a drag asks for a task, while it lasts.
    pub fn wanted_weight(&self, task: usize) -> Option<f64> {
        match self.held {
            Held::Slider { place, wanted, .. } if place == task => wanted,
            _ => None,
        }
    }

    /// Notes a click; whether it is the second of two.
    pub fn click(&mut self, column: u16, row: u16, now: Duration) -> bool {
        let double = self.clicked.is_some_and(|(before, line, time)| {
            before.abs_diff(column) <= 1 && line == row && now.saturating_sub(time) <= DOUBLE
        });
        self.clicked = if double { None } else { Some((column, row, now)) };
        double
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_quick_clicks_on_one_place_are_a_double_one_and_a_third_starts_again() {
        let mut pointer = Pointer::default();
        let at = Duration::from_millis;
        assert!(!pointer.click(5, 5, at(0)));
        assert!(pointer.click(6, 5, at(300)));
        assert!(!pointer.click(6, 5, at(400)));
        assert!(!pointer.click(6, 5, at(900)), "too late");
        assert!(!pointer.click(6, 6, at(950)), "another row");
    }
}
