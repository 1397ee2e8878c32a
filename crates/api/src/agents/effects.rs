//! `/tower/effects/{effect_id}`.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::effect::Effect;

use crate::app::App;
use crate::error::ApiError;
use crate::extract::EffectPath;
use crate::openapi::{Operation, schema};

/// GET `/tower/effects/{effect_id}`
pub async fn show(State(app): State<App>, EffectPath(effect_id): EffectPath) -> Result<Json<Effect>, ApiError> {
    Ok(Json(app.tower.get_effect(&effect_id).await?))
}

pub(crate) fn show_doc() -> Operation {
    Operation::new("show_effect", "Tower", "One effect: a change made, or to be made, in the world outside")
        .path("effect_id", "Effect id", schema::effect_id(), Code::EffectNotFound)
        .answer(200, "The effect", schema::named("Effect"))
}
