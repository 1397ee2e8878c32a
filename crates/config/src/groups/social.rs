//! Instagram.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Instagram; its tools are off without token and account.
    Social, "Instagram" {
        /// Token of the Graph API.
        option access_token: SecretString = Setting::new("INSTAGRAM_ACCESS_TOKEN").secret(), parse::API_KEY;
        /// The business account that posts.
        option account_id: u64 = Setting::new("INSTAGRAM_BUSINESS_ACCOUNT_ID"), parse::STORE_ID;
        /// Version of the Graph API.
        value api_version: String = Setting::new("INSTAGRAM_API_VERSION").default("v27.0"), parse::GRAPH_VERSION;
        /// Replaces Instagram's own address.
        option base_url: String = Setting::new("INSTAGRAM_BASE_URL")
            .derived("https://graph.facebook.com"), parse::SERVICE_URL;
    }
}
