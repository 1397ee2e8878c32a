//! Responses: requests in, responses and their events out.

pub mod request;
pub mod response;
pub mod stream;

mod items;

use axum::response::Response;

use self::request::ResponsesRequest;
use self::response::Answered;
use super::refusal::Refusal;
use crate::model::policy;
use crate::model::reading::Reading;
use crate::model::said::Said;
use crate::model::spoil::{self, Spoil};
use crate::model_host::{ModelHost, hang_up};

/// The answer to `POST /responses`.
pub(super) fn answer(
    host: &dyn ModelHost,
    body: &[u8],
    id: &str,
    created: i64,
    spoil: Option<Spoil>,
) -> Result<Response, Refusal> {
    let request = ResponsesRequest::parse(body)?;
    host.record_call(&request.model);
    if spoil == Some(Spoil::HangUp) {
        return Ok(hang_up());
    }
    let answer = policy::decide(&Reading::of(&request.conversation));
    let thought = request.thought_tokens();
    let said = Said::new(answer, request.max_output_tokens.map(|most| most.saturating_sub(thought)), &[]);
    let answered = Answered::new(id, created, &request, said);
    Ok(if request.stream {
        spoil::streamed(stream::events(&answered), "text/event-stream; charset=utf-8", spoil)
    } else {
        spoil::whole(answered.to_body().to_string(), spoil)
    })
}
