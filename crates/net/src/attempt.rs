//! One attempt: send, wait for the answer, read it up to the cap.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use clock::Clock;
use futures_util::future::{Either, select};
use reqwest::Url;

use crate::error::{NetError, NotSent};
use crate::reply::Reply;
use crate::request::Request;

/// Builds the client's request for `url`.
pub(crate) fn build(client: &reqwest::Client, url: Url, request: &Request) -> Result<reqwest::Request, reqwest::Error> {
    let mut builder = client.request(request.method.clone(), url).headers(request.headers.clone());
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    } else if request.method == http::Method::POST {
        // A post without a body still states its length; some servers refuse it otherwise.
        builder = builder.body(Bytes::new());
    }
    builder.build()
}

/// What the client's error says about the attempt.
pub(crate) fn classify(service: &'static str, error: reqwest::Error) -> NetError {
    // The address is left out: a path may name an order.
    let error = error.without_url();
    if error.is_dns() {
        NetError::NotSent { service, reason: NotSent::Dns, source: Some(error) }
    } else if error.is_connect() {
        NetError::NotSent { service, reason: NotSent::Connect, source: Some(error) }
    } else if error.is_builder() {
        NetError::NotSent { service, reason: NotSent::Invalid("the request is not valid"), source: Some(error) }
    } else if error.is_timeout() {
        NetError::Timeout { service, written: true }
    } else {
        NetError::Reset { service, source: error }
    }
}

/// Waits for `future`, at most `limit` of the clock's time; none when the time was up first.
pub(crate) async fn within<F: Future>(clock: &dyn Clock, limit: Duration, future: F) -> Option<F::Output> {
    let future = std::pin::pin!(future);
    match select(future, clock.sleep(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Reads a whole answer.
pub(crate) async fn read(service: &'static str, response: reqwest::Response, limit: usize) -> Result<Reply, NetError> {
    let too_large = || NetError::TooLarge { service, limit };
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > limit) {
        return Err(too_large());
    }
    let (status, headers) = (response.status(), response.headers().clone());
    let mut response = response;
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(service, error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, headers, body: body.freeze() })
}
