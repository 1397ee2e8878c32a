//! Limits and helpers of the agents' tools.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Limits and helpers of the agents' tools.
    Tools, "Tools" {
        /// Largest document a tool reads.
        value doc_max_bytes: u64 = Setting::new("DOC_MAX_FILE_SIZE").default("52428800"), parse::BYTES;
        /// A browser for the browsing tools.
        option browser_ws_url: SecretString = Setting::new("BROWSER_WS_URL").secret(), parse::SOCKET_URL;
        /// Programs that may be started as MCP servers.
        value mcp_commands: Vec<PathBuf> = Setting::new("HOLLY_MCP_COMMANDS").default(""), parse::COMMANDS;
    }
}
