//! Which provider is asked in which dialect, and what happens when one of them is not there.

use std::time::Duration;

use llm::{CallMeta, ErrorClass, LlmError, Ollama, ProbeState, Provider, SkipReason, TransportError};
use serde_json::json;

use crate::recorded;
use crate::support::{Books, Scene, Step, answer, question};

async fn ask(scene: &Scene, model: &str) -> Result<llm::ChatResponse, LlmError> {
    let (call, books) = (CallMeta::default(), Books::default());
    scene.while_time_passes(scene.llm.chat(&call, &question(model), scene.deadline(), &books)).await
}

#[tokio::test]
async fn every_model_is_asked_at_its_own_provider_in_its_own_dialect() {
    for recorded in recorded::all() {
        let step = Step::typed(recorded.content_type, vec![Ok(recorded.text.clone().into())]);
        let scene = Scene::everywhere(vec![step]);
        let answer = ask(&scene, recorded.model).await.unwrap();
        assert_eq!(*scene.wire.paths.lock().unwrap(), [recorded.path]);
        assert_eq!(answer.usage, recorded.usage);
        if recorded.path == "/v1/messages" {
            // 300 at 5, 200 written at 6.25, 500 read at 0.50, 100 out at 25 dollars a million.
            assert_eq!(answer.cost_micros, Some(1_500 + 1_250 + 250 + 2_500));
        }
    }
}

#[tokio::test]
async fn one_provider_without_credit_leaves_its_models_to_the_others() {
    let poor = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}});
    let scene = Scene::everywhere(vec![Step::json(400, &poor), answer("a"), answer("b")]);
    assert_eq!(ask(&scene, "claude_opus").await.unwrap().model, "gpt4o");
    // It is not asked again before its pause is over.
    assert_eq!(ask(&scene, "claude_opus").await.unwrap().model, "gpt4o");
    assert_eq!(scene.models_asked(), ["claude-opus-4-6", "gpt-4o", "gpt-4o"]);
    assert!(scene.llm.back_offs().active(Provider::Anthropic, scene.now()).is_some());
    assert!(scene.llm.back_offs().active(Provider::OpenAi, scene.now()).is_none());
}

#[tokio::test]
async fn when_everybody_is_left_alone_the_call_fails_with_the_soonest_moment_and_the_remedy() {
    let busy = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let scene = Scene::everywhere(vec![Step::json(529, &busy), Step::error(429, "insufficient_quota")]);
    let error = ask(&scene, "claude_opus").await.unwrap_err();
    // The last failure is the empty account; the busy provider is asked again long before.
    assert_eq!(error.class(), ErrorClass::CreditsExhausted);
    assert!(error.available_at().unwrap() <= scene.now() + Duration::from_secs(2));
    assert_eq!(error.remedy().unwrap(), "add credit to the account at openai or raise its spending limit");

    let scene = Scene::only(Provider::OpenAi, vec![Step::error(429, "insufficient_quota")]);
    ask(&scene, "gpt4o_mini").await.unwrap_err();
    let small = ask(&scene, "gpt4o_mini").await.unwrap_err();
    assert_eq!(small.class(), ErrorClass::CreditsExhausted);
    assert!(small.to_string().contains("openai is left alone until"), "{small}");
    assert!(small.remedy().unwrap().contains("add credit to the account at openai"));
    assert!(small.available_at().unwrap() > scene.now() + Duration::from_secs(1_700));
}

#[tokio::test]
async fn an_open_breaker_of_the_local_server_hands_its_models_on_until_a_probe_finds_it_again() {
    let open = || Step::NoAnswer(TransportError::CircuitOpen(Duration::from_secs(60)));
    let list = Step::json(200, &json!({"models": [{"name": "qwen2.5:3b"}]}));
    let local = recorded::all().pop().unwrap();
    let local = Step::typed(local.content_type, vec![Ok(local.text.into())]);
    let scene = Scene::everywhere(vec![open(), answer("a"), answer("b"), list, local]);
    assert_eq!(ask(&scene, "ollama_qwen").await.unwrap().model, "gpt4o_mini");
    assert_eq!(scene.llm.ollama(), Ollama::Down);
    assert_eq!(ask(&scene, "ollama_qwen").await.unwrap().model, "gpt4o_mini");
    assert!(scene.llm.probe(Provider::Ollama).await.is_healthy());
    assert_eq!(ask(&scene, "ollama_qwen").await.unwrap().model, "ollama_qwen");
    let paths = scene.wire.paths.lock().unwrap();
    assert_eq!(*paths, ["/api/chat", "/chat/completions", "/chat/completions", "/api/tags", "/api/chat"]);
}

