//! Chat Completions: requests in, completions and their events out.

pub mod request;
pub mod response;
pub mod stream;

use axum::response::Response;

use self::request::{ChatRequest, Delivery};
use self::response::Completion;
use super::refusal::Refusal;
use crate::model::policy;
use crate::model::reading::Reading;
use crate::model::said::Said;
use crate::model::spoil::{self, Spoil};
use crate::model_host::{ModelHost, hang_up};

/// The answer to `POST /chat/completions`.
pub(super) fn answer(
    host: &dyn ModelHost,
    body: &[u8],
    id: &str,
    created: i64,
    spoil: Option<Spoil>,
) -> Result<Response, Refusal> {
    let request = ChatRequest::parse(body)?;
    host.record_call(&request.model);
    if spoil == Some(Spoil::HangUp) {
        return Ok(hang_up());
    }
    let answer = policy::decide(&Reading::of(&request.conversation));
    let said = Said::new(answer, request.max_tokens, &[]);
    let completion = Completion::new(id.to_owned(), created, &request, said);
    Ok(match request.delivery {
        Delivery::Whole => spoil::whole(completion.to_body().to_string(), spoil),
        delivery => spoil::streamed(stream::events(&completion, delivery), "text/event-stream", spoil),
    })
}
