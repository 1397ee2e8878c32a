//! Product copy: reading HTML that nobody vouches for, cleaning it, and scoring it.
//!
//! What a model or a customer wrote is taken apart into text and tags ([`markup`]) and either put together again from an
//! allow-list ([`sanitize`]) or read as a person would see it ([`visible_text`]).

mod markup;
mod sanitize;
mod score;

pub use markup::visible_text;
pub use sanitize::sanitize;
pub use score::{DEFAULT_KEYWORDS, Score, score};
