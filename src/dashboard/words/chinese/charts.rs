//! Words of the charts, in Chinese.

use crate::dashboard::words::charts::ChartWords;

/// Chinese.
pub const CHINESE: ChartWords = ChartWords {
    weighted: "乘以权重",
    share_of_total: "占总和 %",
    relative: "相对开头",
    multiples: "分列",
    frozen_view: "定格 {}–{}",
    following: "最近 {} 步",
    log_across: "横轴对数",
    no_earlier: "没有更早的可显示",
    no_later: "没有更晚的可显示",
    no_mark: "那边没有标记",
    out_of_sight: "不在视野内",
    slopes: "% 每 100 步",
    evaluation: "评估",
    checkpoint: "检查点",
    behind: "运行 {}，其余在后",
};
