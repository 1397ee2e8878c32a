//! Names that look like ours and are not.

use crate::errors::Warning;
use crate::layers::Layers;
use crate::setting::all;

/// Names of the development tools, which a server started by them inherits.
const DEVELOPMENT: [&str; 2] = ["HOLLY_TEST_", "HOLLY_ALLOW_MISSING"];

pub(crate) fn warnings(layers: &Layers<'_>) -> Vec<Warning> {
    let mut names: Vec<&str> = layers
        .names()
        .filter(|name| name.starts_with("HOLLY_") && all().all(|setting| setting.name != *name))
        .filter(|name| !DEVELOPMENT.iter().any(|start| name.starts_with(start)))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| Warning {
            name: name.to_owned(),
            text: match nearest(name) {
                Some(near) => format!("is not a setting and was ignored; did you mean {near}?"),
                None => "is not a setting and was ignored".to_owned(),
            },
        })
        .collect()
}

fn nearest(name: &str) -> Option<&'static str> {
    if name == "HOLLY_ENV" {
        return Some("HOLLY_MODE");
    }
    all()
        .map(|setting| (distance(name, setting.name), setting.name))
        .min()
        .filter(|(far, _)| *far <= 3)
        .map(|(_, near)| near)
}

/// Levenshtein distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut corner = above;
        row[0] = above + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = replaced.min(corner + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(nearest("HOLLY_MOD"), Some("HOLLY_MODE"));
        assert_eq!(nearest("HOLLY_ENV"), Some("HOLLY_MODE"));
        assert_eq!(nearest("HOLLY_SOMETHING_ELSE_ENTIRELY"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
