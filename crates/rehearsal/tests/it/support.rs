//! A world on loopback and a receiver for its webhooks.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::SystemClock;
use holly_rehearsal::deliver::{Deliver, Delivery};
use holly_rehearsal::{World, WorldConfig, WorldHandle, WorldSecrets};
use serde_json::{Value, json};

/// Keeps what arrives and answers as told.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) arrived: Mutex<Vec<Delivery>>,
    pub(crate) answer: Mutex<u16>,
}

impl Receiver {
    pub(crate) fn new(answer: u16) -> Arc<Self> {
        Arc::new(Self { arrived: Mutex::default(), answer: Mutex::new(answer) })
    }

    /// Waits until `enough` says so about what has arrived.
    pub(crate) async fn until(&self, enough: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        loop {
            let arrived = self.arrived.lock().unwrap().clone();
            if enough(&arrived) {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Deliver for Receiver {
    fn post<'a>(&'a self, delivery: Delivery) -> Pin<Box<dyn Future<Output = Result<u16, String>> + Send + 'a>> {
        Box::pin(async move {
            self.arrived.lock().unwrap().push(delivery);
            Ok(*self.answer.lock().unwrap())
        })
    }
}

pub(crate) fn header<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.headers.iter().find(|(found, _)| *found == name).map_or("", |(_, value)| value)
}

pub(crate) fn secrets() -> WorldSecrets {
    WorldSecrets {
        shopify: "shop-secret".to_owned(),
        stripe: "stripe-secret".to_owned(),
        printful: "print-secret".to_owned(),
    }
}

pub(crate) async fn world(folder: &Path, receiver: &Arc<Receiver>) -> WorldHandle {
    World::start(WorldConfig {
        data_dir: folder.to_owned(),
        seed: 1,
        pace: 0.0,
        speed: 1.0,
        secrets: secrets(),
        shop_domain: "rehearsal.myshopify.com".to_owned(),
        ollama: true,
        agents_url: Some("http://127.0.0.1:9".to_owned()),
        clock: Arc::new(SystemClock::new()),
        deliver: Arc::clone(receiver) as Arc<dyn Deliver>,
    })
    .await
    .unwrap()
}

/// A client that speaks to all servers of one world.
pub(crate) struct Caller {
    http: reqwest::Client,
    pub(crate) handle: WorldHandle,
}

impl Caller {
    pub(crate) async fn start(folder: &Path) -> (Self, Arc<Receiver>) {
        let receiver = Receiver::new(202);
        (Self::around(world(folder, &receiver).await), receiver)
    }

    pub(crate) fn around(handle: WorldHandle) -> Self {
        net::install_crypto();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, handle }
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/control/{path}", self.handle.control_url);
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.handle.control_token);
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn order(&self, kind: &str) -> String {
        let (status, answer) = self.control("POST", "orders", json!({"kind": kind})).await;
        assert_eq!(status, 201, "{answer}");
        answer["shopify_order_ids"][0].as_str().unwrap().to_owned()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        let (status, answer) = self.control("POST", "faults", fault).await;
        assert_eq!(status, 201, "{answer}");
    }

    pub(crate) fn request(&self, upstream: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.handle.urls[upstream]);
        let request = self.http.request(method.parse().unwrap(), url);
        match upstream {
            "shopify" => request.header("x-shopify-access-token", "shpat-rehearsal"),
            "anthropic" => request.header("x-api-key", "rehearsal-key").header("anthropic-version", "2023-06-01"),
            _ => request.bearer_auth("rehearsal-key"),
        }
    }

    pub(crate) async fn get(&self, upstream: &str, path: &str) -> (u16, Value) {
        let answer = self.request(upstream, "GET", path).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Value {
        let path = "/admin/api/2026-10/graphql.json";
        let request = self.request("shopify", "POST", path).json(&json!({"query": query, "variables": variables}));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A body of `POST /orders` for one printable item.
    pub(crate) async fn print_body(&self, external_id: &str) -> Value {
        let (_, list) = self.get("printful", "/store/products").await;
        let id = list["result"][0]["id"].as_u64().unwrap() + 3_700_000_000;
        json!({"external_id": external_id, "shipping": "STANDARD",
            "recipient": {"name": "Ada Abbott", "address1": "1 Rehearsal Street", "city": "Leeds", "state_code": null,
                "country_code": "GB", "zip": "LS1 4AP", "phone": null},
            "items": [{"external_id": "1", "sync_variant_id": id, "quantity": 1, "retail_price": "19.50"}],
            "retail_costs": {"currency": "USD", "discount": "0.00", "shipping": "4.99", "tax": "0.00"}})
    }

    pub(crate) async fn create(&self, body: &Value) -> (u16, Value) {
        let answer = self.request("printful", "POST", "/orders").json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}
