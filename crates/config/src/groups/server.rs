//! The agents server, and who may call it how often.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Where the agents API listens, whom it believes and how often a caller may ask; the rates hold for both servers.
    Server, "Agents server" {
        /// Address the agents API listens on.
        value host: IpAddr = Setting::new("HOST").by_mode(Some("127.0.0.1"), Some("0.0.0.0")), parse::IP;
        /// Port of the agents API.
        value port: u16 = Setting::new("PORT").default("8050"), parse::PORT;
        /// Origins whose pages may call the agents API.
        value cors_origins: Vec<String> = Setting::new("CORS_ALLOWED_ORIGINS")
            .default("http://localhost:3000,http://localhost:8050"), parse::ORIGINS;
        /// Networks whose `X-Forwarded-For` is believed.
        value trusted_proxies: Vec<IpNet> = Setting::new("TRUSTED_PROXIES").default(""), parse::PROXIES;
        /// Costly requests (runs, chats, imports) per minute and caller.
        value rate_costly: u32 = Setting::new("HOLLY_RATE_COSTLY").default("60"), parse::RATE;
        /// Other writes per minute and caller.
        value rate_writes: u32 = Setting::new("HOLLY_RATE_WRITES").default("120"), parse::RATE;
        /// Reads per minute and caller.
        value rate_reads: u32 = Setting::new("HOLLY_RATE_READS").default("600"), parse::RATE;
    }
}
