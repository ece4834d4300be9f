//! Words of watching and replaying records, in Chinese.

use crate::dashboard::words::watch::WatchWords;

/// Chinese.
pub const CHINESE: WatchWords = WatchWords {
    replay: "回放",
    playing: "播放中",
    held: "停住",
    read_only: "只读",
    is_record: "这是记录：其中什么都不能改动",
    nobody_listens: "这里没有人接受请求：只有事件",
    silent_for: "训练端不在，最后的事件在 {} 前",
    no_trainer: "训练端不在",
    resume: "trimtab resume {}",
    compare: "比较",
    one_run: "只有一个运行：无从比较",
    run: "运行",
    state: "状态",
    delta_to: "Δ 对 {}",
    looked_at: "正在看 {}：{}",
};
