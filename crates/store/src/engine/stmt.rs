//! Statements: static text, one for both engines or one for each.

use super::Engine;

/// One statement. Its text is part of the program: there is no way to make one from a string built at run time.
#[derive(Debug, Clone, Copy)]
pub struct Stmt {
    pg: &'static str,
    lite: &'static str,
}

impl Stmt {
    /// A text that both engines accept.
    #[must_use]
    pub const fn both(text: &'static str) -> Self {
        Self { pg: text, lite: text }
    }

    /// Two texts with the same parameters and the same columns.
    #[must_use]
    pub const fn per_engine(pg: &'static str, lite: &'static str) -> Self {
        Self { pg, lite }
    }

    /// The text for `engine`.
    #[must_use]
    pub const fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Postgres => self.pg,
            Engine::Sqlite => self.lite,
        }
    }
}

/// Declares the statements of one file and lists them, so that a test can prepare every one on both engines.
macro_rules! statements {
    ($($name:ident = $kind:ident($($text:expr),+ $(,)?);)+) => {
        $(static $name: $crate::engine::Stmt = $crate::engine::Stmt::$kind($($text),+);)+

        /// Every statement of this file, with its name.
        pub(crate) static STATEMENTS: &[(&str, &$crate::engine::Stmt)] = &[$((concat!(module_path!(), "::", stringify!($name)), &$name)),+];
    };
}
pub(crate) use statements;
