//! Going through a record, and from one run to the next.

use crate::dashboard::action::{Action, command_of};
use crate::dashboard::format;
use crate::dashboard::message::Effect;
use crate::dashboard::replay::{Origin, Replay};
use crate::dashboard::state::State;
use crate::dashboard::words::fill;

/// Carries out an action of the replay, or refuses one that would change a run nobody trains; `None` where the action
/// is about something else.
pub fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    let now = state.now;
    match action {
        Action::NextRun => {
            next_run(state);
            return Some(Vec::new());
        }
        _ if command_of(action).is_some() && refuses(state) => return Some(Vec::new()),
        _ => {}
    }
    let change: &dyn Fn(&mut Replay) = match action {
        Action::ReplayPlay => &|replay| replay.play_or_hold(now),
        Action::ReplayForward => &|replay| replay.step(true),
        Action::ReplayBack => &|replay| replay.step(false),
        Action::ReplaySlower => &|replay| replay.change_speed(false),
        Action::ReplayFaster => &|replay| replay.change_speed(true),
        Action::ReplayJumpBack => &|replay| replay.jump(false, now),
        Action::ReplayJumpForward => &|replay| replay.jump(true, now),
        Action::ReplayStart => &|replay| replay.go(0, now),
        Action::ReplayEnd => &|replay| replay.go(replay.moments().last(), now),
        _ => return None,
    };
    let run = state.active;
    Some(changed(state, run, change).into_iter().collect())
}

/// Goes to the last moment of a step in the record that is looked at.
pub fn jump_to_step(state: &mut State, step: u64) -> Vec<Effect> {
    let (run, now) = (state.active, state.now);
    changed(state, run, &|replay| replay.go(replay.moments().of_step(step), now)).into_iter().collect()
}

/// Lets the records that play go on.
pub fn tick(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    (0..state.origins.len()).filter_map(|run| changed(state, run, &|replay| replay.tick(now))).collect()
}

/// Whether the run that is looked at takes no requests from here; says so where that is so.
pub fn refuses(state: &mut State) -> bool {
    let words = &state.words.watch;
    let why = match state.origins.get(state.active) {
        Some(Origin::Record(_)) => words.is_record,
        Some(Origin::Heard) => words.nobody_listens,
        _ => return false,
    };
    state.notify(why.to_owned());
    true
}

/// Changes a replay, and asks for the moment that it came to.
fn changed(state: &mut State, run: usize, change: &dyn Fn(&mut Replay)) -> Option<Effect> {
    let Some(Origin::Record(replay)) = state.origins.get_mut(run) else { return None };
    let (place, playing) = (replay.place(), replay.is_playing());
    change(replay);
    let (new, plays) = (replay.place(), replay.is_playing());
    if new != place || plays != playing {
        state.touch();
    }
    (new != place).then_some(Effect::Show { run, place: new })
}

fn next_run(state: &mut State) {
    let count = state.runs.len();
    if count < 2 {
        return state.notify(state.words.watch.one_run.to_owned());
    }
    state.active = (state.active + 1) % count;
    state.samples.scroll = 0;
    let name = state.run().map_or(String::new(), |run| run.name.clone());
    state.notify(fill(state.words.watch.looked_at, &[&format::letter(state.active), &name]));
}
