//! The Shopify shop.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;
use crate::upstream::Upstream;

settings! {
    /// The Shopify shop. A token, or an id and secret with which tokens are fetched.
    Shop, "Shop" {
        /// The shop's host. In rehearsal the simulated shop bears this name.
        option url: String = Setting::new("SHOPIFY_SHOP_URL").live(), parse::SHOP_HOST;
        /// Token of the Admin API.
        option access_token: SecretString = Setting::new("SHOPIFY_ACCESS_TOKEN").secret()
            .live_unless("SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET")
            .hint("Shopify admin, Apps, your app, API credentials")
            .credential_of(Upstream::Shopify), parse::API_KEY;
        /// Id of the app, for tokens fetched by us.
        option client_id: SecretString = Setting::new("SHOPIFY_CLIENT_ID").secret()
            .credential_of(Upstream::Shopify), parse::API_KEY;
        /// Secret of the app, for tokens fetched by us.
        option client_secret: SecretString = Setting::new("SHOPIFY_CLIENT_SECRET").secret()
            .credential_of(Upstream::Shopify), parse::API_KEY;
        /// Version of the Admin API.
        value api_version: String = Setting::new("SHOPIFY_API_VERSION").default("2026-10"), parse::SHOPIFY_VERSION;
        /// Checks the signature of the shop's webhooks; unset, each is refused. Generated in rehearsal.
        option webhook_secret: SecretString = Setting::new("SHOPIFY_WEBHOOK_SECRET").secret()
            .derived("none; generated in rehearsal"), parse::WEBHOOK_SECRET;
        /// Replaces the shop's own address.
        option base_url: String = Setting::new("SHOPIFY_BASE_URL").derived("https://SHOPIFY_SHOP_URL"), parse::SERVICE_URL;
    }
}
