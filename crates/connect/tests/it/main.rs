//! Clients and tools over loopback against small fakes of the three upstreams.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

// Inside the workspace the crate goes by its short name.
extern crate holly_connect as connect;

mod app_token;
mod cancel;
mod contract;
mod fake;
mod payment_products;
mod print_limit;
mod reads;
mod refund;
mod shop;
mod shop_copy;
mod shop_products;
mod submit;
