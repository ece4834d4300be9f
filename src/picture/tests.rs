//! Whole pictures.

use super::*;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

fn buffer(lines: &[&str]) -> Buffer {
    Buffer::with_lines(lines.iter().copied())
}

#[test]
fn text_keeps_columns_and_drops_trailing_blanks() {
    assert_eq!(text(&buffer(&["情感 ab  ", "", " ⣿"])), "情感 ab\n\n ⣿\n");
    assert_eq!(text(&Buffer::empty(Rect::ZERO)), "");
}

#[test]
fn wide_letters_take_two_cells() {
    let options = Options { margin: 0.0, ..Options::default() };
    let svg = svg(&buffer(&["情x"]), &options);
    assert!(svg.contains(r#"<text x="9" text-anchor="middle" y="#), "{svg}");
    assert!(svg.contains(r#"<text x="18" y="#), "{svg}");
    assert!(svg.contains(r#"width="27""#), "{svg}");
}

#[test]
fn markup_is_escaped() {
    let svg = svg(&buffer(&[r#"<a & "b'>"#]), &Options::default());
    assert!(svg.contains("&lt;a&amp;&quot;b&apos;&gt;</text>"), "{svg}");
}

#[test]
fn equal_grounds_are_one_rect() {
    let mut buffer = buffer(&["abcd", "efgh"]);
    buffer.set_style(Rect::new(1, 0, 3, 1), Style::new().bg(Color::Rgb(1, 2, 3)));
    let svg = svg(&buffer, &Options { margin: 0.0, ..Options::default() });
    assert_eq!(svg.matches("#010203").count(), 1);
    assert!(svg.contains(r##"<rect x="9" y="0" width="27" height="20" fill="#010203"/>"##), "{svg}");
}

#[test]
fn files_are_chosen_by_extension() {
    let folder = tempfile::tempdir().unwrap();
    let buffer = buffer(&["ab"]);
    let at = |name: &str| folder.path().join(name);
    write(&buffer, &at("a.txt"), &Options::default()).unwrap();
    assert_eq!(std::fs::read_to_string(at("a.txt")).unwrap(), "ab\n");
    write(&buffer, &at("a.SVG"), &Options::default()).unwrap();
    assert!(std::fs::read_to_string(at("a.SVG")).unwrap().starts_with("<svg"));
    for name in ["a.jpg", "a"] {
        let error = write(&buffer, &at(name), &Options::default()).unwrap_err();
        assert!(error.to_string().contains(".txt, .svg or .png"), "{error}");
        assert!(!at(name).exists());
    }
    let error = write(&buffer, &at("no/a.txt"), &Options::default()).unwrap_err();
    assert!(matches!(error, PictureError::Write { .. }));
    #[cfg(not(feature = "picture"))]
    assert!(matches!(write(&buffer, &at("a.png"), &Options::default()), Err(PictureError::WithoutPng)));
}

#[cfg(feature = "picture")]
mod png {
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::Modifier;
    use resvg::tiny_skia::Pixmap;

    fn pixels(buffer: &Buffer, options: &Options) -> Pixmap {
        Pixmap::decode_png(&super::super::png(&svg(buffer, options), options).unwrap()).unwrap()
    }

    #[test]
    fn a_screen_of_widgets_has_its_size_and_shows_its_lines() {
        use ratatui::widgets::{Block, Widget as _};
        let area = Rect::new(0, 0, 20, 4);
        let mut buffer = Buffer::empty(area);
        Block::bordered().title("Loss").render(area, &mut buffer);
        let options = Options { scale: 1.0, ..Options::default() };
        let pixmap = pixels(&buffer, &options);
        assert_eq!((pixmap.width(), pixmap.height()), (20 * 9 + 20, 4 * 20 + 20));
        let ground = pixmap.pixel(0, 0).unwrap();
        assert_ne!(pixmap.pixel(14, 50).unwrap(), ground, "left border");
        assert_eq!(pixmap.pixel(100, 50).unwrap(), ground, "inside");
    }

    #[test]
    fn pixels_differ_exactly_where_something_is_drawn() {
        let options = Options { margin: 0.0, ..Options::default() };
        let mut buffer = buffer(&["A ⣿ █", "      "]);
        buffer.set_style(Rect::new(0, 1, 1, 1), Style::new().bg(Color::Rgb(200, 0, 0)));
        let pixmap = pixels(&buffer, &options);
        assert_eq!((pixmap.width(), pixmap.height()), (6 * 18, 2 * 40));
        let drawn = |column: u32, row: u32| {
            let ground = pixmap.pixel(18 * 5 + 9, 60).unwrap();
            let inside = (0..18 * 40).map(|place| (18 * column + place % 18, 40 * row + place / 18));
            inside.filter(|(x, y)| pixmap.pixel(*x, *y).unwrap() != ground).count()
        };
        for column in [0, 2] {
            assert!((40..600).contains(&drawn(column, 0)), "{}", drawn(column, 0));
        }
        assert_eq!([1, 3, 4].map(|column| drawn(column, 0)), [0, 0, 720]);
    }
    #[test]
    fn letters_stay_in_their_cells() {
        let options = Options { margin: 0.0, ..Options::default() };
        let pixmap = pixels(&buffer(&[" M -> M "]), &options);
        let ground = pixmap.pixel(1, 1).unwrap();
        let inked =
            |column: u32| (0..18 * 40).any(|at| pixmap.pixel(18 * column + at % 18, at / 18).unwrap() != ground);
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(inked), [false, true, false, true, true, false, true, false]);
    }

    #[test]
    fn the_bundled_font_has_what_screens_use() {
        let used = "● ○ ↑ ↓ → ← ▲ ▼ λ ‖ Σ ∇ ∂ · … ␛ ␍ ␊ ␀ ␡ ⟨ ⟩ ± × − ≤ ≥ ≠ ≈ σ μ Δ ² ✓ ✗ ⚠ ∞ √ — – « » ⏸ ▶ ★ ⇧ é";
        assert_eq!(missing_glyphs(&buffer(&[used]), None).unwrap(), []);
        assert_eq!(missing_glyphs(&buffer(&["a情x情⏏"]), None).unwrap(), ['⏏', '情']);
    }

    #[test]
    fn fonts_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("font.ttf");
        let options = Options { font: Some(path.clone()), ..Options::default() };
        let draw = || super::super::png(&svg(&buffer(&["ab"]), &options), &options);
        assert!(matches!(draw(), Err(PictureError::Font { .. })));
        std::fs::write(&path, "no font").unwrap();
        assert!(matches!(draw(), Err(PictureError::NotAFont(_))));
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/JetBrainsMono-Bold.ttf"), &path).unwrap();
        assert_eq!(missing_glyphs(&buffer(&["ab"]), Some(&path)).unwrap(), []);
        assert!(draw().is_ok());
    }

    #[test]
    fn size_is_bounded() {
        let options = Options { scale: f64::MAX, cell_width: 200.0, cell_height: 200.0, ..Options::default() };
        let svg = svg(&Buffer::empty(Rect::new(0, 0, 100, 100)), &options);
        assert!(matches!(super::super::png(&svg, &options), Err(PictureError::TooLarge { .. })));
        let nowhere = Options { margin: f64::NEG_INFINITY, scale: f64::NAN, ..Options::default() };
        assert_eq!(pixels(&Buffer::empty(Rect::ZERO), &nowhere).width(), 40);
    }

    fn any_cell() -> impl Strategy<Value = (String, u8, u8, u16)> {
        let symbol = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select("─┼╭⣿█▓↑○&<>\"'\u{0}\u{1b}\u{ffff}情\u{301}".chars().collect::<Vec<_>>())
                .prop_map(String::from),
            ".{0,3}",
        ];
        (symbol, any::<u8>(), any::<u8>(), any::<u16>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_screen_is_a_well_formed_picture(
            width in 0_u16..7,
            cells in prop::collection::vec(any_cell(), 0..24),
            cell_width in any::<f64>(),
            cell_height in any::<f64>(),
        ) {
            let height = (cells.len() as u16).checked_div(width).unwrap_or(3);
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            for (cell, (symbol, front, back, modifier)) in buffer.content.iter_mut().zip(&cells) {
                cell.set_symbol(symbol).set_fg(Color::Indexed(*front)).set_bg(Color::Indexed(*back));
                cell.modifier = Modifier::from_bits_truncate(*modifier);
            }
            let options = Options { cell_width, cell_height, ..Options::default() };
            let first = svg(&buffer, &options);
            prop_assert!(super::super::png::parse(&first, None).is_ok(), "{}", first);
            prop_assert_eq!(first, svg(&buffer, &options));
            prop_assert_eq!(text(&buffer).lines().count(), if width == 0 { 0 } else { usize::from(height) });
            prop_assert!(!text(&buffer).chars().any(|c| c.is_control() && c != '\n'));
            prop_assert!(missing_glyphs(&buffer, None).is_ok());
        }
    }
}
