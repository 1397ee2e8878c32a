//! What may come in and what may go out, as text.
//!
//! [`check_input`] looks at what comes in. [`Redactor`] takes secrets and personal numbers out of what is stored, shown
//! or sent. [`delimit`] marks text from outside as data, [`strip_untrusted`] makes it short and plain.
//!
//! Nothing here decides what follows from a flag; that depends on where the text came from, which only the caller knows.

mod boundary;
mod card;
mod classes;
mod injection;
mod input;
mod json;
mod known;
mod normal;
mod redactor;
mod spans;
mod stream;
#[cfg(test)]
mod tests;
mod untrusted;

pub use boundary::{delimit, new_boundary};
pub use input::{InputReport, MAX_INPUT_CHARS, check_input};
pub use redactor::{Redactor, Scan};
pub use stream::StreamRedactor;
pub use untrusted::strip_untrusted;
