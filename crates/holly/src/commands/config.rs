//! `holly config`: checks the settings, and says where each came from. Never shows a value, changes nothing.

use clap::Args;
use config::{ConfigErrors, Explanation, explain};
use serde_json::{Value, json};

use crate::failure::Exit;
use crate::session::Session;

/// Arguments of `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// List every setting: where its value came from and what it does, never the value
    #[arg(long)]
    explain: bool,
}

/// Exit code 78 when something would stop the start.
pub(crate) fn run(session: &Session, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let found = explain(&session.env);
    if session.out.is_json() {
        session.out.json(&as_json(&found))?;
    } else if args.explain {
        session.out.text(found.to_string().trim_start())?;
    } else if !found.problems.is_empty() {
        return Err(ConfigErrors { problems: found.problems, warnings: found.warnings }.into());
    } else {
        let warnings = found.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect::<String>();
        session.out.text(&format!("{warnings}the configuration is in order"))?;
    }
    Ok(if found.problems.is_empty() { Exit::Done } else { Exit::Configuration })
}

fn as_json(found: &Explanation) -> Value {
    let problems = found.problems.iter().map(|p| json!({"name": p.name, "what": p.what, "remedy": p.remedy}));
    let warnings = found.warnings.iter().map(|w| json!({"name": w.name, "text": w.text}));
    json!({
        "settings": found.rows,
        "problems": problems.collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use config::EnvSource;

    use super::*;

    #[test]
    fn the_explanation_holds_names_and_sources_and_no_value() {
        let value = "sk_test_".to_owned() + "abcdefghijklmnop";
        let found =
            explain(&EnvSource::fixed("/nowhere", [("STRIPE_SECRET_KEY", value.as_str()), ("PORT", "seventeenish")]));
        let shown = as_json(&found).to_string();
        assert!(shown.contains("STRIPE_SECRET_KEY") && shown.contains("environment"), "{shown}");
        assert!(!shown.contains("abcdefgh") && !shown.contains("seventeenish"), "{shown}");
        assert_eq!(as_json(&found)["problems"].as_array().map(Vec::len), Some(1));
    }
}
