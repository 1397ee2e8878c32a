//! Payments through Stripe.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;
use crate::upstream::Upstream;

settings! {
    /// Payments through Stripe.
    Payments, "Payments" {
        /// Key of the Stripe API.
        option secret_key: SecretString = Setting::new("STRIPE_SECRET_KEY").secret().live()
            .hint("Stripe dashboard, Developers, API keys").credential_of(Upstream::Stripe), parse::STRIPE_KEY;
        /// Checks the signature of payment webhooks; unset, each is refused. Generated in rehearsal.
        option webhook_secret: SecretString = Setting::new("STRIPE_WEBHOOK_SECRET").secret()
            .derived("none; generated in rehearsal"), parse::WEBHOOK_SECRET;
        /// Replaces Stripe's own address.
        option base_url: String = Setting::new("STRIPE_BASE_URL").derived("https://api.stripe.com"), parse::SERVICE_URL;
        /// Lets a rehearsal start although a payment key for real money is set.
        value allow_live_keys: bool = Setting::new("HOLLY_ALLOW_LIVE_KEYS").default("0"), parse::BOOL;
    }
}
