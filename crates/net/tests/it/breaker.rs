//! The breaker around the calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use net::{Breakers, NetError, NotSent, Request, RetryPolicy};

use crate::server::{Server, Step, answer};

fn state(breakers: &Breakers) -> &'static str {
    breakers.snapshot().into_iter().find(|breaker| breaker.name == "stripe").unwrap().state
}

#[tokio::test]
async fn five_failures_open_it_and_then_nothing_leaves_until_the_probe() {
    let mut steps = vec![answer(500, "", ""); 5];
    steps.push(answer(200, "", ""));
    let server = Server::start(steps).await;
    let opened = Arc::new(Mutex::new(Vec::new()));
    let told = opened.clone();
    let breakers = Breakers::with_listener(server.clock.clone(), move |service, _| told.lock().unwrap().push(service));
    let upstream = server.upstream_with(breakers.clone(), |settings| settings.retry = RetryPolicy::NONE);
    for _ in 0..5 {
        assert_eq!(upstream.send("op", Request::get("/a")).await.unwrap_err().status(), Some(500));
    }
    let error = upstream.send("op", Request::get("/a")).await.unwrap_err();
    assert!(matches!(error, NetError::NotSent { reason: NotSent::CircuitOpen { seconds_left: 1..=60 }, .. }));
    assert_eq!((server.hits(), state(&breakers), opened.lock().unwrap().as_slice()), (5, "open", &["stripe"][..]));

    server.clock.advance(Duration::from_secs(61));
    assert_eq!(state(&breakers), "half_open");
    upstream.send("op", Request::get("/a")).await.unwrap();
    assert_eq!((server.hits(), state(&breakers)), (6, "closed"));
}

#[tokio::test]
async fn refusals_of_the_request_never_open_it() {
    let server = Server::start(vec![answer(404, "", ""), answer(429, "", ""), answer(401, "", "")]).await;
    let breakers = server.breakers();
    let upstream = server.upstream_with(breakers.clone(), |settings| settings.retry = RetryPolicy::NONE);
    for _ in 0..8 {
        drop(upstream.send("op", Request::get("/a")).await);
    }
    assert_eq!((server.hits(), state(&breakers)), (8, "closed"));
}

#[tokio::test]
async fn a_caller_that_gives_up_frees_the_place_of_the_probe() {
    let mut steps = vec![answer(500, "", ""); 5];
    steps.extend([Step::Hang(String::new()), answer(200, "", "")]);
    let server = Server::start(steps).await;
    let breakers = server.breakers();
    let upstream = server.upstream_with(breakers.clone(), |settings| settings.retry = RetryPolicy::NONE);
    for _ in 0..5 {
        drop(upstream.send("op", Request::get("/a")).await);
    }
    server.clock.advance(Duration::from_secs(61));
    {
        let probe = upstream.send("op", Request::get("/a"));
        let seen = async {
            while server.hits() < 6 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { biased; _ = probe => unreachable!("it hangs"), () = seen => {} }
    }
    upstream.send("op", Request::get("/a")).await.unwrap();
    assert_eq!(state(&breakers), "closed");
}
