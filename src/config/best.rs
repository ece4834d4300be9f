//! `train.best` in words: `score`, `last` or `TASK.METRIC`.
//!
//! Owns the way between the words and a task that reports the metric. It must not know positions in a file.

use super::tree::near;
use super::types::{BestBy, MetricKind, TaskConfig};

/// Why words name nothing that a state can be chosen by.
#[derive(Debug, PartialEq)]
pub(super) struct BestFault<'a> {
    /// The task, where the words name one that there is.
    pub task: Option<&'a str>,
    /// A sentence for people.
    pub message: String,
}

impl BestBy {
    /// What these words stand for. A task's name may hold dots, a metric's does not.
    pub(super) fn parse<'a>(text: &str, tasks: &'a [TaskConfig]) -> Result<Self, BestFault<'a>> {
        match text {
            "score" => return Ok(Self::Score),
            "last" => return Ok(Self::Last),
            _ => {}
        }
        let Some((name, metric)) = text.rsplit_once('.') else {
            let near = near(text, ["score", "last"].into_iter());
            let message = format!("expected score, last or TASK.METRIC, found '{text}'{near}");
            return Err(BestFault { task: None, message });
        };
        let named = tasks.iter().enumerate().find(|(_, task)| task.name == name);
        let Some((task, config)) = named else {
            let near = near(name, tasks.iter().map(|task| task.name.as_str()));
            return Err(BestFault { task: None, message: format!("no task named '{name}'{near}") });
        };
        if let Some(metric) = MetricKind::parse(metric).filter(|metric| config.metrics.contains(metric)) {
            return Ok(Self::Metric { task, metric });
        }
        let near = near(metric, config.metrics.iter().map(|metric| metric.name()));
        let message = match MetricKind::parse(metric) {
            Some(metric) if metric.fits(config.loss) => {
                format!("task '{name}' does not report '{metric}': name it under task.{name}.metrics")
            }
            _ => format!("task '{name}' does not report '{metric}'{near}"),
        };
        Err(BestFault { task: Some(&config.name), message })
    }

    /// The words for it.
    pub(super) fn words(self, tasks: &[TaskConfig]) -> String {
        match self {
            Self::Score => "score".to_owned(),
            Self::Last => "last".to_owned(),
            Self::Metric { task, metric } => {
                format!("{}.{metric}", tasks.get(task).map_or("", |task| task.name.as_str()))
            }
        }
    }
}
