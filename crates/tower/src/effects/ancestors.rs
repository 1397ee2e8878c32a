//! What the runs before this one have done: a retry or a fork repeats none of it.

use domain::effect::{Effect, EffectStatus, effect_id, params_hash};
use domain::ids::RunId;
use serde_json::Value;

use super::answers;
use crate::node::stored_result;
use crate::segment::SegmentError;
use crate::segment::session::Session;

/// The answer to a call that a run of which this one is a retry or a fork has made, or may have made: the same tool with
/// the same parameters. False: its outcome is not known yet, so it is not made again either.
pub(super) async fn made_before(
    session: &Session,
    tool: &str,
    params: &Value,
) -> Result<Option<(Value, bool)>, SegmentError> {
    let db = &session.services().db;
    let hash = params_hash(params);
    let mut next = session.run().parent_run_id.clone();
    while let Some(ancestor) = next {
        let effects = store::effects::for_run(db, &ancestor).await?;
        if let Some(answer) = answer_in(&effects, &ancestor, tool, &hash) {
            return Ok(Some(answer));
        }
        next = store::runs::get(db, &ancestor).await?.and_then(|run| run.parent_run_id);
    }
    Ok(None)
}

fn answer_in(effects: &[Effect], run_id: &RunId, tool: &str, hash: &str) -> Option<(Value, bool)> {
    // Of a call that a person edited the row holds other parameters; its id still comes from those that were proposed.
    let proposed = effect_id(run_id, tool, hash, None);
    let same =
        |effect: &&Effect| effect.tool_name == tool && (effect.params_hash == hash || effect.effect_id == proposed);
    let find = |wanted: &[EffectStatus]| effects.iter().filter(same).find(|effect| wanted.contains(&effect.status));
    if let Some(done) = find(&[EffectStatus::Committed]) {
        return Some((stored_result(done), true));
    }
    find(&[EffectStatus::Executing, EffectStatus::Unknown]).map(|effect| (answers::in_progress(effect), false))
}
