//! Theme, mouse capture, and the ground that the terminal tells.

use crate::dashboard::action::Action;
use crate::dashboard::message::Effect;
use crate::dashboard::pointer::Pointer;
use crate::dashboard::state::State;
use crate::dashboard::words::fill;

/// The next theme, or the mouse on or off; `None` where the action is about something else.
pub fn look(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Theme => {
            state.look.theme = state.look.theme.next();
            state.palette = state.look.palette();
            let words = &state.words.look;
            state.notify(fill(words.theme, &[words.theme_name(state.look.theme)]));
            Some(Vec::new())
        }
        Action::Mouse => {
            state.look.mouse = !state.look.mouse;
            state.pointer = Pointer::default();
            let words = &state.words.look;
            state.notify(if state.look.mouse { words.mouse_on } else { words.mouse_off_now }.to_owned());
            Some(vec![Effect::Mouse(state.look.mouse)])
        }
        _ => None,
    }
}

/// The terminal's ground is light, or dark.
pub fn background(state: &mut State, light: bool) {
    if state.look.capabilities.light == light {
        return;
    }
    state.look.capabilities.light = light;
    if state.look.follows_ground() {
        state.palette = state.look.palette();
        state.touch();
    }
}
