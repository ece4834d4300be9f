//! Words of typed commands, undo, lock, in Chinese.

use crate::dashboard::words::acting::ActingWords;
use crate::protocol::Form;

/// Chinese.
pub const CHINESE: ActingWords = ActingWords {
    form,
    palette_title: "命令",
    locked: "已锁定",
    locked_notice: "已锁定：按 {} 解锁会改变运行的键",
    unlocked_notice: "已解锁",
    stop_is_not_locked: "锁定不妨碍停止。",
    nothing_to_undo: "没有可撤销的改动",
    nothing_to_redo: "没有可重做的改动",
    undid: "已撤销：{}",
    redid: "已重做：{}",
    changed_since: "{}（其间 {} 改过）",
    undo_waits: "得到答复后立即撤销",
    not_taken_short: "此处不接受",
    over_short: "运行已结束",
    no_such_word: "没有命令或操作 '{}'",
    did_you_mean: "{}（是否指 '{}'？）",
    takes_nothing: "'{}' 之后不能有内容",
    no_task: "没有名为 '{}' 的任务（任务：{}）",
    wrong_count: "{} 个权重，{} 个任务",
    wrong_weight: "权重须为有限且不小于 0 的数，得到 {}",
    no_match: "没有符合的",
    now: "现为",
    expected: "应为：{}",
    prompt_filter: "只显示",
    help_filtered: "含 '{}' 的行",
};

/// What a command does; a command that is new here keeps its English line.
fn form(form: &'static Form) -> &'static str {
    match form.verb {
        "weight" => "设定一个任务的权重，立即或渐变",
        "weights" => "设定全部权重，每个任务一个值",
        "mute" => "更新中不计入一个任务",
        "unmute" => "重新计入被屏蔽的任务",
        "muted" => "恰好屏蔽这些任务",
        "equalize" => "设定权重使梯度范数相等",
        "weighting" => "选择由权重和损失得出因子的方法",
        "aggregation" => "选择由各梯度得出一个更新的方法",
        "lr" => "设定学习率；调度由此继续",
        "clip" => "限制更新的范数，或不限",
        "gradient-every" => "每隔多少步测量各任务的梯度；0 为不测",
        "freeze" => "停止更新一部分：encoder，或任务的输出头",
        "unfreeze" => "重新更新冻结的部分",
        "set" => "设定训练端的一个旋钮",
        "pause" => "在下一步之前等待",
        "resume" => "暂停之后继续",
        "advance" => "暂停时走若干步",
        "pace" => "限制每秒步数",
        "evaluate" => "立即评估验证集",
        "checkpoint" => "立即保存状态",
        "restore" => "回到一个检查点",
        "stop" => "保存状态并结束运行",
        "note" => "记一句备注",
        _ => form.help,
    }
}
