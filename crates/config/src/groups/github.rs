//! GitHub, for the built-in MCP server.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// GitHub, for the built-in MCP server.
    GitHub, "GitHub" {
        /// Token.
        option token: SecretString = Setting::new("GITHUB_TOKEN").secret(), parse::LOGIN;
        /// Owner of the repository.
        option owner: String = Setting::new("GITHUB_OWNER"), parse::NAME;
        /// The repository.
        option repo: String = Setting::new("GITHUB_REPO"), parse::NAME;
        /// Its branch.
        value branch: String = Setting::new("GITHUB_BRANCH").default("master"), parse::NAME;
        /// Address of the API.
        value api_url: String = Setting::new("GITHUB_API_URL").default("https://api.github.com"), parse::SERVICE_URL;
    }
}
