//! What the table says of one setting, and the macro that turns a group's declaration into a typed struct.

use crate::mode::Mode;
use crate::upstream::Upstream;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name of the environment variable.
    pub name: &'static str,
    /// Who must set it.
    pub requirement: Requirement,
    /// What holds when it is unset.
    pub default: Default,
    /// Whether its value is a secret.
    pub secret: bool,
    /// What it does.
    pub meaning: &'static str,
    /// Which values it takes, as the object of "accepts".
    pub accepts: &'static str,
    /// Where a person finds the value; empty when that goes without saying.
    pub hint: &'static str,
    /// The upstream whose credential it is. Such a value cannot stop a rehearsal in which that upstream is played.
    pub(crate) credential_of: Option<Upstream>,
    /// Whether an empty value is an answer ("none") instead of "unset".
    pub(crate) empty_counts: bool,
}

/// Who must set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nobody.
    Optional,
    /// Live mode refuses to start without it.
    Live,
    /// Live mode refuses to start without it or the named alternative.
    LiveUnless(&'static str),
}

/// What holds when a setting is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Nothing.
    Nothing,
    /// The same value in both modes.
    Fixed(&'static str),
    /// A value per mode; `None` is nothing.
    ByMode {
        /// In rehearsal.
        rehearsal: Option<&'static str>,
        /// In live mode.
        live: Option<&'static str>,
    },
    /// Worked out from other things, in words.
    Derived(&'static str),
}

impl Default {
    /// The default's text in a mode.
    #[must_use]
    pub fn text(self, mode: Mode) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Derived(_) => None,
            Self::Fixed(text) => Some(text),
            Self::ByMode { rehearsal, live } => match mode {
                Mode::Rehearsal => rehearsal,
                Mode::Live => live,
            },
        }
    }
}

impl Setting {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            requirement: Requirement::Optional,
            default: Default::Nothing,
            secret: false,
            meaning: "",
            accepts: "",
            hint: "",
            credential_of: None,
            empty_counts: false,
        }
    }

    pub(crate) const fn default(mut self, text: &'static str) -> Self {
        self.default = Default::Fixed(text);
        self
    }

    pub(crate) const fn by_mode(mut self, rehearsal: Option<&'static str>, live: Option<&'static str>) -> Self {
        self.default = Default::ByMode { rehearsal, live };
        self
    }

    pub(crate) const fn derived(mut self, words: &'static str) -> Self {
        self.default = Default::Derived(words);
        self
    }

    pub(crate) const fn live(mut self) -> Self {
        self.requirement = Requirement::Live;
        self
    }

    pub(crate) const fn live_unless(mut self, other: &'static str) -> Self {
        self.requirement = Requirement::LiveUnless(other);
        self
    }

    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    pub(crate) const fn credential_of(mut self, upstream: Upstream) -> Self {
        self.credential_of = Some(upstream);
        self
    }

    pub(crate) const fn empty_counts(mut self) -> Self {
        self.empty_counts = true;
        self
    }

    pub(crate) const fn described(mut self, meaning: &'static str, accepts: &'static str) -> Self {
        self.meaning = meaning;
        self.accepts = accepts;
        self
    }
}

/// Settings that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Heading.
    pub title: &'static str,
    /// A sentence about the group.
    pub intro: &'static str,
    /// The settings, in the order of the page.
    pub settings: &'static [Setting],
}

/// The whole table, in the order of the page.
#[must_use]
pub fn groups() -> &'static [Group] {
    crate::groups::ALL
}

/// Every setting of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    groups().iter().flat_map(|group| group.settings)
}

/// Declares a group: the struct, its rows of the table and the function that reads it.
///
/// The doc comment of a field is also the meaning shown to people. `value` is a field that always holds something (it
/// has a default), `option` one that may be absent.
macro_rules! settings {
    (
        $(#[doc = $intro:literal])+
        $group:ident, $title:literal {
            $(
                $(#[doc = $meaning:literal])+
                $how:ident $field:ident: $ty:ty = $setting:expr, $parser:expr;
            )+
        }
    ) => {
        $(#[doc = $intro])+
        #[derive(Debug, Clone)]
        pub struct $group {
            $(
                $(#[doc = $meaning])+
                pub $field: settings!(@type $how $ty),
            )+
        }

        impl $group {
            pub(crate) const GROUP: $crate::setting::Group = $crate::setting::Group {
                title: $title,
                intro: concat!($($intro),+),
                settings: &[$($setting.described(concat!($($meaning),+), $parser.accepts)),+],
            };

            /// `None` when a field that needs a value has none to fall back on; the reader holds the reason.
            pub(crate) fn read(reader: &mut $crate::reader::Reader<'_>) -> Option<Self> {
                $(
                    let $field = {
                        const SETTING: $crate::setting::Setting =
                            $setting.described(concat!($($meaning),+), $parser.accepts);
                        settings!(@read $how reader, SETTING, $parser)
                    };
                )+
                Some(Self { $($field: $field?),+ })
            }
        }
    };
    (@type value $ty:ty) => { $ty };
    (@type option $ty:ty) => { Option<$ty> };
    (@read value $reader:ident, $setting:ident, $parser:expr) => { $reader.value(&$setting, &$parser) };
    (@read option $reader:ident, $setting:ident, $parser:expr) => { Some($reader.option(&$setting, &$parser)) };
}
