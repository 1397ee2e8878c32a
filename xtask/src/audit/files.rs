//! Rules about the text of files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const MOST_LINES: usize = 900;
const MANY_LINES: usize = 500;

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for folder in ["crates", "xtask"] {
        walk(&root.join(folder), &mut |path| {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
            complaints.extend(complaints_about(&name, &text));
            Ok(())
        })?;
    }
    let codes = root.join("crates/domain/src/codes.rs");
    let pages = root.join("docs/errors");
    if codes.is_file() && pages.is_dir() {
        complaints.extend(codes_and_pages(&fs::read_to_string(codes)?, &pages)?);
    }
    Ok(complaints)
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, visit)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            visit(&path)?;
        }
    }
    Ok(())
}

fn complaints_about(name: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        complaints.push(format!("{name} has {lines} lines, {MOST_LINES} are the most: split it by matter"));
    } else if lines > MANY_LINES {
        println!("  note: {name} has {lines} lines; it probably holds two matters");
    }
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        if has_home_path(line) {
            complaints.push(format!("{name}:{number} names a home folder: use a relative path"));
        }
        if !name.starts_with("crates/store/") && !name.starts_with("xtask/") && is_sql(line) {
            complaints.push(format!("{name}:{number} holds SQL: move it to crates/store"));
        }
    }
    complaints
}

fn has_home_path(line: &str) -> bool {
    // Written in halves, so that this file does not complain about itself.
    [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")].iter().any(|home| line.contains(home))
}

/// A string literal that begins like a statement. Prose rarely begins with these words in capitals.
fn is_sql(line: &str) -> bool {
    let starts = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP TABLE "];
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').skip(1).step_by(2).any(|text| starts.iter().any(|start| text.trim_start().starts_with(start)))
}

/// Every code has a page, and every page a code. A code is declared as `Name = "code", ...`.
fn codes_and_pages(source: &str, pages: &Path) -> Result<Vec<String>> {
    let declared = source.lines().filter_map(|line| line.split_once(" = \"")?.1.split_once("\", "));
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let codes: Vec<&str> = declared.map(|(code, _)| code).filter(|code| word(code)).collect();
    let mut complaints: Vec<String> = codes
        .iter()
        .filter(|code| !pages.join(format!("{code}.md")).is_file())
        .map(|code| format!("the error code {code} has no page: write docs/errors/{code}.md"))
        .collect();
    for entry in fs::read_dir(pages)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if stem != "README" && !codes.contains(&stem.as_ref()) {
            complaints.push(format!("docs/errors/{stem}.md has no error code: delete it or add the code"));
        }
    }
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_outside_the_store_is_found() {
        let line = "let text = \"SELECT id FROM runs\";";
        assert_eq!(complaints_about("crates/api/src/a.rs", line).len(), 1);
        assert!(complaints_about("crates/store/src/a.rs", line).is_empty());
        assert!(complaints_about("crates/api/src/a.rs", "// \"SELECT id\" is not ours to say").is_empty());
    }

    #[test]
    fn a_file_past_the_limit_is_found() {
        assert_eq!(complaints_about("crates/api/src/a.rs", &"x\n".repeat(MOST_LINES + 1)).len(), 1);
        assert!(complaints_about("crates/api/src/a.rs", &"x\n".repeat(MOST_LINES)).is_empty());
    }

    #[test]
    fn a_home_folder_is_found() {
        assert_eq!(complaints_about("crates/api/src/a.rs", concat!("let p = \"/ho", "me/me/x\";")).len(), 1);
    }
}
