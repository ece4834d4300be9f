//! Flags that say how the screen looks.

use crate::dashboard::{Language, Markers, Theme};
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

/// How the screen looks.
#[derive(Clone, Copy, Debug, Args)]
pub struct LookArguments {
    /// Colours: auto follows the terminal's background; mono has none
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = themes())]
    pub theme: Theme,
    /// What lines are made of: braille, half blocks, or ASCII where the font lacks the others; auto goes by TERM and the locale
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = markers())]
    markers: ChosenMarkers,
    /// The language of the screen; auto goes by the locale
    #[arg(long = "lang", value_name = "CODE", default_value = "auto", value_parser = languages())]
    language: ChosenLanguage,
}

/// `None` is auto.
type ChosenMarkers = Chosen<Markers>;
type ChosenLanguage = Chosen<Language>;

/// A choice that may be left to the environment.
#[derive(Clone, Copy, Debug)]
struct Chosen<T>(Option<T>);

impl LookArguments {
    /// What lines are made of, where a person said so.
    pub fn markers(self) -> Option<Markers> {
        self.markers.0
    }

    /// The language, where a person said so.
    pub fn language(self) -> Option<Language> {
        self.language.0
    }
}

fn themes() -> impl TypedValueParser<Value = Theme> {
    PossibleValuesParser::new(Theme::ALL.map(Theme::name)).map(|name| Theme::parse(&name).unwrap_or_default())
}

fn markers() -> impl TypedValueParser<Value = ChosenMarkers> {
    let names = ["auto"].into_iter().chain(Markers::ALL.map(Markers::name));
    PossibleValuesParser::new(names).map(|name| Chosen(Markers::parse(&name)))
}

fn languages() -> impl TypedValueParser<Value = ChosenLanguage> {
    let codes = ["auto"].into_iter().chain(Language::ALL.map(Language::code));
    PossibleValuesParser::new(codes).map(|code| Chosen(Language::parse(&code)))
}
