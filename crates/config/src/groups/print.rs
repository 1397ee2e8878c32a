//! Printing through Printful.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;
use crate::upstream::Upstream;

settings! {
    /// Printing and shipping through Printful.
    Print, "Printing" {
        /// Token of the Printful API.
        option api_key: SecretString = Setting::new("PRINTFUL_API_KEY").secret().live()
            .hint("Printful developer portal, Tokens").credential_of(Upstream::Printful), parse::API_KEY;
        /// The store; needed with a token of the whole account.
        option store_id: u64 = Setting::new("PRINTFUL_STORE_ID"), parse::STORE_ID;
        /// Checks the signature of print webhooks; unset, each is refused. Generated in rehearsal.
        option webhook_secret: SecretString = Setting::new("PRINTFUL_WEBHOOK_SECRET").secret()
            .derived("none; generated in rehearsal"), parse::WEBHOOK_SECRET;
        /// Replaces Printful's own address.
        option base_url: String = Setting::new("PRINTFUL_BASE_URL").derived("https://api.printful.com"), parse::SERVICE_URL;
        /// Print cost of one order, in US dollars (held in cents), above which its ticket is high risk.
        value cap_cents: i64 = Setting::new("HOLLY_PRINT_CAP_USD").default("100"), parse::USD_CENTS;
    }
}
