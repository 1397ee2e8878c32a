//! Who answers, and in which dialect.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A company or program that serves models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// OpenAI, or a server that speaks its protocol.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// A local Ollama server.
    Ollama,
}

/// A wire protocol for asking a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// OpenAI Chat Completions.
    ChatCompletions,
    /// OpenAI Responses.
    Responses,
    /// Anthropic Messages.
    Messages,
    /// Ollama chat.
    OllamaChat,
    /// Embeddings: vectors, no conversation.
    Embeddings,
}

impl Provider {
    /// The name in rows, logs and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// The dialect that every model of a stand-in server of this provider understands.
    #[must_use]
    pub fn plain_api(self) -> Api {
        match self {
            Self::OpenAi => Api::ChatCompletions,
            Self::Anthropic => Api::Messages,
            Self::Ollama => Api::OllamaChat,
        }
    }

    /// The dialect of a model of which only the name is known. OpenAI's families from gpt-5 on, and its reasoning
    /// models, want Responses; everything else behind its address, other vendors' models included, Chat Completions.
    #[must_use]
    pub fn api_of(self, model: &str) -> Api {
        if self != Self::OpenAi {
            return self.plain_api();
        }
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let generation = model.strip_prefix("gpt-").and_then(|rest| digits(rest).parse::<u32>().ok());
        let reasoning = model.strip_prefix('o').is_some_and(|rest| !digits(rest).is_empty());
        if reasoning || generation.is_some_and(|generation| generation >= 5) {
            Api::Responses
        } else {
            Api::ChatCompletions
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Api {
    /// The name in the model table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::OllamaChat => "ollama_chat",
            Self::Embeddings => "embeddings",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_openai_model_gets_its_dialect_from_its_family() {
        for (model, api) in [
            ("gpt-4o-2024-11-20", Api::ChatCompletions),
            ("gpt-4.1", Api::ChatCompletions),
            ("gpt-5", Api::Responses),
            ("gpt-6-luna-2", Api::Responses),
            ("gpt-12", Api::Responses),
            ("o4-mini", Api::Responses),
            ("gpt-oss-20b", Api::ChatCompletions),
            ("orca-mini", Api::ChatCompletions),
            ("mistral-small", Api::ChatCompletions),
        ] {
            assert_eq!(Provider::OpenAi.api_of(model), api, "{model}");
        }
        assert_eq!(Provider::Anthropic.api_of("gpt-5"), Api::Messages);
    }
}
