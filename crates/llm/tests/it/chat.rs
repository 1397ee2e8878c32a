//! What follows each kind of failure.

use std::time::Duration;

use bytes::Bytes;
use llm::{
    AttemptStatus, CallMeta, ErrorClass, Fallback, FinishReason, LlmError, SkipReason, StreamEvent, TransportError,
    Unpriced,
};
use serde_json::json;

use crate::support::{Books, Scene, Step, answer, question};

async fn ask(scene: &Scene, model: &str, books: &Books) -> Result<llm::ChatResponse, LlmError> {
    let call = CallMeta::default();
    scene.while_time_passes(scene.llm.chat(&call, &question(model), scene.deadline(), books)).await
}

#[tokio::test]
async fn an_answer_is_priced_and_reported_once() {
    let (scene, books) = (Scene::new(vec![answer("Twelve.")]), Books::default());
    let response = ask(&scene, "gpt4o_mini", &books).await.unwrap();
    assert_eq!((response.message.content.as_str(), response.finish), ("Twelve.", FinishReason::Stop));
    // 400 at 0.15, 600 cached at 0.075, 100 out at 0.60 dollars a million.
    assert_eq!(response.cost_micros, Some(165));
    let started = books.started.lock().unwrap();
    assert!(started[0].1.unwrap() > 0);
    assert_eq!(books.ended.lock().unwrap()[0].status, AttemptStatus::Ok);
    assert!(books.fallbacks.lock().unwrap().is_empty());
}

#[tokio::test]
async fn trouble_at_one_model_goes_to_the_next_and_leaves_an_event() {
    for step in [
        Step::error(500, "server_error"),
        Step::NoAnswer(TransportError::Connect),
        Step::NoAnswer(TransportError::Timeout),
        Step::pieces(vec![Ok(Bytes::from_static(
            b"data: {\"error\":{\"type\":\"server_error\",\"message\":\"m\"}}\n\n",
        ))]),
        Step::pieces(vec![Ok(Bytes::from_static(b"data: {\"choi")), Err(TransportError::Reset)]),
        Step::json(200, &json!("garbled")),
    ] {
        let (scene, books) = (Scene::new(vec![step, answer("ok")]), Books::default());
        let response = ask(&scene, "gpt4o", &books).await.unwrap();
        assert_eq!(response.model, "gpt4o_mini");
        assert_eq!(scene.models_asked(), ["gpt-4o", "gpt-4o-mini"]);
        let events = books.fallbacks.lock().unwrap();
        assert_eq!(
            (events[0].attempted_model.as_str(), events[0].next_model.as_deref(), events[0].success),
            ("gpt-4o", Some("gpt-4o-mini"), true)
        );
        assert_eq!(events.len(), 1);
    }
}

#[tokio::test]
async fn a_short_wait_that_the_provider_asks_for_is_waited_once_on_the_same_model() {
    let limited = |wait| Step::with(429, &json!({"error": {"code": "rate_limit_exceeded"}}), &[("retry-after", wait)]);
    let (scene, books) = (Scene::new(vec![limited("7"), limited("7"), answer("ok")]), Books::default());
    assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap().model, "gpt4o_mini");
    assert_eq!(scene.models_asked(), ["gpt-4o", "gpt-4o", "gpt-4o-mini"]);
    let (scene, books) = (Scene::new(vec![limited("11"), answer("ok")]), Books::default());
    ask(&scene, "gpt4o", &books).await.unwrap();
    assert_eq!(scene.models_asked(), ["gpt-4o", "gpt-4o-mini"]);
}

#[tokio::test]
async fn exhausted_credit_pauses_the_provider_for_every_model_and_later_call() {
    let (scene, books) = (Scene::new(vec![Step::error(429, "insufficient_quota")]), Books::default());
    let error = ask(&scene, "gpt4o", &books).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::CreditsExhausted);
    let until = error.available_at().unwrap();
    assert!(until > scene.deadline() + Duration::from_secs(1_600));
    let later = ask(&scene, "gpt4o_mini", &books).await.unwrap_err();
    assert!(
        matches!(&later, LlmError::NoModel { skipped, .. } if matches!(skipped[0].reason, SkipReason::BackOff { .. })),
        "{later}"
    );
    assert_eq!(later.available_at(), Some(until));
    assert_eq!(scene.models_asked(), ["gpt-4o"]);
}

#[tokio::test]
async fn a_model_that_is_gone_is_replaced_by_its_successor_from_then_on() {
    let (scene, books) =
        (Scene::new(vec![Step::error(404, "model_not_found"), answer("a"), answer("b")]), Books::default());
    ask(&scene, "gpt4o", &books).await.unwrap();
    ask(&scene, "gpt4o", &books).await.unwrap();
    assert_eq!(scene.models_asked(), ["gpt-4o", "gpt-6-luna", "gpt-6-luna"]);
    assert!(scene.llm.warnings().iter().any(|warning| warning.over && warning.model == "gpt-4o"));
}

