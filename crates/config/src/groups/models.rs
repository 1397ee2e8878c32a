//! Providers of models.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;
use crate::upstream::Upstream;

settings! {
    /// Providers of models, and which of their models stand behind our own names.
    Models, "Models" {
        /// Key of the OpenAI API.
        option openai_api_key: SecretString = Setting::new("OPENAI_API_KEY").secret().live()
            .credential_of(Upstream::OpenAi), parse::API_KEY;
        /// Key of the Anthropic API.
        option anthropic_api_key: SecretString = Setting::new("ANTHROPIC_API_KEY").secret().live()
            .credential_of(Upstream::Anthropic), parse::API_KEY;
        /// Replaces OpenAI's own address, path included.
        option openai_base_url: String = Setting::new("OPENAI_BASE_URL")
            .derived("https://api.openai.com/v1"), parse::SERVICE_URL;
        /// Replaces Anthropic's own address.
        option anthropic_base_url: String = Setting::new("ANTHROPIC_BASE_URL")
            .derived("https://api.anthropic.com"), parse::SERVICE_URL;
        /// Address of an Ollama server; without one, local models become `gpt4o_mini`.
        option ollama_base_url: String = Setting::new("OLLAMA_BASE_URL"), parse::SERVICE_URL;
        /// Key of an Ollama server that wants one.
        option ollama_api_key: SecretString = Setting::new("OLLAMA_API_KEY").secret()
            .credential_of(Upstream::Ollama), parse::API_KEY;
        /// Model behind `claude_opus`, Holly's own; the dated list of models decides when it is unset.
        option model: String = Setting::new("HOLLY_MODEL").derived("claude-opus-4-6"), parse::MODEL;
        /// Model behind `gpt4o`.
        option model_large: String = Setting::new("HOLLY_MODEL_LARGE").derived("gpt-4o"), parse::MODEL;
        /// Model behind `gpt4o_mini`.
        option model_small: String = Setting::new("HOLLY_MODEL_SMALL").derived("gpt-4o-mini"), parse::MODEL;
        /// Model behind `ollama_qwen`.
        option model_ollama: String = Setting::new("HOLLY_MODEL_OLLAMA").derived("qwen2.5:3b"), parse::MODEL;
    }
}
