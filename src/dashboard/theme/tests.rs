//! Colours that can be read and told apart: contrasts as WCAG 2 counts them, and three kinds of colour blindness.

use super::inks::{DARK, HIGH_DARK, HIGH_LIGHT, LIGHT};
use super::*;

const GROUNDS: [(&str, &Inks, f64); 4] =
    [("dark", &DARK, 4.5), ("light", &LIGHT, 4.5), ("high dark", &HIGH_DARK, 7.0), ("high light", &HIGH_LIGHT, 7.0)];

/// Red, green and blue of a colour of 256 beyond the first 16, by the usual table.
fn of_256(index: u8) -> (u8, u8, u8) {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..16 => panic!("the first 16 are the user's"),
        16..232 => (level((index - 16) / 36), level((index - 16) / 6 % 6), level((index - 16) % 6)),
        232.. => (8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
    }
}

fn rgb(colour: Color) -> (u8, u8, u8) {
    match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(index) => of_256(index),
        other => panic!("{other:?}"),
    }
}

fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn black_on_white_has_the_contrast_that_the_standard_says() {
    assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 1e-9);
    // The grey that is the lightest allowed on white.
    assert!((contrast((0x76, 0x76, 0x76), (255, 255, 255)) - 4.54).abs() < 0.01);
}

#[test]
fn every_colour_can_be_read_on_its_ground() {
    for (name, inks, least) in GROUNDS {
        let texts = [inks.text, inks.dim, inks.focus, inks.good, inks.wait, inks.bad];
        for ink in texts.iter().chain(inks.tasks) {
            for (depth, one, ground) in [("true", ink.0, inks.ground.0), ("256", of_256(ink.1), of_256(inks.ground.1))]
            {
                let reached = contrast(one, ground);
                assert!(reached >= least, "{name} {depth} {ink:?}: {reached:.2}");
            }
        }
    }
}

/// What an eye without one kind of cone sees, after Machado, Oliveira and Fernandes (2009), in linear light.
const VISIONS: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
];

/// CIE L*a*b* of what an eye sees.
fn seen((red, green, blue): (u8, u8, u8), eye: &[[f64; 3]; 3]) -> [f64; 3] {
    let one = |channel: u8, place: usize| {
        let mut grey = [0, 0, 0];
        grey[place] = channel;
        // The luminance of a channel alone, by its weight, is its linear light.
        luminance((grey[0], grey[1], grey[2])) / [0.2126, 0.7152, 0.0722][place]
    };
    let light = [one(red, 0), one(green, 1), one(blue, 2)];
    let [long, middle, short] = eye.map(|row| row.iter().zip(light).map(|(m, v)| m * v).sum::<f64>().clamp(0.0, 1.0));
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    let x = f((0.4124 * long + 0.3576 * middle + 0.1805 * short) / 0.95047);
    let y = f(0.2126 * long + 0.7152 * middle + 0.0722 * short);
    let z = f((0.0193 * long + 0.1192 * middle + 0.9505 * short) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn tasks_are_told_apart_with_every_common_colour_vision() {
    for (name, inks, _) in GROUNDS {
        for eye in &VISIONS {
            for (place, one) in inks.tasks.iter().enumerate() {
                for other in &inks.tasks[place + 1..] {
                    let (a, b) = (seen(one.0, eye), seen(other.0, eye));
                    let apart = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    assert!(apart >= 12.0, "{name}: {one:?} and {other:?} are {apart:.1} apart");
                }
            }
        }
    }
}

#[test]
fn numbers_on_the_heat_map_can_be_read() {
    for colours in [ColourDepth::Ansi256, ColourDepth::True] {
        for (theme, light, least) in [
            (Theme::Dark, false, 4.5),
            (Theme::Light, true, 4.5),
            (Theme::HighContrast, false, 7.0),
            (Theme::HighContrast, true, 7.0),
        ] {
            let palette = Palette::themed(theme, Capabilities { colours, light });
            let ground = palette.ground.unwrap();
            for hundredth in -100..=100 {
                let style = palette.heat(f64::from(hundredth) / 100.0);
                let (fg, bg) = (style.fg.or(ground.fg).unwrap(), style.bg.or(ground.bg).unwrap());
                let reached = contrast(rgb(fg), rgb(bg));
                assert!(reached >= least, "{theme:?} {light} {colours:?} {hundredth}: {reached:.2}");
            }
        }
    }
}

#[test]
fn without_colour_there_is_no_colour_at_all() {
    let mono = Capabilities { colours: ColourDepth::Mono, light: false };
    let true_colour = Capabilities { colours: ColourDepth::True, light: true };
    let without = Theme::ALL.map(|theme| Palette::themed(theme, mono));
    for palette in without.into_iter().chain([Palette::themed(Theme::Mono, true_colour)]) {
        let mut styles = vec![palette.dim, palette.title, palette.focus, palette.good, palette.wait, palette.bad];
        styles.extend(palette.ground);
        styles.extend((0..9).map(|place| palette.task(place)));
        styles.extend([-1.0, -0.3, 0.0, 0.7, f64::NAN].map(|value| palette.heat(value)));
        assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()), "{styles:?}");
    }
}

#[test]
fn no_two_tasks_in_a_row_share_a_colour() {
    for colours in [ColourDepth::Ansi16, ColourDepth::Ansi256, ColourDepth::True] {
        for theme in Theme::ALL.into_iter().filter(|theme| *theme != Theme::Mono) {
            for light in [false, true] {
                let palette = Palette::themed(theme, Capabilities { colours, light });
                let count = palette.task_colours();
                let mut seen: Vec<_> = (0..count).filter_map(|place| palette.task(place).fg).collect();
                assert!(count >= 4, "{theme:?} {colours:?} {light}");
                seen.sort_by_key(|colour| format!("{colour:?}"));
                seen.dedup();
                assert_eq!(seen.len(), count);
            }
        }
    }
}

#[test]
fn a_theme_comes_back_from_its_name_and_all_come_by_turns() {
    let mut theme = Theme::Auto;
    for known in Theme::ALL {
        assert_eq!(Theme::parse(known.name()), Some(known));
        assert_eq!(theme, known);
        theme = theme.next();
    }
    assert_eq!((theme, Theme::parse("Dark")), (Theme::Auto, None));
}

#[test]
fn only_a_theme_that_was_chosen_paints_the_ground() {
    let paints = Theme::ALL.map(|theme| {
        let capabilities = Capabilities { colours: ColourDepth::True, light: false };
        Palette::themed(theme, capabilities).ground.is_some()
    });
    assert_eq!(paints, [false, true, true, true, false]);
}
