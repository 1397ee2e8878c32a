//! Query parameters. Each is read by name; what is wrong is collected, and [`Query::finish`] refuses all of it at once.
//! Parameters that the route does not know are ignored.

use axum::extract::FromRequestParts;
use chrono::DateTime;
use domain::codes::Code;
use domain::time::Timestamp;
use http::request::Parts;

use crate::error::ApiError;
use crate::ports::FieldError;

/// Longest text of a filter, characters.
const MAX_TEXT_CHARS: usize = 200;

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    wrong: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let axum::extract::Query(pairs) =
            axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, state)
                .await
                .map_err(|_| ApiError::new(Code::InvalidQuery))?;
        if pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(ApiError::new(Code::NulCharacter));
        }
        Ok(Self { pairs, wrong: Vec::new() })
    }
}

impl Query {
    fn raw(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone());
        let first = values.next();
        if values.next().is_some() {
            self.refuse(name, "given more than once");
        }
        first
    }

    fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.wrong.push(FieldError::new(name, message));
    }

    fn whole(&mut self, name: &str, least: i64, default: i64) -> i64 {
        let Some(text) = self.raw(name) else { return default };
        let digits = text.strip_prefix('-').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.refuse(name, "expected a whole number");
            return default;
        }
        // A number too large for the type is above every maximum.
        let number = text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
        if number < least {
            self.refuse(name, format!("must be at least {least}"));
            return default;
        }
        number
    }

    /// How many, at least 1; more than `max` is cut to it.
    pub fn limit(&mut self, default: i64, max: i64) -> i64 {
        self.whole("limit", 1, default).min(max)
    }

    /// A number from 0 on.
    pub fn count(&mut self, name: &str) -> i64 {
        self.whole(name, 0, 0)
    }

    /// A text, not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = self.raw(name)?;
        if text.is_empty() || text.chars().count() > MAX_TEXT_CHARS {
            self.refuse(name, format!("expected 1 to {MAX_TEXT_CHARS} characters"));
            return None;
        }
        Some(text)
    }

    /// One of a few words, or whatever `parse` reads.
    pub fn parsed<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.raw(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.refuse(name, format!("expected {expected}"));
        }
        value
    }

    /// A moment, RFC 3339. A `+` that arrived as a blank is understood.
    pub fn moment(&mut self, name: &str) -> Option<Timestamp> {
        self.parsed(name, "an RFC 3339 time such as 2026-01-31T09:00:00Z", |text| {
            DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok().map(|at| at.to_utc())
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> bool {
        let read = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.parsed(name, "`true` or `false`", read).unwrap_or(false)
    }

    /// Refuses everything that was wrong.
    ///
    /// # Errors
    /// `invalid_query` with one detail for each parameter.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.wrong.is_empty() { Ok(()) } else { Err(ApiError::fields(Code::InvalidQuery, self.wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query {
            pairs: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            wrong: vec![],
        }
    }

    #[test]
    fn a_limit_above_the_maximum_is_cut_and_one_below_one_refused() {
        for (given, wanted) in [
            ("7", Some(7)),
            ("500", Some(200)),
            ("99999999999999999999999", Some(200)),
            ("0", None),
            ("-1", None),
            ("x", None),
            ("1.5", None),
            ("", None),
            ("+5", None),
        ] {
            let mut query = query(&[("limit", given)]);
            let limit = query.limit(50, 200);
            assert_eq!(query.finish().is_ok().then_some(limit), wanted, "{given}");
        }
        assert_eq!(query(&[]).limit(50, 200), 50);
    }

    #[test]
    fn a_plus_sign_in_a_time_survives_the_query() {
        let mut query = query(&[("since", "2026-01-01T01:00:00 01:00")]);
        assert_eq!(query.moment("since").unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
        assert!(query.finish().is_ok());
    }

    proptest! {
        #[test]
        fn any_query_is_values_or_a_refusal(text in "[ -~]{0,80}") {
            prop_assume!(format!("/x?{text}").parse::<http::Uri>().is_ok());
            let (mut parts, ()) = http::Request::get(format!("/x?{text}")).body(()).unwrap().into_parts();
            if let Ok(mut query) = Query::from_request_parts(&mut parts, &()).now_or_never().unwrap() {
                for name in ["a", "b", "limit"] {
                    let limit = query.limit(50, 200);
                    prop_assert!((1..=200).contains(&limit));
                    let _ = (query.count(name), query.text(name), query.moment(name), query.flag(name));
                }
                let wrong = query.wrong.len();
                prop_assert_eq!(query.finish().is_err(), wrong > 0);
            }
        }
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let mut query = query(&[("limit", "x"), ("since", "yesterday"), ("q", "a"), ("q", "b")]);
        let _ = (query.limit(50, 200), query.moment("since"), query.text("q"));
        assert_eq!(query.wrong.len(), 3);
    }
}
