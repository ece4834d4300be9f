//! Words of themes, markers and the mouse, in Chinese.

use crate::dashboard::words::look::{LookWords, MouseWords};

/// Chinese.
pub const CHINESE: LookWords = LookWords {
    mouse_on: "鼠标已开；按住 Shift 拖动选择文字",
    mouse_off: "鼠标关",
    mouse_off_now: "鼠标已关：可以选择文字",
    mouse: MouseWords {
        title: "鼠标",
        deeds: &[
            ("单击", "转到面板或标签，选择任务"),
            ("拖动", "沿滑块：设定权重"),
            ("", "在图表上：放大到所选范围"),
            ("", "按住 Shift：选择文字"),
            ("双击", "图表重新显示整个运行"),
            ("滚轮", "在指针处缩放图表，或滚动"),
        ],
    },
    rows_of: "{}-{}/{}",
    theme: "主题：{}",
    theme_auto: "自动",
    theme_dark: "深色",
    theme_light: "浅色",
    theme_high_contrast: "高对比度",
    theme_mono: "单色",
};