#[tokio::test]
async fn a_failed_probe_says_why_and_what_to_do_and_a_provider_without_a_key_is_not_asked() {
    let scene = Scene::everywhere(vec![
        Step::json(
            401,
            &json!({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}),
        ),
        Step::NoAnswer(TransportError::Connect),
    ]);
    let anthropic = scene.llm.probe(Provider::Anthropic).await;
    let ProbeState::Unreachable { class, remedy, .. } = &anthropic.state else { panic!("{anthropic:?}") };
    assert_eq!(
        (*class, remedy.as_deref()),
        (ErrorClass::AuthFailure, Some("check ANTHROPIC_API_KEY: anthropic refuses the key"))
    );
    assert_eq!(serde_json::to_value(&anthropic).unwrap()["state"], "unreachable");
    assert!(!scene.llm.probe(Provider::Ollama).await.is_healthy());
    assert_eq!(scene.llm.ollama(), Ollama::Down);

    let alone = Scene::new(vec![]);
    assert_eq!(alone.llm.probe(Provider::Anthropic).await.state, ProbeState::Disabled);
    assert!(alone.wire.paths.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_probe_names_models_in_use_that_end_soon_or_are_not_there() {
    let list = json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model", "created": 1, "owned_by": "x", "shutdown_date": "2026-06-20"}]});
    let scene = Scene::everywhere(vec![Step::json(200, &list)]);
    let report = scene.llm.probe(Provider::OpenAi).await;
    assert_eq!(
        report.warnings,
        ["openai switches gpt-4o off on 2026-06-20", "openai does not list gpt-4o-mini, which is in use"]
    );
}

#[tokio::test]
async fn a_refused_request_is_tried_at_another_provider_only() {
    let bad =
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}});
    let scene = Scene::everywhere(vec![Step::json(400, &bad), Step::error(400, "context_length_exceeded")]);
    let error = ask(&scene, "claude_opus").await.unwrap_err();
    assert!(error.context_too_long() && error.available_at().is_none());
    assert_eq!(scene.models_asked(), ["claude-opus-4-6", "gpt-4o"]);
    assert!(!matches!(error, LlmError::NoModel { .. }));
}

#[tokio::test]
async fn without_a_key_the_models_of_a_provider_are_left_out_with_the_reason() {
    let scene = Scene::only(Provider::OpenAi, vec![answer("ok")]);
    assert_eq!(ask(&scene, "claude_opus").await.unwrap().model, "gpt4o");
    let scene = Scene::only(Provider::Anthropic, vec![]);
    let error = ask(&scene, "gpt4o_mini").await.unwrap_err();
    let LlmError::NoModel { skipped, .. } = &error else { panic!("{error}") };
    assert!(skipped.iter().all(|skip| skip.reason == SkipReason::NotConfigured(Provider::OpenAi)));
    assert_eq!(error.remedy().unwrap(), "set OPENAI_API_KEY to use the models of openai");
}

#[tokio::test]
async fn a_local_model_that_was_never_pulled_is_warned_of_until_it_answers() {
    let missing = Step::json(404, &json!({"error": "model 'qwen2.5:3b' not found"}));
    let local = recorded::all().pop().unwrap();
    let local = Step::typed(local.content_type, vec![Ok(local.text.into())]);
    let scene = Scene::everywhere(vec![missing, answer("ok"), local]);
    assert_eq!(ask(&scene, "ollama_qwen").await.unwrap().model, "gpt4o_mini");
    let warnings: Vec<String> = scene.llm.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["ollama_qwen: the provider no longer knows qwen2.5:3b; no successor is known"]);
    assert_eq!(ask(&scene, "ollama_qwen").await.unwrap().model, "ollama_qwen");
    assert!(scene.llm.warnings().is_empty());
}
