//! The same client over real HTTP on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use clock::{OsEntropy, SharedClock, SystemClock};
use futures_util::StreamExt;
use llm::{
    Availability, CallMeta, Catalog, ChatResponse, Credential, ErrorClass, Fallback, Llm, LlmError, Ollama, Overrides,
    Provider, Transport, Wire,
};
use net::{BaseUrl, Breakers, PlainHttp, Settings, Upstream};
use serde_json::json;

use crate::support::{Books, question, stream_of};

/// What the provider does with every request.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Streams seven bytes at a time.
    Pieces,
    /// Begins an answer and drops the connection.
    Drops,
    /// Answers with this status and error code.
    Refuses(u16, &'static str),
    /// Begins an answer and falls silent.
    Silent,
}

async fn provider(State(manner): State<Manner>, headers: HeaderMap) -> Response {
    assert_eq!(headers["authorization"], "Bearer key-for-tests");
    let text = stream_of(&[json!({"content": "Zwölf."})], "stop").into_bytes();
    let head: Vec<_> = vec![Ok(Bytes::from_static(b"data: {\"cho"))];
    let sse = |body| {
        Response::builder()
            .header("content-type", "text/event-stream")
            .header("x-request-id", "req_1")
            .body(body)
            .unwrap()
    };
    match manner {
        Manner::Pieces => {
            let pieces: Vec<_> =
                text.chunks(7).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
            let slow = futures_util::stream::iter(pieces).then(|piece| async {
                tokio::task::yield_now().await;
                piece
            });
            sse(Body::from_stream(slow))
        }
        Manner::Drops => {
            let broken = Err(std::io::Error::other("gone"));
            sse(Body::from_stream(futures_util::stream::iter(head.into_iter().chain([broken]))))
        }
        Manner::Silent => sse(Body::from_stream(
            futures_util::stream::iter(head).chain(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()),
        )),
        Manner::Refuses(status, code) => {
            let body = json!({"error": {"message": "m", "type": code, "code": code, "param": null}});
            Response::builder()
                .status(status)
                .header("content-type", "application/json")
                .header("retry-after", "60")
                .body(Body::from(body.to_string()))
                .unwrap()
        }
    }
}

/// One question to a provider of this manner, with `seconds` to answer it.
async fn ask(manner: Manner, seconds: u64) -> (Result<ChatResponse, LlmError>, Books) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/v1/chat/completions", post(provider)).with_state(manner);
    let mut server = tokio::task::JoinSet::new();
    server.spawn(async move { axum::serve(listener, routes).await });

    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = Settings::new("openai", BaseUrl::parse(&address, PlainHttp::NearOnly).unwrap());
    let upstream =
        Upstream::new(settings, Breakers::new(Arc::clone(&clock)), Arc::clone(&clock), Arc::new(OsEntropy)).unwrap();
    let wire: Arc<dyn Transport> =
        Arc::new(Wire::new(upstream, Credential::Bearer(("key-for-".to_owned() + "tests").into())));
    let available = Availability {
        providers: BTreeSet::from([Provider::OpenAi]),
        ollama: Ollama::Absent,
        serve_all_with: Some(Provider::OpenAi),
    };
    let catalog = Catalog::built_in(&Overrides::new()).unwrap();
    let llm = Llm::new(catalog, BTreeMap::from([(Provider::OpenAi, wire)]), available, Arc::clone(&clock));
    let (books, call) = (Books::default(), CallMeta { fallback: Fallback::Never, ..CallMeta::default() });
    let result = llm.chat(&call, &question("claude_opus"), clock.now() + Duration::from_secs(seconds), &books).await;
    (result, books)
}

#[tokio::test]
async fn an_answer_in_small_pieces_is_whole() {
    let (response, books) = ask(Manner::Pieces, 30).await;
    let response = response.unwrap();
    assert_eq!(response.message.content, "Zwölf.");
    assert_eq!(response.request_id.as_deref(), Some("req_1"));
    assert!(response.ttft_ms.is_some() && response.cost_micros.is_some());
    assert_eq!(books.ended.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn each_way_of_failing_has_its_class() {
    for (manner, class) in [
        (Manner::Drops, ErrorClass::ServerError),
        (Manner::Refuses(429, "rate_limit_exceeded"), ErrorClass::RateLimit),
        (Manner::Refuses(429, "insufficient_quota"), ErrorClass::CreditsExhausted),
        (Manner::Refuses(404, "model_not_found"), ErrorClass::ModelError),
        (Manner::Refuses(503, "server_error"), ErrorClass::ServerError),
        (Manner::Silent, ErrorClass::Timeout),
    ] {
        let (result, books) = ask(manner, if matches!(manner, Manner::Silent) { 1 } else { 30 }).await;
        assert_eq!(result.unwrap_err().class(), class, "{manner:?}");
        assert_eq!(books.ended.lock().unwrap()[0].error_class, Some(class), "{manner:?}");
    }
}

/// Refuses whoever does not present itself as Anthropic wants.
async fn anthropic(headers: HeaderMap) -> Response {
    assert_eq!(headers["x-api-key"], "key-for-tests");
    assert_eq!(headers["anthropic-version"], "2023-06-01");
    assert!(!headers.contains_key("authorization"));
    let recorded = crate::recorded::all().swap_remove(1);
    Response::builder()
        .header("content-type", recorded.content_type)
        .header("request-id", "req_2")
        .body(Body::from(recorded.text))
        .unwrap()
}

#[tokio::test]
async fn anthropic_is_addressed_as_it_wants_and_its_request_id_is_kept() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = axum::Router::new().route("/v1/messages", post(anthropic));
    let mut server = tokio::task::JoinSet::new();
    server.spawn(async move { axum::serve(listener, routes).await });

    let clock: SharedClock = Arc::new(SystemClock::new());
    let settings = Settings::new("anthropic", BaseUrl::parse(&address, PlainHttp::NearOnly).unwrap());
    let upstream =
        Upstream::new(settings, Breakers::new(Arc::clone(&clock)), Arc::clone(&clock), Arc::new(OsEntropy)).unwrap();
    let key = Some(("key-for-".to_owned() + "tests").into());
    let wire: Arc<dyn Transport> = Arc::new(Wire::of(Provider::Anthropic, upstream, key));
    let available = Availability { providers: BTreeSet::from([Provider::Anthropic]), ..Availability::default() };
    let transports = BTreeMap::from([(Provider::Anthropic, wire)]);
    let llm = Llm::new(crate::support::catalog(), transports, available, Arc::clone(&clock));
    let deadline = clock.now() + Duration::from_secs(30);
    let answer = llm.chat(&CallMeta::default(), &question("claude_opus"), deadline, &Books::default()).await.unwrap();
    assert_eq!((answer.provider, answer.request_id.as_deref()), (Provider::Anthropic, Some("req_2")));
}
