//! The optional Solana figures.

use crate::parse;
use crate::setting::Setting;

settings! {
    /// The optional Solana job, tools and figures.
    Solana, "Solana" {
        /// Switches them on.
        value enabled: bool = Setting::new("SOLANA_ENABLED").default("0"), parse::BOOL;
        /// RPC server.
        value rpc_url: String = Setting::new("SOLANA_RPC_URL").default("https://api.mainnet-beta.solana.com"), parse::SERVICE_URL;
        /// Identity of our validator.
        option validator_identity: String = Setting::new("SOLANA_VALIDATOR_IDENTITY"), parse::NAME;
        /// Our wallet's address.
        option wallet_address: String = Setting::new("SOLANA_WALLET_ADDRESS"), parse::NAME;
        /// Price of a kilowatt hour in US dollars, held in millionths.
        value electricity_microusd_per_kwh: i64 = Setting::new("SOL_ELECTRICITY_RATE_KWH").default("0.12"), parse::USD_MICRO;
        /// Depreciation of the hardware per month in US dollars, held in cents.
        value depreciation_cents_per_month: i64 = Setting::new("SOL_HARDWARE_DEPRECIATION_MONTHLY")
            .default("150.00"), parse::USD_CENTS;
        /// Source of the SOL price.
        value coingecko_base_url: String = Setting::new("COINGECKO_BASE_URL")
            .default("https://api.coingecko.com/api/v3"), parse::SERVICE_URL;
    }
}
