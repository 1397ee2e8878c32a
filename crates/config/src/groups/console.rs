//! The console and its first user.

use std::net::IpAddr;

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// The web console: where it listens, who signs in first, and the figures it shows from elsewhere.
    Console, "Console" {
        /// Address the console listens on.
        value host: IpAddr = Setting::new("HOLLY_CONSOLE_HOST").by_mode(Some("127.0.0.1"), Some("0.0.0.0")), parse::IP;
        /// Port of the console.
        value port: u16 = Setting::new("HOLLY_CONSOLE_PORT").default("8060"), parse::PORT;
        /// Origins whose pages may call the console.
        value cors_origins: Vec<String> = Setting::new("HOLLY_CORS_ORIGINS")
            .default("http://localhost:5173,http://localhost:3000"), parse::ORIGINS;
        /// Always marks the cookie `Secure`; unset, it follows the request.
        option cookie_secure: bool = Setting::new("HOLLY_COOKIE_SECURE").derived("follows the request"), parse::BOOL;
        /// Address of the first administrator, put into the table of users at start.
        option user_email: String = Setting::new("HOLLY_CONSOLE_USER_EMAIL")
            .by_mode(Some("owner@holly.localhost"), None), parse::MAIL;
        /// That user's password as an Argon2id hash; wins over the plain one.
        option user_password_hash: SecretString = Setting::new("HOLLY_CONSOLE_USER_PASSWORD_HASH").secret(), parse::ARGON2_HASH;
        /// That user's password; hashed at start. Rehearsal generates one.
        option user_password: SecretString = Setting::new("HOLLY_CONSOLE_USER_PASSWORD").secret()
            .derived("none; generated in rehearsal"), parse::PASSWORD;
        /// Signs the console's cookies; must not be the key of the agents API.
        option jwt_secret: SecretString = Setting::new("HOLLY_CONSOLE_JWT_SECRET").secret()
            .derived("made from AUTH_SECRET_KEY"), parse::SIGNING_KEY;
        /// Key for the console's links to the tracer.
        option langsmith_api_key: SecretString = Setting::new("HOLLY_LANGSMITH_API_KEY").secret()
            .derived("LANGSMITH_API_KEY"), parse::API_KEY;
        /// Project of the console's links to the tracer.
        option langsmith_project: String = Setting::new("HOLLY_LANGSMITH_PROJECT")
            .derived("LANGSMITH_PROJECT"), parse::TEXT;
        /// Reads what Anthropic really billed.
        option anthropic_admin_key: SecretString = Setting::new("HOLLY_ANTHROPIC_ADMIN_KEY").secret(), parse::API_KEY;
        /// Reads what OpenAI really billed.
        option openai_admin_key: SecretString = Setting::new("HOLLY_OPENAI_ADMIN_KEY").secret(), parse::API_KEY;
    }
}
