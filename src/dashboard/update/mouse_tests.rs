//! The mouse, over the screen as it is drawn.

use super::*;
use crate::dashboard::testing::{end, hear, press, running, screen, text};
use crate::dashboard::{Message, update};
use crate::protocol::EndReason;
use proptest::prelude::*;

const THREE: [&str; 3] = ["heating", "cooling", "class"];

fn sized(width: u16, height: u16) -> State {
    let mut state = running(&THREE, 300);
    update(&mut state, Message::Resize(width, height));
    state
}

fn mouse(state: &mut State, kind: MouseEventKind, (column, row): (u16, u16)) -> Vec<Effect> {
    update(state, Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

fn down(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Down(MouseButton::Left), at)
}

fn drag(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Drag(MouseButton::Left), at)
}

fn up(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Up(MouseButton::Left), at)
}

/// Where a text stands on the screen, the last time from the top.
fn find(state: &State, wanted: &str) -> (u16, u16) {
    let shown = text(state, state.size.0, state.size.1);
    let line = |(row, line): (usize, &str)| {
        // Each line of the backend's text stands in quotes.
        let cells: String = line.chars().skip(1).collect();
        cells.find(wanted).map(|at| (cells[..at].chars().count() as u16, row as u16))
    };
    shown.lines().enumerate().filter_map(line).last().unwrap_or_else(|| panic!("'{wanted}' in\n{shown}"))
}

/// The slider of a task: its cells.
fn bar(state: &State, task: usize) -> Rect {
    let (width, height) = state.size;
    let places = (0..height).flat_map(|row| (0..width).map(move |column| (column, row)));
    let mut found = places.filter_map(|(column, row)| match hit(state, column, row) {
        Some(Hit::Slider(place, bar)) if place == task => Some(bar),
        _ => None,
    });
    found.next_back().unwrap()
}

#[test]
fn a_click_on_a_tab_a_pane_and_a_task_goes_there() {
    let mut state = sized(80, 24);
    let at = find(&state, "Validation");
    down(&mut state, at);
    assert_eq!(state.pane, Pane::Validation);
    let at = find(&state, "cooling");
    down(&mut state, at);
    assert_eq!(state.selected(), Some(1));

    let mut state = sized(120, 40);
    let at = find(&state, "Cosine");
    down(&mut state, at);
    assert_eq!(state.pane, Pane::Cosine);
    let (column, row) = find(&state, "Events");
    down(&mut state, (column, row + 1));
    assert_eq!(state.pane, Pane::Events);
}

#[test]
fn a_drag_along_a_slider_asks_once_for_the_weight_at_its_end() {
    for size in [(120, 40), (80, 24)] {
        let mut state = sized(size.0, size.1);
        let bar = bar(&state, 1);
        let middle = (bar.x + bar.width / 2, bar.y);
        assert!(down(&mut state, middle).is_empty());
        assert_eq!(state.selected(), Some(1), "a press selects");
        assert!(drag(&mut state, (bar.right() - 2, bar.y)).is_empty());
        // The pointer may leave the row and the slider.
        assert!(drag(&mut state, (bar.right() + 3, bar.y + 1)).is_empty());
        assert!(text(&state, size.0, size.1).contains("10.0"), "the asked weight is shown while it is dragged");
        let effects = up(&mut state, (bar.right() + 3, bar.y + 1));
        let [Effect::Send { request, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        let wanted = Command::SetWeight { task: "cooling".to_owned(), value: 10.0, over_steps: None };
        assert_eq!(request.command, wanted);
        assert!(text(&state, size.0, size.1).contains("→10"), "then it is pending");
        assert!(up(&mut state, middle).is_empty());
    }
}

#[test]
fn a_click_on_a_slider_changes_no_weight() {
    let mut state = sized(120, 40);
    let bar = bar(&state, 2);
    assert!(down(&mut state, (bar.x, bar.y)).is_empty() && up(&mut state, (bar.x, bar.y)).is_empty());
    assert_eq!((state.selected(), state.run().unwrap().pending.len()), (Some(2), 0));
}

#[test]
fn a_drag_in_vain_says_why_at_its_start() {
    let mut state = sized(120, 40);
    let bar = bar(&state, 0);
    hear(&mut state, end(300, EndReason::Finished));
    down(&mut state, (bar.x, bar.y));
    drag(&mut state, (bar.x + 4, bar.y));
    assert_eq!(state.notice(), Some(state.words.run_over));
    assert!(up(&mut state, (bar.x + 4, bar.y)).is_empty());
}

#[test]
fn with_the_mouse_off_nothing_is_heard_and_the_screen_says_so() {
    let mut state = sized(80, 24);
    assert_eq!(press(&mut state, "M"), [Effect::Mouse(false)]);
    state.clear_notice();
    assert!(text(&state, 80, 24).contains("mouse off"));
    let at = find(&state, "Validation");
    down(&mut state, at);
    assert_eq!(state.pane, Pane::Loss);
    assert_eq!(press(&mut state, "M"), [Effect::Mouse(true)]);
}

#[test]
fn the_wheel_scrolls_what_it_is_over() {
    let mut state = sized(120, 40);
    let (column, row) = find(&state, "Events");
    mouse(&mut state, MouseEventKind::ScrollDown, (column, row + 1));
    let run = state.run().unwrap();
    let place = state.panels.selected_event(run).unwrap().0;
    assert_eq!((place, state.pane), (WHEEL.min(run.log.len() - 1), Pane::Loss));
    let (column, row) = find(&state, "heating");
    mouse(&mut state, MouseEventKind::ScrollDown, (column, row));
    assert_eq!(state.selected(), Some(1));
}

#[test]
fn what_is_hit_is_what_is_drawn() {
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 16)] {
        let state = sized(width, height);
        let terminal = screen(&state, width, height);
        let buffer = terminal.backend().buffer();
        let mut sliders = 0;
        for row in 0..height {
            for column in 0..width {
                let drawn = buffer[(column, row)].symbol();
                if let Some(Hit::Slider(..)) = hit(&state, column, row) {
                    assert!("━●─○".contains(drawn), "{width}x{height} {column},{row}: '{drawn}'");
                    sliders += 1;
                } else {
                    assert_ne!(drawn, "●", "{width}x{height} {column},{row}");
                }
            }
        }
        assert!(sliders >= 3 * 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn only_a_drag_along_a_slider_sends_anything(
        size in (0_u16..220, 0_u16..70),
        events in prop::collection::vec((0_u8..6, 0_u16..230, 0_u16..80), 0..60),
    ) {
        let mut state = sized(size.0, size.1);
        for (kind, column, row) in events {
            let kind = match kind {
                0 => MouseEventKind::Down(MouseButton::Left),
                1 => MouseEventKind::Up(MouseButton::Left),
                2 => MouseEventKind::Drag(MouseButton::Left),
                3 => MouseEventKind::ScrollUp,
                4 => MouseEventKind::ScrollDown,
                _ => MouseEventKind::Down(MouseButton::Right),
            };
            let held = state.pointer.held;
            let effects = mouse(&mut state, kind, (column, row));
            let may = matches!(held, Held::Slider { wanted: Some(_), .. }) && kind == MouseEventKind::Up(MouseButton::Left);
            prop_assert!(effects.is_empty() || (may && effects.len() == 1));
            for effect in effects {
                let is_weight = matches!(&effect, Effect::Send { request, .. } if matches!(request.command, Command::SetWeight { .. }));
                prop_assert!(is_weight);
            }
        }
        screen(&state, size.0, size.1);
    }
}
