//! Transcripts that no alignment with their recording reaches: too many letters for too few positions.
//!
//! Owns the count. Their loss is 0 and teaches nothing, so a person should know of them.

use crate::config::TaskConfig;
use crate::data::{Part, Source, TargetColumn, Targets};
use crate::model::input::FrameInput;
use crate::objective::ctc::alignable;
use crate::protocol::Alert;

/// A warning for each task and part that has such transcripts.
pub fn impossible_alignments(tasks: &[TaskConfig], sources: &[Source]) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for (task, config) in tasks.iter().enumerate() {
        let is_of_letters = |source: &&Source| matches!(source.target(task), Some(TargetColumn::Transcript(_)));
        let Some(source) = sources.iter().find(is_of_letters) else { continue };
        for part in [Part::Train, Part::Valid, Part::Test] {
            let rows = source.part(part);
            let Some(Targets::Sequences(targets)) = source.targets(task, rows) else { continue };
            let each = targets.iter().zip(source.lengths(rows)).zip(rows);
            let impossible: Vec<usize> = each
                .filter(|((target, frames), _)| {
                    target.as_ref().is_some_and(|target| !alignable(FrameInput::positions(*frames), target))
                })
                .map(|(_, row)| *row)
                .collect();
            if let Some(first) = impossible.first() {
                let message = format!(
                    "{} of {} {} recordings are too short for their letters (the first is {}): their loss counts as 0",
                    impossible.len(),
                    rows.len(),
                    part.name(),
                    source.shown(*first)
                );
                alerts.push(Alert {
                    step: 0,
                    code: "impossible_alignment".to_owned(),
                    level: "warning".to_owned(),
                    task: Some(config.name.clone()),
                    message,
                });
            }
        }
    }
    alerts
}
