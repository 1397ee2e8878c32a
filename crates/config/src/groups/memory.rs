//! Memory that is searched by meaning.

use secrecy::SecretString;

use crate::mode::EmbeddingProvider;
use crate::parse;
use crate::setting::Setting;

settings! {
    /// Memory that is searched by meaning.
    Memory, "Memory" {
        /// Address of a Chroma server. Set but empty means none: vectors are then scanned in process.
        option chroma_url: String = Setting::new("CHROMA_URL").empty_counts()
            .by_mode(None, Some("http://localhost:8100")), parse::SERVICE_URL;
        /// Tenant in Chroma.
        value chroma_tenant: String = Setting::new("CHROMA_TENANT").default("default_tenant"), parse::NAME;
        /// Database in Chroma.
        value chroma_database: String = Setting::new("CHROMA_DATABASE").default("default_database"), parse::NAME;
        /// Key of a Chroma server that wants one.
        option chroma_api_key: SecretString = Setting::new("CHROMA_API_KEY").secret(), parse::API_KEY;
        /// Who turns text into vectors; with nobody, search is lexical and says so.
        value embedding_provider: EmbeddingProvider = Setting::new("EMBEDDING_PROVIDER").default("auto"), parse::EMBEDDING;
        /// Model for it.
        option embedding_model: String = Setting::new("EMBEDDING_MODEL")
            .derived("all-minilm or text-embedding-3-small"), parse::MODEL;
    }
}