#[tokio::test]
async fn a_request_that_is_refused_as_such_is_not_tried_at_the_same_provider_again() {
    let (scene, books) = (Scene::new(vec![Step::error(400, "context_length_exceeded")]), Books::default());
    let error = ask(&scene, "gpt4o", &books).await.unwrap_err();
    assert!(error.context_too_long());
    assert_eq!(scene.models_asked().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_is_not_asked_again() {
    let refusal = crate::support::stream_of(&[json!({"refusal": "I will not."})], "stop");
    for step in [Step::sse(&refusal), Step::error(400, "content_filter")] {
        let (scene, books) = (Scene::new(vec![step]), Books::default());
        assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap().finish, FinishReason::Refused);
        assert_eq!(books.ended.lock().unwrap()[0].error_class, Some(ErrorClass::ContentRefused));
    }
}

#[tokio::test]
async fn nothing_falls_back_after_a_listener_has_heard_a_piece() {
    let begun = Bytes::from_static(b"data: {\"choices\":[{\"delta\":{\"content\":\"Twel\"}}]}\n\n");
    let pieces = || Step::pieces(vec![Ok(begun.clone()), Err(TransportError::Reset)]);
    let (scene, books) = (Scene::new(vec![pieces()]), Books::default());
    let (call, listener) = (CallMeta::default(), |_: &StreamEvent| {});
    let error =
        scene.llm.chat_streamed(&call, &question("gpt4o"), scene.deadline(), &books, &listener).await.unwrap_err();
    assert!(matches!(error, LlmError::Failed { partial_text, .. } if partial_text == "Twel"));
    // Nobody was listening: nothing was delivered, so another model may answer.
    let (scene, books) = (Scene::new(vec![pieces(), answer("Twelve.")]), Books::default());
    assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap().message.content, "Twelve.");
}

#[tokio::test]
async fn a_silent_provider_is_given_up_at_the_deadline() {
    let silent = Step::Answer {
        status: 200,
        headers: vec![],
        pieces: vec![Ok(Bytes::from_static(b"data: "))],
        then_silence: true,
    };
    let (scene, books) = (Scene::new(vec![silent]), Books::default());
    assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap_err().class(), ErrorClass::Timeout);
    assert_eq!(books.ended.lock().unwrap()[0].status, AttemptStatus::Error);
}

#[tokio::test]
async fn the_observer_can_refuse_one_model_or_the_whole_call() {
    let (scene, books) = (Scene::new(vec![answer("ok")]), Books { not: Some("claude_opus"), ..Books::default() });
    assert_eq!(ask(&scene, "claude_opus", &books).await.unwrap().model, "gpt4o");
    let (scene, books) = (Scene::new(vec![]), Books { spent: true, ..Books::default() });
    assert!(matches!(ask(&scene, "claude_opus", &books).await, Err(LlmError::Refused(_))));
    assert!(scene.models_asked().is_empty());
}

#[tokio::test]
async fn a_model_without_a_price_is_not_asked_while_a_budget_is_in_force() {
    let unknown = [("HOLLY_MODEL_LARGE", "some-model")];
    let (scene, books) = (Scene::with(vec![answer("ok")], &unknown), Books::default());
    assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap().model, "gpt4o_mini");
    let (scene, books) = (Scene::with(vec![answer("ok")], &unknown), Books::default());
    let call = CallMeta { unpriced: Unpriced::Allow, fallback: Fallback::Never, ..CallMeta::default() };
    let response = scene.llm.chat(&call, &question("gpt4o"), scene.deadline(), &books).await.unwrap();
    assert_eq!((response.cost_micros, response.model_used.as_str()), (None, "m-1"));
}

#[tokio::test]
async fn after_passing_trouble_the_next_call_waits_a_moment_instead_of_failing() {
    let down = || Step::error(503, "server_error");
    let (scene, books) = (Scene::new(vec![down(), down(), down(), answer("ok")]), Books::default());
    ask(&scene, "gpt4o", &books).await.unwrap_err();
    assert_eq!(ask(&scene, "gpt4o", &books).await.unwrap().message.content, "ok");
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let body = json!({"id": "c1", "model": "m-1", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant",
        "content": null, "tool_calls": [{"id": "a", "type": "function", "function": {"name": "look", "arguments": "{\"n\":1}"}}]}}]});
    let (scene, books) = (Scene::new(vec![Step::json(200, &body)]), Books::default());
    let response = ask(&scene, "gpt4o", &books).await.unwrap();
    assert_eq!((response.finish, &response.message.tool_calls[0].args), (FinishReason::ToolCalls, &json!({"n": 1})));
    assert!(response.usage.estimated && response.usage.input > 0);
}
